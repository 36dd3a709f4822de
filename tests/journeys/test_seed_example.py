"""The example of the step's public page, word for word, by mouse and by keyboard; and its notes."""

import pytest
from playwright.sync_api import expect

from tests.journeys.conftest import opened
from tests.journeys.test_main_job import choose, images, press_run, saved, write

pytestmark = [pytest.mark.browser, pytest.mark.page]

PROMPT = (
    "Create a product hero image for a blue insulated water bottle on a clean studio background."
)
ADDRESS = "{{step_2.output.assets.0.file_url}}"
MOST_TABS = 120


def sent_for(hive, words):
    """What the sandbox got, once per request."""
    return [entry["body"] for entry in hive.requests_for(words)]


def assert_asked_as_chosen(hive, words):
    (body,) = sent_for(hive, words)
    asked = {name: body[name] for name in ("size", "n", "output_format", "output_compression")}
    assert asked == {
        "size": "1536x1024",
        "n": 2,
        "output_format": "jpeg",
        "output_compression": 60,
    }


def assert_the_later_step_got_the_address(hive, tab, words):
    """Of the image that Output of step_2 shows; a provider can fetch it without a cookie."""
    sent = sent_for(hive, f"A banner in the style of {words}")[0]["prompt"]
    address = sent.rsplit(" ", 1)[1]
    answer = tab.request.get(address)
    assert address.startswith(f"{hive.url}/files/")
    assert answer.headers["content-type"] == "image/jpeg"


def test_the_example_word_for_word(new_workflow_by_hand, hive, words):
    tab = new_workflow_by_hand
    tab.get_by_role("button", name="Add Image Generation").click()
    expect(tab.locator("#step-header .chip")).to_have_text("step_2")
    opened(tab)
    tab.get_by_label("Name", exact=True).fill("Hero image")
    write(tab, f"{PROMPT} {words}")
    choose(tab, "Landscape")
    tab.get_by_role("button", name="One image more").click()
    choose(tab, "JPEG")
    compression = tab.get_by_label("Output Compression")
    expect(compression).to_be_enabled()
    compression.fill("60")
    saved(tab)
    press_run(tab)
    expect(images(tab)).to_have_count(2)
    expect(tab.locator("#run")).to_contain_text("Succeeded")
    expect(tab.get_by_role("tab", name="Output")).to_have_attribute("aria-selected", "true")
    assert_asked_as_chosen(hive, words)
    expect(tab.get_by_role("button", name=f"Copy {ADDRESS}", exact=True)).to_be_visible()
    tab.get_by_role("button", name="Add Image Generation").click()
    expect(tab.locator("#step-header .chip")).to_have_text("step_3")
    opened(tab)
    write(tab, f"A banner in the style of {words} ")
    tab.get_by_role("button", name="Insert Variable").click()
    tab.get_by_role("combobox", name="Search").fill("assets.0.file_url")
    tab.locator(f"#variable-picker [data-insert-text='{ADDRESS}']").click()
    expect(tab.get_by_label("Prompt", exact=True)).to_have_value(
        f"A banner in the style of {words} {ADDRESS}"
    )
    press_run(tab)
    expect(tab.locator("#run")).to_contain_text("Succeeded")
    assert_the_later_step_got_the_address(hive, tab, words)


def reach(tab, target):
    """By Tab alone, as somebody does who has no mouse."""
    for _ in range(MOST_TABS):
        if target.evaluate("element => element === document.activeElement"):
            return
        tab.keyboard.press("Tab")
    raise AssertionError(f"Tab does not lead to {target}")


def press(tab, target, key="Enter"):
    reach(tab, target)
    tab.keyboard.press(key)


def test_the_same_example_without_a_mouse(tab, hive, words):
    tab.goto(hive.url)
    press(tab, tab.get_by_role("button", name="New workflow", exact=True))
    opened(tab)
    press(tab, tab.get_by_role("button", name="Add Image Generation"))
    expect(tab.locator("#step-header .chip")).to_have_text("step_2")
    prompt = opened(tab).get_by_label("Prompt", exact=True)
    expect(prompt).to_be_focused()
    tab.keyboard.type(f"{PROMPT} {words}")
    reach(tab, tab.locator("#id_image_size_1024x1024"))
    tab.keyboard.press("ArrowRight")
    expect(tab.locator("#id_image_size_1536x1024")).to_be_focused()
    press(tab, tab.get_by_label("Image Count", exact=True), "ArrowUp")
    reach(tab, tab.locator("#id_image_output_format_png"))
    tab.keyboard.press("ArrowRight")
    expect(tab.get_by_label("Output Compression")).to_be_enabled()
    reach(tab, tab.get_by_label("Output Compression"))
    for _ in range(4):
        tab.keyboard.press("PageDown")
    expect(tab.get_by_label("Output Compression")).to_have_value("60")
    saved(tab)
    tab.keyboard.press("Control+Enter")
    expect(tab.locator("#announcer")).to_contain_text("Succeeded")
    expect(images(tab)).to_have_count(2)
    assert_asked_as_chosen(hive, words)
    press(tab, tab.get_by_role("button", name="Add Image Generation"))
    expect(tab.locator("#step-header .chip")).to_have_text("step_3")
    expect(opened(tab).get_by_label("Prompt", exact=True)).to_be_focused()
    tab.keyboard.type(f"A banner in the style of {words} {{{{assets.0.file_url")
    chosen = tab.locator(f"#variable-picker [data-insert-text='{ADDRESS}']")
    expect(chosen).to_be_visible()
    tab.keyboard.press("ArrowDown")
    while chosen.get_attribute("aria-selected") != "true":
        tab.keyboard.press("ArrowDown")
    tab.keyboard.press("Enter")
    expect(prompt).to_have_value(f"A banner in the style of {words} {ADDRESS}")
    press(tab, tab.locator("#run-button"))
    expect(tab.locator("#announcer")).to_contain_text("Succeeded")
    assert_the_later_step_got_the_address(hive, tab, words)


def test_the_notes_on_formats_billing_and_providers(new_workflow_by_hand, words):
    tab = new_workflow_by_hand
    write(tab, f"A {words}")
    model = tab.get_by_label("Model", exact=True)
    expect(tab.locator("#hint-model")).to_contain_text("Billed per token")
    expect(tab.get_by_label("Output Compression")).to_be_disabled()
    choose(tab, "JPEG")
    expect(tab.get_by_label("Transparent")).to_be_disabled()
    model.select_option("gemini-2.5-flash-image")
    expect(tab.get_by_label("Personal")).to_be_disabled()
    expect(tab.locator("#field-charge_type")).to_contain_text("hosted-only in this step")
    model.select_option("grok-imagine-image")
    expect(tab.locator("#hint-model")).to_contain_text("Billed per image")
    expect(tab.get_by_text("Output Format")).to_have_count(0)
    press_run(tab)
    expect(tab.locator("#run")).to_contain_text("Succeeded")
    json = tab.locator("#output-json").text_content()
    assert '"file_type": "image/png"' in json
    for key in ("id", "file_url", "file_name", "file_size"):
        assert f'"{key}"' in json
