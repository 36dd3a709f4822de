"""The life of stored files in a bucket: on a server that checks signatures."""

import hashlib
import io
import json
from datetime import timedelta
from urllib.parse import parse_qs, urlsplit
from zipfile import ZipFile

import httpx
import pytest
from django.core.files.base import ContentFile
from django.core.management import call_command
from django.utils.timezone import now

from imagegen.assets import trash
from imagegen.assets.files import stored_files
from imagegen.assets.orphans import Found, clear_away, empty_quarantine, scan
from imagegen.models import Asset

pytestmark = pytest.mark.usefixtures("on_s3")


@pytest.fixture
def asset(on_s3, finished_run, looked_at):
    return looked_at(finished_run.assets.get())


@pytest.fixture
def three_images(on_s3, run_of):
    return run_of("gpt-image-2", image_count=3)


def link_to(client, address):
    """Where our address leads, for whoever has no cookie."""
    answer = client.get(address)
    assert (answer.status_code, answer["Cache-Control"]) == (302, "no-store")
    return answer["Location"]


def fetched(link):
    return httpx.get(link, trust_env=False)


def searched():
    found = Found()
    for _ in scan(found):
        pass
    return found


def test_an_image_and_its_thumbnail_are_the_only_objects_and_nothing_is_left_on_the_disk(
    asset, on_s3, settings
):
    assert on_s3() == sorted([asset.key, asset.thumbnail_key])
    assert not settings.FILES.exists()
    assert [path.suffix for path in settings.SPOOL.iterdir()] == [".spool"]


def test_our_address_leads_to_a_link_that_opens_without_a_cookie_for_five_minutes(asset, client):
    link = link_to(client, asset.path)
    assert parse_qs(urlsplit(link).query)["X-Amz-Expires"] == ["300"]
    assert parse_qs(urlsplit(link).query)["X-Amz-Algorithm"] == ["AWS4-HMAC-SHA256"]
    answer = fetched(link)
    assert (answer.status_code, answer.headers["Content-Type"]) == (200, "image/jpeg")
    assert answer.headers["Content-Disposition"] == 'inline; filename="hero-image-r1-1.jpeg"'
    assert hashlib.sha256(answer.content).hexdigest() == asset.sha256


def test_download_saves_under_the_file_name(asset, client):
    answer = fetched(link_to(client, f"{asset.path}?download"))
    assert answer.headers["Content-Disposition"] == 'attachment; filename="hero-image-r1-1.jpeg"'


def test_a_link_with_another_signature_or_another_object_and_none_at_all_is_refused(asset, client):
    link = link_to(client, asset.path)
    assert fetched(link[:-1] + ("0" if link[-1] != "0" else "1")).status_code == 403
    assert fetched(link.replace(asset.key, asset.thumbnail_key)).status_code == 403
    assert fetched(link.partition("?")[0]).status_code in (400, 403)


def test_a_link_that_was_signed_six_minutes_ago_is_refused(asset, client, time_machine):
    time_machine.move_to(now() - timedelta(seconds=360))
    link = link_to(client, asset.path)
    time_machine.move_to(now() + timedelta(seconds=360))
    assert fetched(link).status_code in (400, 403)


def test_links_are_signed_for_the_address_that_browsers_reach(
    asset, client, keep_files_in, s3_server, bucket
):
    keep_files_in(s3_server, bucket, public_url="https://images.example")
    link = urlsplit(link_to(client, asset.path))
    assert (link.netloc, link.path) == ("images.example", f"/{bucket}/{asset.key}")
    options = {"public_url": "https://images.example", "addressing_style": "virtual"}
    keep_files_in(s3_server, bucket, **options)
    link = urlsplit(link_to(client, asset.path))
    assert (link.netloc, link.path) == (f"{bucket}.images.example", f"/{asset.key}")


def test_head_is_answered_by_us_because_the_link_is_signed_for_get(asset, client):
    answer = client.head(asset.path)
    assert (answer.status_code, answer["Content-Type"]) == (200, "image/jpeg")
    assert answer["Content-Length"] == str(asset.file_size)


def test_a_thumbnail_comes_through_us_so_that_browsers_may_keep_it(asset, client):
    answer = client.get(asset.thumbnail_path)
    assert (answer.status_code, answer["Content-Type"]) == (200, "image/webp")
    assert answer["Cache-Control"] == "private, max-age=31536000, immutable"
    assert answer.getvalue()[:4] == b"RIFF"


def test_what_is_deleted_answers_410_and_its_objects_go_with_the_trash(
    asset, client, on_s3, settings
):
    trash.delete(asset.workspace_id, [asset.pk])
    assert client.get(asset.path).status_code == 410
    assert len(on_s3()) == 2
    assert trash.restore(asset.workspace_id, Asset.objects.all()) == 1
    assert fetched(link_to(client, asset.path)).status_code == 200
    trash.delete(asset.workspace_id, [asset.pk])
    Asset.objects.update(deleted_at=now() - timedelta(days=settings.TRASH_DAYS + 1))
    assert trash.purge() == 1
    assert on_s3() == []
    assert client.get(asset.path).status_code == 410


