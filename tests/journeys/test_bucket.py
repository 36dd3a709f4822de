"""Images in a bucket, as a browser sees them under the policy of our pages."""

import pytest

from tests import buckets
from tests.journeys.conftest import Hive, own_services, running


@pytest.fixture(scope="module")
def s3_server(tmp_path_factory):
    with buckets.running(tmp_path_factory.mktemp("s3")) as server:
        yield server


@pytest.fixture(scope="module")
def hive(tmp_path_factory, s3_server):
    """One whose files lie in a bucket; browsers reach it by another name than we do."""
    with buckets.bucket_of(s3_server) as bucket:
        environment = own_services() | s3_server.environment(bucket)
        environment["S3_PUBLIC_URL"] = s3_server.url.replace("127.0.0.1", "localhost")
        with running(Hive(tmp_path_factory.mktemp("hive") / "data", environment)) as hive:
            yield hive


@pytest.fixture(scope="module")
def cookies(browser, hive):
    context = browser.new_context()
    context.new_page().goto(hive.sign_in_address())
    state = context.storage_state()
    context.close()
    return state


IS_DRAWN = "image => image.complete && image.naturalWidth > 0"


def test_gallery_lightbox_library_and_download_show_what_lies_in_the_bucket(new_workflow, hive):
    tab = new_workflow
    led = []
    tab.on("response", lambda answer: led.append(answer.url) if "X-Amz-" in answer.url else None)
    tab.get_by_label("Prompt", exact=True).fill("A bottle in a bucket")
    tab.locator("#run-button").click()
    thumbnail = tab.locator("#gallery img").first
    thumbnail.wait_for()
    tab.wait_for_function(IS_DRAWN, arg=thumbnail.element_handle())
    assert led == []  # thumbnails come from us
    tab.locator(".gallery-open").first.click()
    image = tab.locator("dialog[open] img").first
    image.wait_for()
    tab.wait_for_function(IS_DRAWN, arg=image.element_handle())
    assert [address for address in led if address.startswith("http://localhost")]
    with tab.expect_download() as download:
        tab.locator("dialog[open] a[download]").first.click()
    assert download.value.suggested_filename.endswith("-r1-1.png")
    tab.goto(f"{hive.url}/w/my-workspace/library")
    tab.locator("main a:has(img)").first.click()
    image = tab.locator("main img").first
    tab.wait_for_function(IS_DRAWN, arg=image.element_handle())
    assert not (hive.data / "files").exists()
