"""The Output tab: looking closely, going from run to run, and the states between."""

import pytest
from playwright.sync_api import expect

from tests.journeys.test_every_page import assert_everybody_can_use
from tests.journeys.test_main_job import images, press_run, saved, write
from tests.journeys.test_three_providers import choose_model, set_count, succeeded

pytestmark = [pytest.mark.browser, pytest.mark.page]


def test_images_are_looked_at_closely_by_keyboard(new_workflow, words):
    tab = new_workflow
    set_count(tab, 3)
    write(tab, f"A {words}")
    press_run(tab)
    succeeded(tab)
    tab.locator("#open-2").press("Enter")
    box = tab.locator("dialog[open]")
    shown = box.locator(".lightbox-stage img")
    expect(box.locator("[data-lightbox-place]")).to_have_text("Image 2 of 3")
    expect(shown).to_have_js_property("naturalWidth", 1024)
    fitting = shown.bounding_box()["width"]
    tab.keyboard.press("+")
    assert shown.bounding_box()["width"] == pytest.approx(1.5 * fitting, abs=2)
    assert_everybody_can_use(tab)
    tab.keyboard.press("0")
    assert shown.bounding_box()["width"] == pytest.approx(fitting, abs=2)
    for key, place in (("ArrowRight", 3), ("ArrowRight", 1), ("End", 3), ("Home", 1)):
        tab.keyboard.press(key)
        expect(box.locator("[data-lightbox-place]")).to_have_text(f"Image {place} of 3")
    expect(box.locator("[data-lightbox-about]")).to_contain_text("1024×1024")
    reference = box.get_by_label("Copy the reference to image 1")
    expect(reference).to_have_attribute("data-copy", "{{step_1.output.assets.0.file_url}}")
    tab.keyboard.press("Escape")
    expect(tab.locator("#open-1")).to_be_focused()


def test_what_is_known_of_an_image_stands_beside_it_and_follows_it(new_workflow, words):
    tab = new_workflow
    choose_model(tab, "gemini-2.5-flash-image")
    set_count(tab, 2)
    write(tab, f"A {words}")
    press_run(tab)
    succeeded(tab)
    tab.locator("#open-1").press("Enter")
    box = tab.locator("dialog[open]")
    request = box.locator("[data-lightbox-request]")
    first = request.get_by_label("Copy the request id").get_attribute("data-copy")
    expect(request).to_contain_text("1,290 image out tokens × $30/1M")
    assert_everybody_can_use(tab)
    box.get_by_label("Copy the reference to image 1").focus()
    tab.keyboard.press("ArrowRight")
    reference = box.get_by_label("Copy the reference to image 2")
    expect(reference).to_be_focused()
    expect(request).not_to_contain_text(first)
    tab.context.grant_permissions(["clipboard-read", "clipboard-write"])
    tab.keyboard.press("Enter")
    expect(reference).to_contain_text("Copied")
    copied = tab.evaluate("navigator.clipboard.readText()")
    assert copied == "{{step_1.output.assets.1.file_url}}"
    tab.set_viewport_size({"width": 700, "height": 700})
    text = box.get_by_role("region", name="About this image")
    text.focus()
    tab.keyboard.press("End")
    expect(request.get_by_text("HTTP 200")).to_be_in_viewport()
    expect(tab.locator("[data-lightbox-place]")).to_have_text("Image 2 of 2")
    for _ in range(40):
        tab.keyboard.press("Tab")
        assert tab.evaluate("document.activeElement.matches('body, dialog[open] *')")
    tab.evaluate("document.activeElement.blur()")
    tab.keyboard.press("ArrowLeft")
    expect(tab.locator("[data-lightbox-place]")).to_have_text("Image 1 of 2")
    tab.keyboard.press("Escape")
    expect(tab.locator("#open-1")).to_be_focused()
    expect(tab.locator("#slot-1").get_by_label("Copy the id")).to_be_hidden()


def test_output_follows_the_settings_and_leads_from_run_to_run(new_workflow, words):
    tab = new_workflow
    set_count(tab, 2)
    tab.get_by_role("tab", name="Output").click()
    expect(tab.locator("#against-settings .slot")).to_have_count(2)
    tab.get_by_role("tab", name="Settings").click()
    write(tab, f"{words} [[sandbox:moderation_input]]")
    press_run(tab)
    expect(tab.locator("#failure-title")).to_have_text("Refused by OpenAI")
    tab.get_by_role("link", name="Change the prompt").click()
    expect(tab.get_by_label("Prompt", exact=True)).to_be_focused()
    write(tab, f"Now {words}")
    press_run(tab)
    expect(images(tab)).to_have_count(2)
    succeeded(tab)
    tab.get_by_role("tab", name="Settings").click()
    write(tab, f"Later {words}")
    tab.get_by_label("Prompt", exact=True).press("Tab")
    saved(tab)
    tab.get_by_role("tab", name="Output").click()
    tab.locator(".changes summary").click()
    expect(tab.locator(".changes")).to_contain_text(f"Later {words}")
    tab.locator("#runs-menu summary").click()
    expect(tab.locator("#newest-runs li")).to_have_count(2)
    assert_everybody_can_use(tab)
    tab.locator("#newest-runs a", has_text="Run 1").click()
    expect(tab.locator("#failure-title")).to_have_text("Refused by OpenAI")


def test_only_what_did_not_come_is_made_anew(new_workflow, hive, words):
    tab = new_workflow
    choose_model(tab, "gemini-2.5-flash-image")
    set_count(tab, 3)
    write(tab, f"{words} [[sandbox:no_image times=1]]")
    press_run(tab)
    succeeded(tab)
    expect(tab.locator(".slot.missing")).to_contain_text("answered without an image")
    assert_everybody_can_use(tab)
    tab.get_by_role("button", name="Generate missing (1)").click()
    expect(tab.locator("#run")).to_have_attribute("data-run", "2")
    succeeded(tab)
    expect(images(tab)).to_have_count(1)
    assert len(hive.requests_for(words)) == 4
