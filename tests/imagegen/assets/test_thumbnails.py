"""Galleries and cards show small pictures, made once, when one is first asked for."""

import io
import threading

import pytest
from django.core.files.storage import default_storage
from django.db import connection
from django.test import Client
from PIL import Image

from imagegen.assets import thumbnails
from imagegen.assets.images import thumbnail
from imagegen.assets.trash import delete


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


def test_it_is_made_once(asset, client, monkeypatch):
    assert asset.thumbnail_key == ""
    first = client.get(asset.thumbnail_path).getvalue()
    monkeypatch.setattr(thumbnails, "thumbnail", None)
    assert client.get(asset.thumbnail_path).getvalue() == first
    asset.refresh_from_db()
    assert asset.thumbnail_key == f"{asset.key}.thumbnail.webp"


@pytest.mark.django_db(transaction=True)
def test_asked_for_by_many_at_once_one_is_kept(asset, settings):
    together = threading.Barrier(6)

    def ask():
        together.wait()
        Client().get(asset.thumbnail_path).getvalue()
        connection.close()

    askers = [threading.Thread(target=ask) for _ in range(6)]
    for asker in askers:
        asker.start()
    for asker in askers:
        asker.join()
    asset.refresh_from_db()
    kept = list(settings.FILES.rglob("*.webp"))
    assert [str(path.relative_to(settings.FILES)) for path in kept] == [asset.thumbnail_key]


def test_where_it_cannot_be_kept_it_is_shown_all_the_same(asset, client, monkeypatch):
    def full(*_):
        raise OSError("no space left on the device")

    monkeypatch.setattr(default_storage._wrapped.__class__, "save", full)
    assert client.get(asset.thumbnail_path).getvalue()[:4] == b"RIFF"


@pytest.mark.cooked_books
def test_an_image_that_is_damaged_on_the_disk_is_shown_as_it_is(asset, client, settings):
    (settings.FILES / asset.key).write_bytes(b"not an image")
    assert client.get(asset.thumbnail_path)["Location"] == asset.path


def test_a_thumbnail_that_is_lost_is_replaced_by_the_image(asset, client, settings):
    client.get(asset.thumbnail_path).getvalue()
    asset.refresh_from_db()
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


def small_of(path):
    with path.open("rb") as file:
        return thumbnail(file)


@pytest.mark.parametrize("mode", ["RGB", "RGBA", "L", "LA", "P", "1", "I;16", "CMYK"])
def test_every_kind_of_image_has_one(mode, tmp_path):
    image_format = "JPEG" if mode == "CMYK" else "PNG"
    Image.new(mode, (900, 300)).save(tmp_path / "image", image_format)
    small = Image.open(io.BytesIO(small_of(tmp_path / "image")))
    assert (small.format, small.size) == ("WEBP", (640, 213))


def test_transparency_shows_in_the_thumbnail(tmp_path):
    Image.new("RGBA", (800, 800), (0, 0, 0, 0)).save(tmp_path / "image", "PNG")
    small = Image.open(io.BytesIO(small_of(tmp_path / "image")))
    assert small.convert("RGBA").getpixel((0, 0))[3] == 0


def test_gallery_cards_and_picker_show_thumbnails_and_the_lightbox_the_image(
    asset, page, address_of
):
    html = page.get(address_of(asset.step_run.step, "step-output")).text
    assert f'<img src="{asset.path}"' not in html
    assert html.count(f'src="{asset.thumbnail_path}"') >= 3
    assert f'data-src="{asset.path}"' in html
