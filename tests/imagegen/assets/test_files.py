import hashlib

import pytest
from django.urls import reverse

from imagegen.assets.trash import delete


@pytest.fixture
def asset(finished_run):
    return finished_run.assets.get()


def test_an_address_needs_no_cookie_and_carries_headers_of_ours(asset, client):
    response = client.get(asset.path)
    assert response.status_code == 200
    assert response["Content-Type"] == "image/jpeg"
    assert response["X-Content-Type-Options"] == "nosniff"
    assert response["Content-Security-Policy"] == "default-src 'none'; sandbox"
    assert response["Cache-Control"] == "private, no-cache"
    assert response["Content-Disposition"] == 'inline; filename="hero-image-r1-1.jpeg"'
    assert "Set-Cookie" not in response
    body = b"".join(response.streaming_content)
    assert hashlib.sha256(body).hexdigest() == asset.sha256


def test_head_answers_like_get_without_the_bytes(asset, client):
    response = client.head(asset.path)
    assert response.status_code == 200
    assert response["Content-Length"] == str(asset.file_size)
    assert response.content == b""


def test_whoever_has_it_already_hears_that_it_is_unchanged_until_it_is_deleted(asset, client):
    had = {"If-None-Match": f'"{asset.sha256}"'}
    unchanged = client.get(asset.path, headers=had)
    assert (unchanged.status_code, unchanged.content) == (304, b"")
    delete(asset.workspace_id, [asset.pk])
    assert client.get(asset.path, headers=had).status_code == 410


def test_download_saves_under_the_file_name(asset, client):
    response = client.get(asset.path + "?download")
    assert response["Content-Disposition"] == 'attachment; filename="hero-image-r1-1.jpeg"'
    assert response.getvalue()


def test_after_deletion_the_address_says_that_it_is_gone(asset, client):
    delete(asset.workspace_id, [asset.pk])
    response = client.get(asset.path)
    assert response.status_code == 410
    assert "deleted" in response.text


@pytest.mark.parametrize(
    "path",
    [
        "/files/{token}/other.jpeg",
        "/files/{token}/..%2fsecret-key",
        "/files/00000000000000000000000000000000/hero-image-r1-1.jpeg",
        "/files/..%2f..%2f/hero-image-r1-1.jpeg",
        "/files/{token}0/hero-image-r1-1.jpeg",
    ],
)
def test_a_wrong_address_finds_nothing(path, asset, client):
    address = path.format(token=asset.token)
    assert client.get(address).status_code == 404


def test_an_address_follows_the_site(asset, settings):
    settings.SITE_URL = "https://hive.example"
    assert asset.file_url == f"https://hive.example/files/{asset.token}/hero-image-r1-1.jpeg"


@pytest.mark.cooked_books
def test_a_missing_file_is_said_with_an_id_for_support(asset, client, settings):
    (settings.FILES / asset.key).unlink()
    response = client.get(asset.path)
    assert response.status_code == 404
    assert str(asset.pk) in response.text


def test_the_token_has_128_random_bits(asset):
    assert len(bytes.fromhex(asset.token)) == 16


def test_the_paths_of_a_file_are_those_of_its_views(asset):
    assert asset.path == reverse("imagegen:file", args=[asset.token, asset.file_name])
    assert asset.thumbnail_path == reverse("imagegen:thumbnail", args=[asset.token])
