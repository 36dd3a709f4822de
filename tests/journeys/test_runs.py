"""A run of the whole workflow in the browser: followed from the editor, by its own address and in
the list of runs."""

import re
import time

import pytest
from playwright.sync_api import expect

from tests.journeys.conftest import opened
from tests.journeys.test_every_page import assert_everybody_can_use
from tests.journeys.test_main_job import add_step, saved, write
from tests.waiting import wait_until

pytestmark = pytest.mark.browser


@pytest.fixture
def two_steps(new_workflow, words):
    """Open at the second. The first takes its time."""
    tab = new_workflow
    write(tab, f"{words} [[sandbox:slow latency=12]]")
    add_step(tab)
    write(tab, f"{words} after {{{{step_1.output.assets.0.file_name}}}}")
    saved(tab)
    return tab


def test_a_run_of_the_workflow_is_followed_from_every_step_by_one_watcher(two_steps):
    tab = two_steps
    asked = []
    tab.on("request", lambda request: asked.append((time.monotonic(), request.url)))
    tab.get_by_role("button", name="Run workflow").click()
    progress = tab.locator("#progress")
    expect(progress).to_contain_text("step 1 of 2 Image Generation: generating", timeout=10_000)
    expect(tab.locator("#announcer")).to_have_text(
        "Run 1, step 1 of 2: Image Generation, Generating"
    )
    expect(tab.locator("#run")).to_contain_text("Queued behind step_1")
    expect(tab.locator("[data-watch]")).to_have_count(2)
    assert_everybody_can_use(tab)

    def polls():
        return [at for at, url in asked if "/runs/watch" in url]

    wait_until(lambda: tab.wait_for_timeout(50) or len(polls()) > 2)
    asked_at = polls()
    assert asked_at[-1] - asked_at[0] > 0.8 * (len(asked_at) - 1)  # one watcher, not two
    tab.locator("#card-step_1").click()
    opened(tab)
    expect(progress).to_contain_text("step 1 of 2")
    tab.reload()
    expect(tab).to_have_title(re.compile("^1 of 2"))
    expect(progress).to_contain_text("succeeded", timeout=40_000)
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
    tab.get_by_role("button", name="Run workflow").click()
    tab.locator("#progress").get_by_role("link", name="Show the run").click()
    run = tab.locator("#run")
    expect(run).to_contain_text("Generating", timeout=10_000)
    assert_everybody_can_use(tab)
    tab.locator("#cancel-run").press("Enter")
    expect(run).to_contain_text("1 image on the way")
    expect(tab.locator("main")).to_be_focused()
    expect(tab.locator("#run > .strip")).to_contain_text("Cancelled", timeout=40_000)
    expect(tab.locator("#announcer")).to_have_text("Run 1: Cancelled")
    tab.locator("#run-again").dblclick()
    expect(tab.get_by_role("heading", name="Run 2")).to_be_visible()
    tab.get_by_role("link", name="All runs").click()
    rows = tab.locator(".run-row")
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
    expect(rows.first).to_contain_text("Succeeded", timeout=40_000)
    astray = tab.context.new_page()
    astray.goto(re.sub(r"/runs.*", "/runs/7", tab.url))
    expect(astray.get_by_role("heading", name="There is no run 7")).to_be_visible()
    assert_everybody_can_use(astray)
