"""What a person sees when the worker is killed, and what the sandbox was asked."""

import time

import pytest
from playwright.sync_api import expect

from tests.journeys.test_main_job import choose, images, press_run, write
from tests.waiting import wait_until

pytestmark = pytest.mark.browser


def test_a_worker_killed_while_the_provider_works_shows_outcome_unknown_within_25_seconds(
    new_workflow, hive, words
):
    tab = new_workflow
    write(tab, f"{words} [[sandbox:slow latency=60]]")
    press_run(tab)
    wait_until(lambda: hive.requests_for(words))
    hive.kill_worker()
    killed = time.monotonic()
    expect(tab.locator("#run")).to_contain_text("Outcome unknown", timeout=25_000)
    assert time.monotonic() - killed < 25
    expect(tab.locator("#run")).to_contain_text("Nothing was charged")
    assert len(hive.requests_for(words)) == 1
    # The supervisor has started another worker; it must not ask again.
    write_again(tab, f"next {words}")
    expect(images(tab)).to_have_count(1)
    assert len(hive.requests_for(words)) == 2


def write_again(tab, prompt):
    tab.get_by_role("tab", name="Settings").click()
    write(tab, prompt)
    press_run(tab)


def test_a_worker_killed_after_the_last_byte_arrived_loses_nothing(new_workflow, hive, words):
    tab = new_workflow
    spool = hive.data / "spool"
    known = set(spool.glob("*.spool"))
    write(tab, words)
    tab.get_by_label("Image Count").fill("10")
    with tab.expect_response("**/save"):
        choose(tab, "2048×2048")
    press_run(tab)
    wait_until(lambda: set(spool.glob("*.spool")) - known)
    hive.kill_worker()
    expect(images(tab)).to_have_count(10)
    expect(tab.locator("#run")).to_contain_text("Succeeded")
    assert len(hive.requests_for(words)) == 1
