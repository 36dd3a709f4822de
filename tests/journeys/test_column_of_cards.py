"""The column of cards in a real browser: added between, dragged, moved by keyboard, duplicated,
deleted and undone."""

import re

import pytest
from playwright.sync_api import expect

from tests.journeys.conftest import opened
from tests.journeys.test_every_page import assert_everybody_can_use
from tests.journeys.test_main_job import add_step, saved, write

pytestmark = [pytest.mark.browser, pytest.mark.page]


@pytest.fixture
def three_steps(imported):
    """step_1, step_3, step_2; the last uses the first. Open at step_3."""
    reference = "{{step_1.output.assets.0.file_url}}"
    return imported("step_3", step_1="A bottle", step_3="", step_2=f"Like {reference}")


def expect_order(tab, *numbers):
    expect(tab.locator("#card-list .node-link code")).to_have_text(
        [f"step_{number}" for number in numbers]
    )


def card(tab, number):
    return tab.locator(f"#card-step_{number}")


def drag(tab, number, to):
    """The card by the mouse, to the far half of another below it. SortableJS looks every 50 ms
    where the pointer is; a hand is never so fast."""
    start, end = card(tab, number).bounding_box(), card(tab, to).bounding_box()
    tab.mouse.move(start["x"] + 60, start["y"] + 20)
    tab.mouse.down()
    tab.mouse.move(start["x"] + 64, start["y"] + 32, steps=4)
    tab.mouse.move(end["x"] + 60, end["y"] + end["height"] * 0.8, steps=15)
    passed = f"#item-step_{to} ~ #item-step_{number}:not(.sortable-fallback)"
    expect(tab.locator(passed)).to_be_attached()
    tab.mouse.up()


def test_a_step_is_added_between_two(new_workflow):
    tab = new_workflow
    write(tab, "A bottle")
    add_step(tab)
    write(tab, "Like it")
    saved(tab)
    tab.locator("#item-step_2 .wire-add").click()
    expect(tab.locator("#step-header .chip")).to_have_text("step_3")
    opened(tab)
    expect(tab.get_by_label("Prompt", exact=True)).to_be_focused()
    expect_order(tab, 1, 3, 2)


def test_a_card_is_dragged_and_the_broken_reference_shows_at_once(three_steps):
    tab = three_steps
    address = tab.url
    with tab.expect_response("**/steps/order"):
        drag(tab, 1, to=2)
    expect_order(tab, 3, 2, 1)
    expect(card(tab, 2)).to_contain_text("1 problem to fix")
    expect(tab.locator("#announcer")).to_have_text("The steps are in the new order.")
    assert tab.url == address
    tab.reload()
    expect_order(tab, 3, 2, 1)


def test_escape_puts_a_dragged_card_back_and_nothing_is_stored(three_steps):
    tab = three_steps
    stored = []
    tab.on("request", lambda asked: stored.append(asked.url) if "/order" in asked.url else None)
    start, end = (card(tab, number).bounding_box() for number in (1, 2))
    tab.mouse.move(start["x"] + 60, start["y"] + 20)
    tab.mouse.down()
    tab.mouse.move(start["x"] + 64, start["y"] + 32, steps=4)
    tab.mouse.move(end["x"] + 60, end["y"] + end["height"] * 0.8, steps=15)
    expect(tab.locator("#card-list > :nth-child(3)")).to_have_id("item-step_1")
    tab.keyboard.press("Escape")
    expect_order(tab, 1, 3, 2)
    expect(tab.locator("#announcer")).to_have_text("Not moved.")
    tab.mouse.up()
    card(tab, 1).hover()  # waits until it stands still
    drag(tab, 1, to=2)
    expect_order(tab, 3, 2, 1)
    assert len(stored) == 1


def test_a_finger_that_rests_on_a_card_drags_it(three_steps):
    tab = three_steps
    finger = tab.context.new_cdp_session(tab)

    def touch(kind, *places):
        points = [{"x": x, "y": y} for x, y in places]
        finger.send("Input.dispatchTouchEvent", {"type": kind, "touchPoints": points})

    start, end = (card(tab, number).bounding_box() for number in (1, 2))
    x, far = start["x"] + 60, end["y"] + end["height"] * 0.8
    touch("touchStart", (x, start["y"] + 20))
    expect(tab.locator("#item-step_1.sortable-chosen")).to_be_visible()
    for y in (start["y"] + 32, far - 8, far - 4, far):
        touch("touchMove", (x, y))
    expect(tab.locator("#card-list > :nth-child(3)")).to_have_id("item-step_1")
    with tab.expect_response("**/steps/order"):
        touch("touchEnd")
    expect_order(tab, 3, 2, 1)


