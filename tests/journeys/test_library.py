"""The library in a real browser, and a plan that is full."""

import urllib.error
import urllib.request

import pytest
from playwright.sync_api import expect

from tests.journeys.conftest import Hive, opened, own_services, running
from tests.journeys.test_every_page import assert_everybody_can_use
from tests.journeys.test_main_job import add_step, images, press_run, write

pytestmark = [pytest.mark.browser, pytest.mark.page]


@pytest.fixture
def small_hive(tmp_path):
    """Its plan is full after the first image: one byte below still runs."""
    environment = own_services() | {"OPENING_STORAGE_BYTES": "1000"}
    with running(Hive(tmp_path / "data", environment)) as hive:
        yield hive


def run(tab, prompt, count=1):
    """Until its images are there."""
    tab.locator("#id_image_count").fill(str(count))
    write(tab, prompt)
    press_run(tab)
    expect(images(tab)).to_have_count(count, timeout=20_000)
    expect(tab.locator("#run")).to_contain_text("Succeeded", timeout=20_000)


def go_to_library(tab):
    tab.get_by_role("link", name="Library", exact=True).first.click()
    expect(tab.get_by_role("heading", name="Library", exact=True)).to_be_visible()
    tab.wait_for_load_state("load")  # the field is there before the scripts are


def cards(tab):
    return tab.locator(".asset-card")


def search(tab, words):
    tab.get_by_label("Search name, prompt, workflow and model").fill(words)
    expect(tab.locator("#announcer")).to_contain_text("shown")


def status_of(address):
    try:
        with urllib.request.urlopen(address) as answer:
            return answer.status
    except urllib.error.HTTPError as refused:
        return refused.code


def test_a_full_storage_refuses_and_after_a_delete_the_run_goes(browser, small_hive, words):
    context = browser.new_context()
    tab = context.new_page()
    tab.set_default_timeout(15_000)
    tab.goto(small_hive.sign_in_address())
    tab.get_by_role("link", name="Product hero images", exact=True).click()
    opened(tab)
    run(tab, f"First {words}")
    tab.get_by_role("tab", name="Settings").click()
    expect(tab.locator("#left")).to_contain_text("Over the limit by")
    write(tab, f"Second {words}")
    tab.keyboard.press("Control+Enter")
    expect(tab.locator("#step-state")).to_contain_text("Not started · $0")
    expect(tab.locator("#run")).to_contain_text("The storage of this workspace is full")
    expect(tab.locator("#run")).to_contain_text("used and 0.0 MB reserved of 0.0 MB")
    assert len(small_hive.requests_for(f"Second {words}")) == 0
    editor = tab.url
    tab.get_by_role("link", name="Free space in the library").click()
    expect(tab.get_by_label("Sort")).to_have_value("size")
    expect(tab.locator("#storage")).to_contain_text("over the limit by")
    assert_everybody_can_use(tab)
    tab.get_by_role("checkbox", name="Choose").check()
    tab.get_by_role("button", name="Delete").click()
    expect(tab.locator("main")).to_contain_text("Banner from hero (step_2)")
    tab.get_by_role("button", name="Delete 1 image").click()
    expect(tab.locator("#storage")).to_contain_text("0 bytes used")
    tab.goto(editor)
    press_run(tab)
    expect(images(tab)).to_have_count(1, timeout=20_000)
    assert len(small_hive.requests_for(f"Second {words}")) == 1
    context.close()


