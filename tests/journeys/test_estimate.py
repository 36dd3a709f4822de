"""The estimate changes with the form: in the card, on the button, and for the workflow."""

import pytest
from playwright.sync_api import expect

from tests.journeys.test_every_page import assert_everybody_can_use
from tests.journeys.test_main_job import add_step, choose, press_run, saved, write
from tests.journeys.test_three_providers import choose_model, set_count, succeeded

pytestmark = [pytest.mark.browser, pytest.mark.page]


def assert_estimates(tab, run, workflow, card=None):
    """The figures of the step's button, of the workflow, and of the card where it is another."""
    expect(tab.locator("#run-button small")).to_have_text(run)
    expect(tab.locator("#workflow-cost summary small")).to_have_text(workflow)
    expect(tab.locator("#estimate dd.sum")).to_have_text(card or run)


def test_the_estimate_changes_with_the_form(new_workflow):
    tab = new_workflow
    write(tab, "A jar")
    assert_estimates(tab, "≈ $0.0527", "≈ $0.0527")
    place = tab.locator("#run-button").bounding_box()
    choose(tab, "Landscape")
    assert_estimates(tab, "≈ $0.0412", "≈ $0.0412")
    set_count(tab, 4)
    assert_estimates(tab, "≈ $0.1647", "≈ $0.1647")
    tab.locator("#field-image_quality label", has_text="Auto").click()
    assert_estimates(tab, *["≈ $0.0190\u20130.6586"] * 2, card="≈ $0.6586")
    expect(tab.locator("#estimate")).to_contain_text("Range: the model picks the quality.")
    assert tab.locator("#run-button").bounding_box() == place
    choose_model(tab, "grok-imagine-image")
    assert_estimates(tab, "$0.0800", "$0.0800")
    expect(tab.locator("#estimate")).not_to_contain_text("Range")
    add_step(tab)
    write(tab, "A lid")
    choose_model(tab, "gemini-2.5-flash-image")
    assert_estimates(tab, "≈ $0.0387", "≈ $0.1187")
    tab.locator("#workflow-cost summary").press("Enter")
    breakdown = tab.locator("#workflow-cost .menu-items")
    expect(breakdown).to_contain_text("Total, simulated")
    assert_everybody_can_use(tab)
    set_count(tab, 2)
    expect(breakdown.locator("dd.sum")).to_have_text("≈ $0.1574")
    tab.set_viewport_size({"width": 320, "height": 700})
    expect(tab.locator("#run-button")).to_be_in_viewport()
    assert_estimates(tab, "≈ $0.0774", "≈ $0.1574")
    assert_everybody_can_use(tab)
    for number in (1, 2, 3):
        press_run(tab)
        expect(tab.locator("#run")).to_have_attribute("data-run", str(number))
        succeeded(tab)
    tab.locator("#tab-settings").click()
    set_count(tab, 3)
    expect(tab.locator("#past-runs")).to_have_count(0)
    set_count(tab, 2)
    expect(tab.locator("#past-runs")).to_contain_text("Your last 3 simulated runs like this")
    saved(tab)
