"""A run of the whole workflow in the browser: followed from the editor, by its own address and in
the list of runs."""

import re

import pytest
from playwright.sync_api import expect

from tests.journeys.conftest import opened
from tests.journeys.test_every_page import assert_everybody_can_use

pytestmark = [pytest.mark.browser, pytest.mark.page]

WATCHERS = """() => new Promise((resolve) => {
  const asked = [];
  document.addEventListener("htmx:beforeSend", ({ detail }) => {
    if (detail.elt.matches("[data-watch]")) asked.push(detail.elt);
    if (asked.length === 3) resolve(new Set(asked).size);
  });
})"""


@pytest.fixture
def two_steps(imported, words):
    """Open at the second."""
    after = f"{words} after {{{{step_1.output.assets.0.file_name}}}}"
    return imported("step_2", step_1=words, step_2=after)


def test_a_run_of_the_workflow_is_followed_from_every_step_by_one_watcher(two_steps):
    tab = two_steps
    progress = tab.locator("#progress")
    with tab.hive.waiting():
        tab.get_by_role("button", name="Run workflow").click()
        expect(progress).to_contain_text("step 1 of 2 Image Generation: Generating")
        expect(tab.locator("#announcer")).to_have_text(
            "Run 1, step 1 of 2: Image Generation, Generating"
        )
        expect(tab.locator("#run")).to_contain_text("Queued behind step_1")
        expect(tab.locator("[data-watch]")).to_have_count(2)
        assert_everybody_can_use(tab)
        assert tab.evaluate(WATCHERS) == 1
        tab.locator("#card-step_1").click()
        opened(tab)
        expect(progress).to_contain_text("step 1 of 2")
        tab.reload()
        expect(tab).to_have_title(re.compile("^1 of 2"))
    expect(progress).to_contain_text("succeeded")
    expect(tab.locator("#announcer")).to_have_text("Run 1: Succeeded")
    expect(tab.locator("[data-watch]")).to_have_count(0)
    assert_everybody_can_use(tab)
    progress.get_by_role("link", name="Show the run").press("Enter")
    expect(tab.locator(".run-pictures img")).to_have_count(2)
    tab.locator(".run-step summary", has_text="Prompt").last.click()
    expect(tab.locator(".run-step .prompt-used").last).to_contain_text("-r1-1.png")
    assert_everybody_can_use(tab)
    tab.get_by_role("link", name="Open its Output of Image Generation").last.click()
    expect(tab).to_have_url(re.compile(r"/step_2/output\?run=1$"))


def test_a_run_is_cancelled_and_run_again_by_its_own_address_and_listed(two_steps):
    tab = two_steps
    run = tab.locator("#run")
    with tab.hive.waiting():
        tab.get_by_role("button", name="Run workflow").click()
        tab.locator("#progress").get_by_role("link", name="Show the run").click()
        expect(run).to_contain_text("Generating")
        assert_everybody_can_use(tab)
        tab.locator("#cancel-run").press("Enter")
        expect(run).to_contain_text("1 image on the way")
        expect(tab.locator("main")).to_be_focused()
    expect(tab.locator("#run > .strip")).to_contain_text("Cancelled")
    expect(tab.locator("#announcer")).to_have_text("Run 1: Cancelled")
    rows = tab.locator(".run-row")
    with tab.hive.waiting():
        tab.locator("#run-again").dblclick()
        expect(tab.get_by_role("heading", name="Run 2")).to_be_visible()
        tab.get_by_role("link", name="All runs").click()
        expect(rows).to_have_count(2)
        expect(rows.first).to_contain_text("Running")
        assert_everybody_can_use(tab)
        tab.get_by_label("Status").select_option("Cancelled")
        expect(rows).to_have_count(1)
        expect(tab).to_have_url(re.compile("status=cancelled"))
        expect(tab.locator("#announcer")).to_have_text("1 run shown")
        tab.get_by_label("Status").select_option("Failed")
        expect(tab.get_by_role("heading", name="No run like this")).to_be_visible()
        assert_everybody_can_use(tab)
        tab.get_by_role("link", name="Show all runs").click()
    expect(rows.first).to_contain_text("Succeeded")
    astray = tab.context.new_page()
    astray.goto(re.sub(r"/runs.*", "/runs/7", tab.url))
    expect(astray.get_by_role("heading", name="There is no run 7")).to_be_visible()
    assert_everybody_can_use(astray)
