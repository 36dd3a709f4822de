"""A server that takes its time: what it answers late is drawn once, or not at all."""

import pytest
from playwright.sync_api import expect

from tests.journeys.test_main_job import press_run, write
from tests.waiting import wait_until

pytestmark = [pytest.mark.browser, pytest.mark.page]

FRAGMENT = "**/steps/step_1/runs/1?version=*"


@pytest.fixture
def late(new_workflow, hive, words):
    """Open at a run that is shown as it was before it ended; [0] is the answer that is awaited."""
    tab = new_workflow
    awaited = []
    with hive.waiting():
        write(tab, f"A {words}")
        press_run(tab)
        expect(tab.locator("#run")).to_contain_text("Generating")
        tab.route(FRAGMENT, lambda route: route.continue_() if awaited else awaited.append(route))
    wait_until(lambda: tab.wait_for_timeout(20) or awaited)
    return tab, awaited


def test_changes_that_come_faster_than_they_are_drawn_leave_one_output(late):
    tab, awaited = late
    with tab.expect_response("**/runs/watch?*"):  # says once more that there is something new
        pass
    with tab.expect_response(FRAGMENT), tab.expect_response(FRAGMENT):
        awaited[0].continue_()
    expect(tab.locator("#run").first).to_contain_text("Succeeded")
    expect(tab.locator("#run")).to_have_count(1)
    expect(tab.locator("#gallery img")).to_have_count(1)


def test_an_earlier_run_is_not_drawn_over_the_one_that_was_started_meanwhile(late, words):
    tab, awaited = late
    tab.get_by_role("tab", name="Settings").click()
    write(tab, f"Next {words}")
    press_run(tab)
    expect(tab.locator("#run")).to_have_attribute("data-run", "2")
    with tab.expect_response(FRAGMENT):
        awaited[0].continue_()
    expect(tab.locator("#run")).to_contain_text("Succeeded")
    expect(tab.locator("#run")).to_have_attribute("data-run", "2")
