"""The list of workflows in the browser: without a mouse, and in each of its states."""

import json

import pytest
from playwright.sync_api import expect

from tests.journeys.test_every_page import assert_everybody_can_use

pytestmark = [pytest.mark.browser, pytest.mark.page]


@pytest.fixture
def list_of_one(new_workflow, hive, words):
    """The list, open at a search that finds one workflow; it was renamed in its editor."""
    tab = new_workflow
    name = tab.get_by_label("Name of the workflow")
    name.fill(words)
    with tab.expect_response(lambda answer: answer.url.endswith("/name")):
        name.press("Enter")
    tab.goto(f"{hive.url}/w/my-workspace/workflows?q={words}")
    expect(tab.locator(".workflow-row")).to_have_count(1)
    return tab


def test_it_is_renamed_where_it_stands_without_a_mouse(list_of_one, words):
    tab = list_of_one
    rename = tab.get_by_role("button", name=f"Rename {words}")
    rename.press("Enter")
    expect(tab.get_by_label("Name of the workflow")).to_be_focused()
    tab.keyboard.type("Never kept")
    tab.keyboard.press("Escape")
    expect(rename).to_be_focused()
    rename.press("Enter")
    tab.keyboard.type(f"{words} again")
    assert_everybody_can_use(tab)
    tab.keyboard.press("Enter")
    expect(tab.get_by_role("button", name=f"Rename {words} again")).to_be_focused()
    expect(tab.locator("#announcer")).to_have_text("Renamed.")
    expect(tab.get_by_role("link", name=f"{words} again", exact=True)).to_be_visible()


def test_a_name_that_is_refused_stays_to_be_mended(list_of_one, words):
    tab = list_of_one
    tab.get_by_role("button", name=f"Rename {words}").click()
    name, said = tab.get_by_label("Name of the workflow"), tab.locator("#messages-floating")
    assert name.bounding_box()["width"] > 400
    name.fill("")
    tab.keyboard.press("Enter")
    expect(said).to_contain_text("A workflow needs a name")
    expect(name).to_be_focused()
    tab.keyboard.press("Escape")
    expect(said).to_be_empty()


def test_the_search_answers_while_typing_and_says_what_it_found(list_of_one, words):
    tab = list_of_one
    search = tab.get_by_label("Search workflows by name")
    search.fill(f"{words} nowhere")
    expect(tab.get_by_role("heading", name="Nothing found")).to_be_visible()
    expect(tab.locator("#announcer")).to_have_text("0 workflows found")
    assert_everybody_can_use(tab)
    search.fill(words)
    expect(tab.locator(".workflow-row")).to_have_count(1)
    expect(search).to_be_focused()
    tab.reload()
    expect(tab.locator(".workflow-row")).to_have_count(1)


def test_delete_is_undone_beside_the_message(list_of_one, words):
    tab = list_of_one
    address = tab.get_by_role("link", name=words, exact=True).get_attribute("href")
    tab.get_by_role("button", name=f"Delete {words}").click()
    tab.get_by_role("button", name="Undo").focus()  # or it goes after ten seconds
    assert_everybody_can_use(tab)
    tab.get_by_role("button", name="Undo").click()
    expect(tab.get_by_role("link", name=words, exact=True)).to_be_visible()
    tab.goto(tab.hive.url + address)
    expect(tab.get_by_label("Prompt", exact=True)).to_be_visible()


def test_a_file_goes_out_and_in_again(list_of_one, words, tmp_path):
    tab = list_of_one
    with tab.expect_download() as download:
        tab.get_by_role("button", name=f"Export {words}").click()
    exported = tmp_path / "exported.json"
    download.value.save_as(exported)
    broken = tmp_path / "broken.json"
    broken.write_text(exported.read_text().replace('"step_1"', '"first"'))
    choose(tab, broken)
    expect(tab.get_by_role("alert").first).to_contain_text("Nothing was imported. Line ")
    assert_everybody_can_use(tab)
    choose(tab, exported)
    expect(tab.get_by_label("Prompt", exact=True)).to_be_visible()
    assert json.loads(exported.read_text())["workflow"]["name"] == words


def choose(tab, file):
    tab.locator("summary", has_text="Import").press("Enter")
    tab.get_by_label("An exported workflow (.json)").set_input_files(file)
    tab.get_by_role("button", name="Import the file").click()
