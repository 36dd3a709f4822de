"""Styles, scripts and pages on the wire: small, and asked for once."""

import re

import pytest
from django.contrib.staticfiles.storage import staticfiles_storage
from django.test import Client
from django.urls import reverse

from fetchhive import static_files

GZIP = {"accept-encoding": "gzip, deflate, br"}


@pytest.fixture
def collected(settings, tmp_path):
    """As `manage.py start` leaves them; the storage of the tests stays as it is."""
    settings.STATIC_ROOT = tmp_path / "static"
    settings.STATIC_ROOT.mkdir()
    settings.STORAGES = settings.STORAGES | {}  # storages are made anew, here and after
    static_files.collect()


def test_a_browser_asks_for_a_style_only_once_and_gets_it_compressed(collected):
    address = staticfiles_storage.url("editor.css")
    assert re.fullmatch(r"/static/editor\.[0-9a-f]{12}\.css", address)
    answer = Client(headers=GZIP).get(address)
    assert b"".join(answer.streaming_content)
    assert answer["Cache-Control"] == "max-age=315360000, public, immutable"
    assert answer["Content-Encoding"] == "gzip"


def test_scripts_import_one_another_under_their_new_names(collected, settings):
    imported = r'from "\./(\w+\.[0-9a-f]{12}\.js)"'
    hashed = list((settings.STATIC_ROOT / "js").glob("*.????????????.js"))
    found = [name for path in hashed for name in re.findall(imported, path.read_text())]
    assert found
    assert set(found) <= {path.name for path in hashed}
    plain = r'^import [^"]*"\./\w+\.js"'
    assert not [path for path in hashed if re.search(plain, path.read_text(), re.MULTILINE)]


def test_before_anybody_has_collected_them_they_have_their_plain_names():
    assert staticfiles_storage.url("editor.css") == "/static/editor.css"


def test_pages_are_compressed_and_images_are_not(page, finished_run, address_of):
    answer = page.get(address_of(finished_run.step, "step-settings"), headers=GZIP)
    assert answer["Content-Encoding"] == "gzip"
    assert len(answer.content) < 20_000
    asset = finished_run.assets.get()
    for path in (asset.path, reverse("imagegen:thumbnail", args=[asset.token])):
        image = page.get(path, headers=GZIP)
        assert "Content-Encoding" not in image
        assert b"".join(image.streaming_content)
