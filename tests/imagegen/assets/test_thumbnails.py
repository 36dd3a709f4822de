"""Galleries and cards show small pictures, made once, when an image is stored."""

import io

import pytest
from PIL import Image

from imagegen.assets import store
from imagegen.assets.images import thumbnail
from imagegen.assets.trash import delete
from imagegen.models import Asset


@pytest.fixture
def asset(finished_run):
    return finished_run.assets.get()


def body_of(response):
    return b"".join(response.streaming_content)


def test_a_thumbnail_is_a_small_webp_of_the_same_shape(asset, client):
    response = client.get(asset.thumbnail_path)
    assert response["Content-Type"] == "image/webp"
    body = body_of(response)
    assert Image.open(io.BytesIO(body)).size == (640, 640)
    assert len(body) < asset.file_size


def test_it_may_be_kept_for_ever_and_needs_no_cookie(asset, client):
    response = client.get(asset.thumbnail_path)
    assert response["Cache-Control"] == "private, max-age=31536000, immutable"
    assert response["X-Content-Type-Options"] == "nosniff"
    assert response["Content-Security-Policy"] == "default-src 'none'; sandbox"
    assert "Set-Cookie" not in response
    assert response.getvalue()


def test_an_image_without_one_is_shown_itself(asset, client):
    Asset.objects.update(thumbnail_key="")
    assert client.get(asset.thumbnail_path)["Location"] == asset.path


def test_a_thumbnail_that_is_lost_is_replaced_by_the_image(asset, client, settings):
    (settings.FILES / asset.thumbnail_key).unlink()
    assert client.get(asset.thumbnail_path)["Location"] == asset.path


def test_where_its_image_was_deleted_the_thumbnail_is_a_sign_of_that(asset, client):
    delete(asset.workspace_id, [asset.pk])
    answer = client.get(asset.thumbnail_path)
    assert answer["Location"].endswith("/deleted-image.svg")
    assert answer["Cache-Control"] == "no-store"


@pytest.mark.parametrize("token", ["0" * 32, "..%2f..%2fsecret-key", "x"])
def test_a_wrong_token_finds_nothing(token, asset, client):
    assert client.get(f"/files/{token}/thumbnail").status_code == 404


def test_a_paid_image_is_kept_although_no_thumbnail_could_be_made(
    image_step, press_run, let_the_hive_work, monkeypatch
):
    def broken(path):
        raise OSError("no space left on the device")

    monkeypatch.setattr(store, "thumbnail", broken)
    press_run(image_step)
    let_the_hive_work()
    assert image_step.runs.get().status == "succeeded"
    assert Asset.objects.get().thumbnail_key == ""


@pytest.mark.parametrize("mode", ["RGB", "RGBA", "L", "LA", "P", "1", "I;16", "CMYK"])
def test_every_kind_of_image_has_one(mode, tmp_path):
    image_format = "JPEG" if mode == "CMYK" else "PNG"
    Image.new(mode, (900, 300)).save(tmp_path / "image", image_format)
    small = Image.open(io.BytesIO(thumbnail(tmp_path / "image")))
    assert (small.format, small.size) == ("WEBP", (640, 213))


def test_transparency_shows_in_the_thumbnail(tmp_path):
    Image.new("RGBA", (800, 800), (0, 0, 0, 0)).save(tmp_path / "image", "PNG")
    small = Image.open(io.BytesIO(thumbnail(tmp_path / "image")))
    assert small.convert("RGBA").getpixel((0, 0))[3] == 0


def test_gallery_cards_and_picker_show_thumbnails_and_the_lightbox_the_image(
    asset, page, address_of
):
    html = page.get(address_of(asset.step_run.step, "step-output")).text
    assert f'<img src="{asset.path}"' not in html
    assert html.count(f'src="{asset.thumbnail_path}"') >= 3
    assert f'data-src="{asset.path}"' in html
