"""Inputs are declared, ordered and asked for, all by the keyboard."""

import pytest
from playwright.sync_api import expect

from tests.journeys.test_every_page import assert_everybody_can_use
from tests.journeys.test_main_job import images, write

pytestmark = [pytest.mark.browser, pytest.mark.page]


@pytest.fixture
def inputs(new_workflow):
    """The page of inputs of a fresh workflow, without any."""
    tab = new_workflow
    tab.on("dialog", lambda dialog: dialog.accept())
    tab.get_by_role("link", name="Edit inputs").press("Enter")
    expect(tab.get_by_role("heading", name="Inputs", exact=True)).to_be_visible()
    while tab.locator(".input-head").count():
        before = tab.locator(".input-head").count()
        tab.get_by_role("button", name="Delete ").first.press("Enter")
        expect(tab.locator(".input-head")).to_have_count(before - 1)
    tab.wait_for_load_state("load")
    return tab


def declare(tab, label, type):
    form = tab.get_by_role("form", name="New input")
    tab.get_by_text("Add an input").press("Enter")
    form.get_by_label("Label").press_sequentially(label)
    with tab.expect_response("**/inputs/new/draw"):
        form.get_by_label("Type").select_option(type)
    form.get_by_role("button", name="Add input").press("Enter")
    expect(tab.get_by_role("heading", name=label)).to_be_visible()
    tab.wait_for_load_state("load")


def test_the_name_is_proposed_until_somebody_types_one(inputs):
    form = inputs.get_by_role("form", name="New input")
    inputs.get_by_text("Add an input").press("Enter")
    form.get_by_label("Label").press_sequentially("Größe 2 é")
    expect(form.get_by_label("Name")).to_have_value("grosse_2_e")
    form.get_by_label("Name").fill("size")
    form.get_by_label("Label").press_sequentially("x")
    expect(form.get_by_label("Name")).to_have_value("size")


def test_options_show_for_select_only_and_become_the_choices(inputs):
    form = inputs.get_by_role("form", name="New input")
    inputs.get_by_text("Add an input").press("Enter")
    expect(form.get_by_label("Options")).to_be_hidden()
    form.get_by_label("Type").select_option("select")
    form.get_by_label("Options").fill("red\nblue")
    form.get_by_label("Options").press("Tab")
    expect(form.locator("[name=new-test_value] option")).to_have_count(3)
    form.get_by_label("Test value").select_option("blue")
    form.get_by_label("Type").select_option("text")
    expect(form.get_by_label("Options")).to_be_hidden()
    form.get_by_label("Type").select_option("select")
    expect(form.get_by_label("Options")).to_have_value("red\nblue")
    assert_everybody_can_use(inputs)


def test_a_move_keeps_the_focus_and_what_is_typed(inputs):
    declare(inputs, "Product", "text")
    declare(inputs, "Size", "number")
    typed = inputs.get_by_role("form", name="Input Product").get_by_label("Example")
    typed.fill("not saved")
    inputs.get_by_role("button", name="Move Size up").press("Enter")
    expect(inputs.locator("#moved")).to_have_text("Size is now 1 of 2.")
    expect(inputs.get_by_role("button", name="Move Size up")).to_be_focused()
    expect(typed).to_have_value("not saved")
    size = inputs.get_by_role("form", name="Input Size")
    size.get_by_label("Default").fill("big")
    save = size.get_by_role("button", name="Save")
    save.press("Enter")
    expect(size.get_by_text("Size is a Number; “big” is none")).to_be_visible()
    expect(size.get_by_label("Default")).to_be_focused()
    size.get_by_label("Default").fill("12")
    inputs.wait_for_timeout(800)  # a second press sooner than that is a double click
    save.focus()
    place = inputs.evaluate("scrollY")
    save.press("Enter")
    expect(inputs.locator("#moved")).to_have_text("Saved the input “Size”.")
    expect(save).to_be_focused()
    assert inputs.evaluate("scrollY") == place
    expect(typed).to_have_value("not saved")
    expect(inputs.locator("form[data-unsaved]")).to_have_count(1)
    assert_everybody_can_use(inputs)
    inputs.wait_for_timeout(800)
    inputs.get_by_role("form", name="Input Product").get_by_role("button", name="Save").press(
        "Enter"
    )
    expect(inputs.locator("form[data-unsaved]")).to_have_count(0)
    inputs.reload()
    expect(typed).to_have_value("not saved")
    expect(size.get_by_label("Default")).to_have_value("12")


def test_a_test_value_is_edited_beside_the_steps(inputs):
    declare(inputs, "Product", "text")
    declare(inputs, "Size", "number")
    inputs.get_by_role("link", name="Back to the steps").press("Enter")
    write(inputs, "A {{product}} of {{size}} cm")
    card, saved = inputs.locator("#card-inputs"), inputs.locator("[data-saved]")
    card.locator("summary").press("Enter")
    card.get_by_label("Size").fill("big")
    card.get_by_label("Product").fill("bottle")
    expect(card.get_by_text("Size is a Number; “big” is none")).to_be_visible()
    expect(saved).to_have_text("Not saved")
    with inputs.expect_response("**/cards"):
        card.get_by_label("Product").press("Tab")
    expect(card.get_by_label("Size")).to_have_value("big")
    assert_everybody_can_use(inputs)
    card.get_by_label("Size").fill("12")
    card.get_by_label("Size").press("Tab")
    expect(inputs.get_by_text("A bottle of 12 cm").first).to_be_attached()
    expect(saved).to_have_text("Saved")
    expect(inputs.locator(".obstacles details")).to_have_count(0)
    inputs.reload()
    expect(card.locator(".chips")).to_contain_text("bottle")


def test_run_asks_for_what_is_missing_and_runs(inputs, words):
    declare(inputs, "Product", "text")
    declare(inputs, "Size", "number")
    inputs.get_by_role("link", name="Back to the steps").press("Enter")
    write(inputs, "A {{product}} of {{size}} cm")
    run = inputs.locator("#run-button")
    run.press("Enter")
    dialog = inputs.get_by_role("dialog", name="Values for this run")
    expect(dialog.get_by_label("Product")).to_be_focused()
    assert_everybody_can_use(inputs)
    inputs.keyboard.press("Escape")
    expect(run).to_be_focused()
    inputs.wait_for_timeout(800)  # a second press sooner than that is a double click
    run.press("Enter")
    dialog.get_by_label("Product").fill(words)
    dialog.get_by_label("Size").fill("big")
    dialog.get_by_label("Size").press("Enter")
    expect(dialog.get_by_text("Size is a Number; “big” is none")).to_be_visible()
    expect(dialog.get_by_label("Size")).to_be_focused()
    dialog.get_by_label("Size").fill("12")
    dialog.get_by_label("Size").press("Enter")
    expect(images(inputs)).to_have_count(1)
    assert len(inputs.hive.requests_for(f"A {words} of 12 cm")) == 1
