"""What people paste, and what happens meanwhile: everybody sees it, and nothing typed is lost."""

import pytest
from playwright.sync_api import expect

from tests.journeys.conftest import opened
from tests.journeys.test_every_page import assert_everybody_can_use
from tests.journeys.test_main_job import choose, saved, write

pytestmark = [pytest.mark.browser, pytest.mark.page]

HOSTILE = '<script>alert(1)</script>"><img src=x onerror=alert(1)>'
LONG = (
    f"{HOSTILE} زجاجة ماء زرقاء 👩‍👩‍👧‍👦 \\{{{{ not one }}}} "
    + " ".join(f"{{{{input_{number}}}}}" for number in range(200))
).ljust(31_990, "長")


def prompt_of(tab):
    return tab.get_by_label("Prompt", exact=True)


def test_a_hostile_prompt_of_32_000_characters_with_200_references_stays_text(new_workflow):
    tab = new_workflow
    tab.on("dialog", lambda dialog: pytest.fail(f"a dialog: {dialog.message}"))
    write(tab, LONG)
    expect(tab.get_by_role("button", name="200 broken references")).to_be_visible()
    saved(tab)
    tab.reload()
    expect(prompt_of(opened(tab))).to_have_value(LONG)
    assert_everybody_can_use(tab)


def test_braces_without_an_end_are_an_error_at_their_place(new_workflow):
    tab = new_workflow
    write(tab, "A blue {{bottle on a table")
    tab.keyboard.press("Escape")
    tab.get_by_role("button", name="1 broken reference").click()
    start = prompt_of(tab).evaluate("field => field.selectionStart")
    assert start == len("A blue ")
    expect(tab.locator("#field-prompt .field-error")).to_contain_text("{{")


def test_a_name_that_is_too_long_or_empty_is_refused_and_kept(new_workflow):
    tab = new_workflow
    name = tab.get_by_label("Name", exact=True)
    for wrong, sentence in (("x" * 32_000, "at most 100"), (" ", "needs a name")):
        name.fill(wrong)
        name.blur()
        expect(tab.locator("#name-error")).to_contain_text(sentence)
        expect(name).to_have_value(wrong)
    name.fill('<b>Hero</b> 👩‍👩‍👧‍👦 "زجاجة"')
    name.blur()
    saved(tab)
    expect(tab.locator("#card-step_1 b")).to_have_text('<b>Hero</b> 👩‍👩‍👧‍👦 "زجاجة"')


def test_a_network_that_drops_during_a_save_loses_nothing(new_workflow):
    tab = new_workflow
    write(tab, "Before")
    saved(tab)
    tab.context.set_offline(True)
    write(tab, "Typed while the network is down")
    expect(tab.locator("[data-saved]")).to_have_text("Not saved")
    expect(tab.locator("#messages-floating")).to_contain_text("still here")
    choose(tab, "Landscape")
    tab.context.set_offline(False)
    saved(tab)
    expect(tab.locator("#messages-floating")).not_to_contain_text("Not saved")
    tab.reload()
    expect(prompt_of(opened(tab))).to_have_value("Typed while the network is down")
    expect(tab.locator("#id_image_size_1536x1024")).to_be_checked()


def test_a_step_that_is_deleted_elsewhere_can_be_brought_back_with_what_was_typed(new_workflow):
    tab = new_workflow
    write(tab, "In the first tab")
    saved(tab)
    other = tab.context.new_page()
    other.goto(tab.url)
    other.on("dialog", lambda dialog: dialog.accept())
    opened(other).locator("#step-menu summary").click()
    other.get_by_role("button", name="Delete step").click()
    expect(other.get_by_text("Deleted “")).to_be_visible()
    write(tab, "Typed after it was deleted")
    expect(tab.locator("#settings")).to_contain_text("This step was deleted")
    tab.get_by_role("button", name="Undo and save mine").click()
    saved(tab)
    other.goto(tab.url)
    expect(prompt_of(opened(other))).to_have_value("Typed after it was deleted")