@pytest.mark.cooked_books
def test_the_trash_shows_its_thumbnails_to_members(asset, page):
    trash.delete(asset.workspace_id, [asset.pk])
    address = f"/w/acme-shop/library/{asset.pk}/thumbnail"
    assert page.get(address).getvalue()[:4] == b"RIFF"
    Asset.objects.update(thumbnail_key="")
    stored_files.delete(asset.key)
    assert page.get(address).status_code == 404


@pytest.mark.cooked_books
def test_a_missing_object_is_said_by_us_with_an_id_for_support_and_logged(
    asset, client, on_s3, caplog
):
    stored_files.delete(asset.key)
    answer = client.get(asset.path)
    assert answer.status_code == 404
    assert "File missing" in answer.text
    assert str(asset.pk) in answer.text
    assert f"integrity: the file {asset.key} of asset {asset.pk} is missing" in caplog.text
    stored_files.delete(asset.thumbnail_key)
    assert client.get(asset.thumbnail_path)["Location"] == asset.path


def archive_of(page, address_of, step_run):
    address = address_of(step_run.step, "show-step-run", step_run.run.number)
    return ZipFile(io.BytesIO(page.get(f"{address}/images.zip").getvalue()))


@pytest.mark.cooked_books
def test_download_all_holds_what_is_in_the_bucket_and_names_what_is_lost(
    three_images, page, address_of
):
    first, *others = three_images.assets.all()
    archive = archive_of(page, address_of, three_images)
    assert hashlib.sha256(archive.read(first.file_name)).hexdigest() == first.sha256
    stored_files.delete(first.key)
    archive = archive_of(page, address_of, three_images)
    assert json.loads(archive.read("manifest.json"))["missing"] == [first.file_name]
    assert all(other.file_name in archive.namelist() for other in others)


def test_a_name_is_given_once(on_s3):
    taken = stored_files.save("abc/one.png", ContentFile(b"first"))
    other = stored_files.save("abc/one.png", ContentFile(b"second"))
    assert (taken, taken == other) == ("abc/one.png", False)
    with stored_files.open(taken) as file:
        assert file.read() == b"first"


def test_an_object_without_a_row_goes_to_quarantine_and_later_for_good(asset, on_s3, settings):
    settings.ORPHAN_GRACE_SECONDS = 3600
    stored_files.save("abc/2026/01/lost.png", ContentFile(b"bytes"))
    assert searched().orphans == []  # it is young: its row may come
    settings.ORPHAN_GRACE_SECONDS = settings.QUARANTINE_DAYS = -1
    found = searched()
    assert (found.files, found.orphans) == (3, ["abc/2026/01/lost.png"])
    settings.QUARANTINE_DAYS = 1
    assert clear_away(found) == ["abc/2026/01/lost.png"]
    assert "quarantine/abc/2026/01/lost.png" in on_s3()
    assert (searched().orphans, empty_quarantine()) == ([], 0)
    settings.QUARANTINE_DAYS = -1
    assert empty_quarantine() == 1
    assert on_s3() == sorted([asset.key, asset.thumbnail_key])


def test_so_many_orphans_that_it_cannot_be_true_are_only_reported(db, on_s3, settings):
    settings.ORPHAN_GRACE_SECONDS = -1
    for number in range(51):
        stored_files.save(f"abc/{number}.png", ContentFile(b"bytes"))
    found = searched()
    assert found.is_mass
    assert clear_away(found) == []
    assert len(on_s3()) == 51


def test_the_listing_is_read_page_by_page(on_s3, monkeypatch):
    for number in range(5):
        stored_files.save(f"abc/{number}.png", ContentFile(b"bytes"))
    pages = []
    client = stored_files.client
    paginator = client.get_paginator("list_objects_v2")
    real = paginator.paginate

    def paginate(**asked):
        for page in real(**asked, PaginationConfig={"PageSize": 2}):
            pages.append(len(page["Contents"]))
            yield page

    monkeypatch.setattr(client, "get_paginator", lambda name: paginator)
    monkeypatch.setattr(paginator, "paginate", paginate)
    names = stored_files.names()
    next(names)
    assert pages == [2]
    assert len(list(names)) == 4


@pytest.mark.cooked_books
def test_rows_without_their_object_or_with_other_bytes_are_told_by_the_books(three_images):
    lost, short, other = three_images.assets.all()
    for asset in (lost, short, other):
        stored_files.delete(asset.key)
    stored_files.save(short.key, ContentFile(b"short"))
    stored_files.save(other.key, ContentFile(b"x" * other.file_size))
    said = io.StringIO()
    with pytest.raises(SystemExit):
        call_command("find_orphans", stdout=said)
    assert f"its file {lost.key} is missing" in said.getvalue()
    assert f"{short.key} has 5 bytes" in said.getvalue()
    said = io.StringIO()
    with pytest.raises(Exception, match="wrong in 3 places"):
        call_command("check_books", stdout=said)
    assert "other SHA-256" in said.getvalue()
