"""OpenAI, xAI and Gemini in a real browser, on the real processes."""

import json

import pytest
from playwright.sync_api import expect

from tests.journeys.test_every_page import assert_everybody_can_use
from tests.journeys.test_main_job import choose, images, press_run, saved, write
from tests.waiting import wait_until

pytestmark = pytest.mark.browser


def choose_model(tab, model):
    tab.get_by_label("Model", exact=True).focus()
    tab.get_by_label("Model", exact=True).select_option(model)
    expect(tab.locator("input[name=drawn_model]")).to_have_value(model)
    saved(tab)


def set_count(tab, count):
    field = tab.get_by_label("Image Count", exact=True)
    field.fill(str(count))
    field.press("Tab")
    saved(tab)


def succeeded(tab):
    expect(tab.locator("#run")).to_contain_text("Succeeded")


def output_object(tab):
    return json.loads(tab.locator("#output-json").text_content())


@pytest.mark.parametrize(
    ("model", "provider", "requests", "file_type"),
    [
        ("gpt-image-2", "openai", 1, "image/png"),
        ("grok-imagine-image", "xai", 1, "image/png"),
        ("grok-imagine-image-quality", "xai", 1, "image/png"),
        ("gemini-2.5-flash-image", "gemini", 3, "image/png"),
        ("gemini-nano-banana-2.1", "gemini", 3, "image/jpeg"),
    ],
)
def test_every_provider_makes_pictures(
    model, provider, requests, file_type, new_workflow, hive, words
):
    tab = new_workflow
    write(tab, f"A {words}")
    choose_model(tab, model)
    set_count(tab, 3)
    press_run(tab)
    expect(images(tab)).to_have_count(3)
    succeeded(tab)
    output = output_object(tab)
    assert output["settings"]["provider"] == provider
    assert output["settings"]["model"] == model
    assert [asset["file_type"] for asset in output["assets"]] == [file_type] * 3
    assert len(hive.requests_for(words)) == requests
    expect(images(tab).last).to_have_js_property("naturalWidth", 640)  # a thumbnail


def test_the_slots_of_gemini_fill_one_by_one_and_a_missing_one_stays_empty(
    new_workflow, hive, words
):
    tab = new_workflow
    choose_model(tab, "gemini-2.5-flash-image")
    choose(tab, "16:9")
    set_count(tab, 6)
    write(tab, f"{words} [[sandbox:no_image times=1]]")
    press_run(tab)
    expect(images(tab)).to_have_count(5)
    succeeded(tab)
    expect(tab.locator(".slot.missing")).to_have_count(1)
    expect(tab.locator("#run")).to_contain_text("5 of 6 images came.")
    assert len(hive.requests_for(words)) == 6


def test_switching_models_hides_shows_and_brings_choices_back(new_workflow, words):
    tab = new_workflow
    write(tab, f"A {words}")
    choose(tab, "Landscape")
    choose(tab, "High")
    expect(tab.get_by_label("High")).to_be_checked()
    choose_model(tab, "grok-imagine-image")
    expect(tab.locator("legend", has_text="Image Quality")).to_have_count(0)
    expect(tab.locator("#hint-model")).to_contain_text("always square")
    expect(tab.get_by_label("Model", exact=True)).to_be_focused()
    choose_model(tab, "gemini-2.5-flash-image")
    choose(tab, "21:9")
    expect(tab.get_by_label("Personal")).to_be_disabled()
    assert_everybody_can_use(tab)
    choose_model(tab, "gpt-image-2")
    expect(tab.get_by_label("Landscape")).to_be_checked()
    expect(tab.get_by_label("High")).to_be_checked()
    choose_model(tab, "gemini-2.5-flash-image")
    expect(tab.get_by_label("21:9")).to_be_checked()
    expect(tab.get_by_label("Prompt", exact=True)).to_have_value(f"A {words}")


def test_the_card_of_the_step_follows_two_changes_in_quick_succession(new_workflow, words):
    tab = new_workflow
    for model in ("grok-imagine-image", "gemini-2.5-flash-image", "gpt-image-2"):
        tab.get_by_label("Prompt", exact=True).press_sequentially(words[:5])
        tab.get_by_label("Model", exact=True).select_option(model)
        expect(tab.locator("#cards .node.on small")).to_contain_text(model)


def test_a_cancel_keeps_what_came_says_what_it_spared_and_loses_no_focus(new_workflow, hive, words):
    tab = new_workflow
    choose_model(tab, "gemini-2.5-flash-image")
    set_count(tab, 10)
    write(tab, f"{words} [[sandbox:slow latency=10]]")  # so that none is answered before all four
    press_run(tab)
    wait_until(lambda: len(hive.requests_for(words)) == 4)
    with hive.waiting():
        expect(tab.locator("#cancel-run")).to_have_text("Cancel (4 on the way will be charged)")
        tab.locator("#cancel-run").focus()
        tab.keyboard.press("Enter")
        expect(tab.locator("#run")).to_contain_text("on the way: what comes is kept")
        expect(tab.locator("#editor")).to_be_focused()
    expect(images(tab)).to_have_count(4)
    expect(tab.locator("#run")).to_contain_text("6 of 10 images were not asked for")
    spared = "was not asked for The run was cancelled before. It cost nothing."
    expect(tab.locator(".slot.missing")).to_have_text(
        [f"Image {number} {spared}" for number in range(5, 11)]
    )


def test_the_successor_of_a_retired_model_is_one_click_away(new_workflow, hive, words):
    tab = new_workflow
    choose_model(tab, "gemini-2.5-flash-image")
    write(tab, f"{words} [[sandbox:model_gone times=1]]")
    press_run(tab)
    expect(tab.locator("#run")).to_contain_text("no longer offers")
    assert_everybody_can_use(tab)
    tab.get_by_role("button", name="Use gemini-nano-banana-2.1").filter(visible=True).click()
    expect(tab.locator("input[name=drawn_model]")).to_have_value("gemini-nano-banana-2.1")
    saved(tab)
    expect(tab.get_by_label("Model", exact=True)).to_be_focused()
    write(tab, words)
    press_run(tab)
    expect(images(tab)).to_have_count(1)
    succeeded(tab)
    assert len(hive.requests_for(words)) == 2


def test_the_note_of_a_model_offers_its_successor_by_keyboard(new_workflow):
    tab = new_workflow
    choose_model(tab, "grok-imagine-image-quality")
    expect(tab.locator("#model-life")).to_contain_text("Retired on 2 November 2026")
    assert_everybody_can_use(tab)
    tab.get_by_label("Model", exact=True).focus()
    tab.keyboard.press("Tab")
    expect(tab.get_by_role("button", name="Use grok-imagine-image-2.0")).to_be_focused()
    tab.keyboard.press("Enter")
    expect(tab.locator("input[name=drawn_model]")).to_have_value("grok-imagine-image-2.0")
    expect(tab.locator("#model-life")).to_have_count(0)
