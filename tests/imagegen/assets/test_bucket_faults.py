"""A bucket that does not do what it should: nothing is believed to be stored that is not."""

import io
import os

import pytest
from PIL import Image

from imagegen.assets import store, thumbnails
from imagegen.assets.bucket import Unreachable
from imagegen.assets.files import stored_files
from imagegen.attempts.prune import prune
from imagegen.models import Asset, Part


@pytest.fixture(scope="module")
def picture():
    file = io.BytesIO()
    Image.effect_noise((500, 500), 100).save(file, "PNG")
    return file.getvalue()


@pytest.fixture
def part(parts_of):
    """Its answer has arrived and is being saved."""
    (part,) = parts_of(1)
    Part.objects.update(state=Part.State.RECEIVED)
    part.refresh_from_db()
    return part


FAULTS = ["error", "busy", "reset", "slow", "skewed_clock", "wrong_etag"]


@pytest.mark.parametrize("fault", FAULTS)
def test_an_image_that_could_not_be_stored_is_no_asset_and_its_next_try_is(
    fault, faulty_s3, part, picture, settings
):
    faulty_s3.faults = [fault]
    with pytest.raises(store.NotStored) as failed:
        store.keep(part, 0, [picture])
    assert "test-secret" not in str(failed.value)
    assert not Asset.objects.exists()
    assert list(settings.SPOOL.iterdir()) == []
    asset = store.keep(part, 0, [picture])
    with stored_files.open(asset.key) as file:
        assert file.read() == picture


@pytest.mark.parametrize("fault", ["busy", "reset"])
def test_what_passes_by_itself_is_tried_again_at_once(
    fault, faulty_s3, part, picture, keep_files_in, s3_server, bucket
):
    keep_files_in(s3_server, bucket, endpoint_url=faulty_s3.url, attempts=2)
    faulty_s3.faults = [fault]
    assert store.keep(part, 0, [picture]).file_size == len(picture)


def test_an_image_that_was_stored_although_the_answer_was_lost_counts_as_stored(
    faulty_s3, part, picture, keep_files_in, s3_server, bucket
):
    """A server that heeds create-only names says of our second try that the name is taken."""
    keep_files_in(s3_server, bucket, endpoint_url=faulty_s3.url, attempts=2)
    faulty_s3.faults = ["lost_answer", "taken"]
    asset = store.keep(part, 0, [picture])
    assert stored_files.size(asset.key) == len(picture)


def test_a_name_that_somebody_else_has_taken_is_not_overwritten(faulty_s3, part, picture):
    """Nothing of ours is there, and the server says that the name is taken."""
    faulty_s3.faults = ["taken"]
    with pytest.raises(store.NotStored):
        store.keep(part, 0, [picture])


def test_a_thumbnail_that_could_not_be_stored_is_shown_all_the_same(faulty_s3, part, picture):
    asset = store.keep(part, 0, [picture])
    faulty_s3.faults = ["busy"]
    assert thumbnails.opened(asset).read()[:4] == b"RIFF"
    asset.refresh_from_db()
    assert asset.thumbnail_key == ""


def test_an_upload_is_streamed_and_told_to_create_only(faulty_s3, part, picture):
    store.keep(part, 0, [picture])
    put = next(headers for method, headers in faulty_s3.seen if method == "PUT")
    assert put["If-None-Match"] == "*"
    assert put["Content-MD5"]
    assert put["Content-Type"] == "image/png"
    assert put["Content-Length"] == str(len(picture))
    assert "AWS4-HMAC-SHA256" in put["Authorization"]
    assert "x-amz-acl" not in put  # private, as everything is that nobody opens


@pytest.mark.parametrize("wrong", [{"secret_key": "another-secret"}, {"bucket_name": "nowhere"}])
def test_a_bucket_that_refuses_us_is_an_error_and_no_missing_file(
    wrong, s3_server, bucket, keep_files_in
):
    keep_files_in(s3_server, bucket, **wrong)
    with pytest.raises(Unreachable):
        stored_files.open("abc/one.png")
    with pytest.raises(Unreachable):
        list(stored_files.names())


@pytest.mark.cooked_books
def test_while_the_bucket_is_away_pages_say_so_and_nothing_is_called_lost(
    finished_run, client, page, address_of, s3_server, bucket, keep_files_in, caplog
):
    asset = finished_run.assets.get()
    keep_files_in(s3_server, bucket, endpoint_url="http://127.0.0.1:1")
    archive = address_of(finished_run.step, "show-step-run", 1) + "/images.zip"
    for address in (asset.path, asset.thumbnail_path, archive):
        answer = page.get(address)
        assert answer.status_code == 503
        assert "try again in a minute" in answer.text
    assert "integrity" not in caplog.text


def test_a_full_disk_is_told_like_a_bucket_that_is_away(part, picture, settings):
    settings.FILES.write_text("not a folder")
    with pytest.raises(store.NotStored):
        store.keep(part, 0, [picture])


def test_what_a_killed_worker_left_half_decoded_is_thrown_away_after_a_day(
    on_s3, part, picture, settings
):
    arriving = []

    def pieces():
        arriving.extend(settings.SPOOL.iterdir())
        yield picture

    store.keep(part, 0, pieces())
    (left,) = arriving
    left.write_bytes(picture[:100])
    assert prune() == 0
    os.utime(left, (0, 0))
    assert prune() == 1