def test_a_redraw_neither_ends_a_drag_nor_puts_the_old_order_back(three_steps, words):
    tab = three_steps
    write(tab, words)
    with tab.hive.waiting():
        tab.locator("#run-button").click()
        expect(card(tab, 3)).to_contain_text(re.compile("Running|Generating"))
        start, end = (card(tab, number).bounding_box() for number in (1, 2))
        tab.mouse.move(start["x"] + 60, start["y"] + 20)
        tab.mouse.down()
        tab.mouse.move(end["x"] + 60, end["y"] + end["height"] * 0.8, steps=15)
        tab.mouse.move(end["x"] + 60, end["y"] + end["height"] * 0.8 + 12, steps=4)
        expect(tab.locator("#card-list > :nth-child(3)")).to_have_id("item-step_1")
    expect(tab.locator("#run")).to_contain_text("Succeeded")
    tab.mouse.up()
    expect(card(tab, 3)).to_contain_text("Done")
    expect_order(tab, 3, 2, 1)


def test_a_redraw_from_before_a_drop_does_not_put_the_old_order_back(three_steps):
    tab = three_steps
    held = []
    tab.route("**/cards", lambda route: held.append(route))
    tab.evaluate("document.querySelector('#cards').dispatchEvent(new Event('cards-wanted'))")
    drag(tab, 1, to=2)
    expect_order(tab, 3, 2, 1)
    with tab.expect_response("**/order"):
        held[0].continue_()
    expect_order(tab, 3, 2, 1)
    tab.unroute("**/cards")
    tab.reload()
    expect_order(tab, 3, 2, 1)


def test_the_page_stands_still_while_the_open_card_is_dragged(three_steps):
    tab = three_steps
    drag(tab, 3, to=2)
    expect_order(tab, 1, 2, 3)
    assert tab.evaluate("scrollY") == 0


def test_a_card_is_moved_by_the_keyboard_and_keeps_the_focus(three_steps):
    tab = three_steps
    down = tab.locator("#down-step_1")
    down.focus()
    for order in ([3, 1, 2], [3, 2, 1], [3, 2, 1]):
        tab.keyboard.press("Enter")
        expect_order(tab, *order)
        expect(down).to_be_focused()
    expect(tab.locator("#announcer")).to_have_text("“Image Generation” is step 3 of 3.")
    expect(card(tab, 2)).to_contain_text("1 problem to fix")
    assert_everybody_can_use(tab)


def test_in_a_narrow_window_the_row_follows_the_card_that_is_moved(three_steps):
    tab = three_steps
    tab.set_viewport_size({"width": 320, "height": 800})
    tab.locator("#down-step_1").focus()
    for order in ([3, 1, 2], [3, 2, 1]):
        tab.keyboard.press("Enter")
        expect_order(tab, *order)
        expect(card(tab, 1)).to_be_in_viewport(ratio=0.9)


def test_the_open_form_offers_the_steps_that_are_earlier_now(three_steps):
    tab = three_steps
    offered = tab.locator("#variable-picker [data-insert-text='{{step_2.output}}']")
    known = tab.locator("#id_prompt[data-known*=step_2]")
    expect(known).to_have_count(0)
    tab.locator("#up-step_2").focus()
    tab.keyboard.press("Enter")
    expect(known).to_have_count(1)
    tab.get_by_role("button", name="Insert Variable").click()
    expect(offered).to_be_visible()
    saved(tab)


def test_a_step_is_duplicated_deleted_and_brought_back(three_steps):
    tab = three_steps
    card(tab, 2).hover()
    tab.locator("#duplicate-step_2").click()
    expect(tab.locator("#step-header .chip")).to_have_text("step_4")
    opened(tab)
    expect_order(tab, 1, 3, 2, 4)
    expect(tab.get_by_label("Name", exact=True)).to_have_value("Image Generation copy")
    asked = []
    tab.once("dialog", lambda dialog: (asked.append(dialog.message), dialog.accept()))
    card(tab, 1).hover()
    tab.locator("#delete-step_1").click()
    expect_order(tab, 3, 2, 4)
    assert "Image Generation copy (step_4): {{step_1.output.assets.0.file_url}}" in asked[0]
    expect(tab).to_have_url(re.compile("/step_4/"))
    tab.get_by_role("button", name="Undo").click()
    expect_order(tab, 1, 3, 2, 4)
    expect(tab).to_have_url(re.compile("/step_1/"))


def test_a_question_answered_with_no_deletes_nothing(three_steps):
    tab = three_steps
    tab.once("dialog", lambda dialog: dialog.dismiss())
    tab.locator("#delete-step_1").focus()
    tab.keyboard.press("Enter")
    tab.reload()
    expect_order(tab, 1, 3, 2)