def test_choosing_deleting_and_undoing_without_a_mouse(new_workflow, words):
    tab = new_workflow
    run(tab, f"Without a mouse {words}", count=3)
    address = tab.locator("#gallery [data-copy^=http]").first.get_attribute("data-copy")
    go_to_library(tab)
    search(tab, words)
    expect(cards(tab)).to_have_count(3)
    expect(tab.get_by_role("button", name="Delete")).to_be_disabled()
    tab.get_by_label("Select all on this page").focus()
    tab.keyboard.press("Space")
    expect(tab.locator("#announcer")).to_have_text("3 of 3 chosen")
    tab.get_by_role("checkbox", name="Choose").first.focus()
    tab.keyboard.press("Space")
    expect(tab.locator("#announcer")).to_have_text("2 of 3 chosen")
    tab.get_by_role("button", name="Delete").focus()
    tab.keyboard.press("Enter")
    expect(tab.get_by_role("status").filter(has_text="Deleted 2 images.")).to_be_visible()
    expect(cards(tab)).to_have_count(1)
    assert words.split()[-1] in tab.url  # the search stays
    assert status_of(address) == 410
    tab.get_by_role("button", name="Undo").focus()
    tab.keyboard.press("Enter")
    expect(tab.get_by_role("status").filter(has_text="Restored 2 images.")).to_be_visible()
    assert status_of(address) == 200


def test_what_refers_to_an_image_is_named_before_it_is_deleted(new_workflow, words):
    tab = new_workflow
    run(tab, f"In use {words}")
    tab.get_by_role("tab", name="Settings").click()
    add_step(tab)
    write(tab, "Like {{step_1.output.assets.0.file_url}}")
    expect(tab.locator("[data-saved]")).to_have_text("Saved")
    go_to_library(tab)
    search(tab, words)
    tab.locator(".asset-open").click()
    used = tab.get_by_role("region", name="What refers to it")
    expect(used).to_contain_text("(step_2)")
    assert_everybody_can_use(tab)
    tab.get_by_role("button", name="Delete").click()
    expect(tab.get_by_role("heading", name="Delete 1 image?")).to_be_visible()
    expect(tab.locator("main")).to_contain_text("{{step_1.output.assets.0.file_url}}")
    assert_everybody_can_use(tab)
    tab.get_by_role("button", name="Delete 1 image").click()
    expect(tab.get_by_role("status").filter(has_text="Deleted 1 image.")).to_be_visible()
    tab.get_by_role("link", name="Trash").click()
    assert_everybody_can_use(tab)
    tab.locator(".asset-open", has_text="r1-1").first.click()
    tab.get_by_role("button", name="Restore the image").click()
    expect(tab.get_by_role("status").filter(has_text="Restored 1 image.")).to_be_visible()
    expect(tab.locator(".asset-figure img")).to_have_js_property("complete", True)


def test_an_archive_of_what_was_chosen_with_shift(new_workflow, words):
    tab = new_workflow
    run(tab, f"To take along {words}", count=4)
    go_to_library(tab)
    search(tab, words)
    expect(cards(tab)).to_have_count(4)
    boxes = tab.get_by_role("checkbox", name="Choose")
    boxes.nth(0).click()
    boxes.nth(2).click(modifiers=["Shift"])
    expect(tab.locator("#announcer")).to_have_text("3 of 4 chosen")
    with tab.expect_download() as download:
        tab.get_by_role("button", name="Download").click()
    assert download.value.suggested_filename.endswith("-images.zip")
    expect(boxes.nth(2)).to_be_checked()


def test_without_scripts_everything_can_be_done(browser, cookies, hive, new_workflow, words):
    run(new_workflow, f"Plain {words}", count=2)
    context = browser.new_context(storage_state=cookies, java_script_enabled=False)
    tab = context.new_page()
    tab.goto(hive.url)
    go_to_library(tab)
    tab.get_by_label("Search name, prompt, workflow and model").fill(words)
    tab.get_by_role("button", name="Search").click()
    expect(cards(tab)).to_have_count(2)
    tab.get_by_role("button", name="Delete").click()
    expect(tab.get_by_text("Choose images first")).to_be_visible()
    tab.get_by_role("checkbox", name="Choose").first.check()
    tab.get_by_role("button", name="Delete").click()
    expect(cards(tab)).to_have_count(1)
    tab.get_by_role("button", name="Undo").click()
    expect(tab.get_by_text("Restored 1 image.")).to_be_visible()
    context.close()
