"""Every state of a step, reached as people reach it: the chip in the header, the Output tab, and a
Run button that stays where it is."""

import re

import pytest
from playwright.sync_api import expect

from tests.journeys.test_every_page import assert_everybody_can_use
from tests.journeys.test_main_job import choose, press_run, saved, write

pytestmark = [pytest.mark.browser, pytest.mark.page]


@pytest.fixture
def step(new_workflow_by_hand):
    """A new step, seen with Settings and Output side by side."""
    new_workflow_by_hand.get_by_role("button", name="Side by side").click()
    return new_workflow_by_hand


def chip(tab, words):
    shown = tab.locator(".step-header .state").filter(visible=True).first
    expect(shown).to_contain_text(words)


def output(tab, words):
    expect(tab.locator("#run")).to_contain_text(words)


def place_of_run(tab):
    return tab.locator("#run-button").bounding_box()


def run(tab, prompt):
    saved(tab)
    write(tab, prompt)
    press_run(tab)


def test_before_a_run_and_with_a_problem_and_when_it_is_mended(step, words):
    chip(step, "Fix 1 problem")
    output(step, "run")
    write(step, f"A {words}")
    chip(step, "Not run")
    write(step, "A {{nothing}} {{nobody}}")
    chip(step, "Fix 2 problems")
    step.locator("#step-obstacles summary").click()
    assert_everybody_can_use(step)
    step.get_by_role("link", name="There is no input “nobody”").click()
    expect(step.get_by_label("Prompt", exact=True)).to_be_focused()


def test_queued_cancelled_generating_done_and_changed(step, words, hive):
    place = place_of_run(step)
    with hive.busy():
        run(step, f"A {words}")
        chip(step, "Queued")
        output(step, "Queued")
        step.locator("#cancel-run").click()
        chip(step, "Cancelled")
        output(step, "Nothing was charged")
    choose(step, "Square 2K")
    step.locator("#id_image_count").fill("10")
    with hive.waiting():
        run(step, f"A {words}")
        chip(step, re.compile(r"Generating \d:\d\d"))
        output(step, "Generating")
    chip(step, "Done · $")
    output(step, "Succeeded")
    assert place_of_run(step) == place
    write(step, f"Another {words}")
    chip(step, "Changed")
    output(step, "Made with earlier settings")


def test_what_could_not_be_stored_is_paid_once_and_saved_again(step, words, hive):
    with hive.no_place_for_images():
        run(step, f"A {words}")
        chip(step, "Saving again")
        output(step, "has answered, and the answer is kept")
        assert_everybody_can_use(step)
    step.get_by_role("button", name="Save again").click()
    chip(step, "Done · $")
    output(step, "Succeeded")
    assert len(hive.requests_for(words)) == 1


ENDS = [
    ("fewer_images drop=1", "3 of 4", "did not come"),
    ("moderation_input", "Refused", "blocked this prompt"),
    ("bad_key", "Failed", "key"),
    ("reset", "Unknown", "It was not run again"),
]


def test_each_way_in_which_a_run_ends(step, words):
    place = place_of_run(step)
    step.locator("#id_image_count").fill("4")
    for marker, word, told in ENDS:
        run(step, f"A {words} [[sandbox:{marker}]]")
        chip(step, word)
        output(step, told)
        assert place_of_run(step) == place


def test_a_failure_that_the_workflow_survives(step, words):
    choose(step, "Continue")
    run(step, f"A {words} [[sandbox:bad_key]]")
    chip(step, "Continued")
    output(step, "the workflow went on")
