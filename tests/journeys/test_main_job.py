"""Run makes pictures: the main job in a real browser, on the real processes."""

import hashlib
import urllib.request

import pytest
from playwright.sync_api import expect

from tests.journeys.conftest import opened
from tests.waiting import wait_until

pytestmark = pytest.mark.browser


def write(tab, prompt):
    tab.get_by_label("Prompt", exact=True).fill(prompt)


def choose(tab, name):
    """A choice of a segmented control or tile, by its visible label."""
    tab.locator("#settings label", has_text=name).filter(visible=True).first.click()


def press_run(tab):
    tab.get_by_role("button", name="Run", exact=False).and_(tab.locator("#run-button")).click()


def images(tab):
    return tab.locator("#gallery img")


def saved(tab):
    expect(tab.locator("[data-saved]")).to_have_text("Saved")


def add_step(tab):
    saved(tab)
    tab.get_by_role("button", name="Add Image Generation").click()
    expect(tab.locator("#step-header .chip")).to_have_text("step_2")
    opened(tab)


def open_example(tab):
    """However many workflows other journeys have made since."""
    tab.goto(f"{tab.url.split('/w/')[0]}/w/my-workspace/workflows?q=Product+hero+images")
    tab.get_by_role("link", name="Product hero images", exact=True).click()
    return opened(tab)


def test_signing_in_by_the_printed_address_changing_the_prompt_and_pressing_run_makes_pictures(
    browser, hive, words
):
    context = browser.new_context()
    tab = context.new_page()
    tab.goto(hive.sign_in_address())
    expect(tab.get_by_role("link", name="Workflows", exact=True).first).to_be_visible()
    open_example(tab)
    write(tab, f"A {words}")
    press_run(tab)
    wait_until(lambda: hive.requests_for(words))
    expect(images(tab)).to_have_count(1)
    expect(tab.locator("#run")).to_contain_text("Succeeded")
    expect(images(tab).first).to_have_js_property("naturalWidth", 640)  # a thumbnail
    assert len(hive.requests_for(words)) == 1
    context.close()


def test_an_address_of_step_1_reaches_the_provider_in_step_2_and_opens_without_a_cookie(
    new_workflow, hive, words
):
    tab = new_workflow
    write(tab, f"First {words}")
    press_run(tab)
    expect(images(tab)).to_have_count(1)
    shown = tab.locator(".gallery-open").first.get_attribute("data-src")
    expect(tab.locator("#run")).to_contain_text("Succeeded")
    add_step(tab)
    write(tab, f"Second {words} like {{{{step_1.output.assets.0.file_url}}}}")
    press_run(tab)
    expect(images(tab)).to_have_count(1)
    sent = hive.requests_for(f"Second {words}")[0]["body"]["prompt"]
    address = sent.rsplit(" ", 1)[1]
    assert address == hive.url + shown
    with urllib.request.urlopen(address) as answer:
        fetched = answer.read()
    stored = [path.read_bytes() for path in (hive.data / "files").rglob("*.png")]
    digest = hashlib.sha256(fetched).hexdigest()
    assert digest in {hashlib.sha256(body).hexdigest() for body in stored}


@pytest.mark.parametrize(
    ("policy", "shown", "requests"),
    [("Terminate Workflow", "Skipped", 1), ("Continue", "Succeeded", 2)],
)
def test_a_failing_first_step_ends_the_workflow_or_lets_it_go_on(
    policy, shown, requests, new_workflow, hive, words
):
    tab = new_workflow
    write(tab, f"{words} [[sandbox:no_images]]")
    choose(tab, policy)
    expect(tab.get_by_label(policy)).to_be_checked()
    add_step(tab)
    write(tab, f"{words} after [{{{{step_1.output.assets.0.file_url}}}}]")
    tab.get_by_role("button", name="Run workflow").click()
    expect(tab.locator("#run")).to_contain_text(shown)
    assert len(hive.requests_for(words)) == requests
    if policy == "Continue":
        assert hive.requests_for(words)[1]["body"]["prompt"] == f"{words} after []"


def test_a_double_click_is_one_run(new_workflow, hive, words):
    tab = new_workflow
    write(tab, words)
    tab.locator("#run-button").dblclick()
    expect(images(tab)).to_have_count(1)
    expect(tab.locator("#run")).to_contain_text("Succeeded")
    assert len(hive.requests_for(words)) == 1


def test_a_run_that_waits_for_a_slow_save_is_driven_out_by_no_later_one(new_workflow, hive, words):
    tab = new_workflow
    held = []
    tab.route("**/save", lambda route: route.continue_() if held else held.append(route))
    choose(tab, "JPEG")
    wait_until(lambda: tab.wait_for_timeout(20) or held)
    write(tab, words)
    press_run(tab)
    choose(tab, "Landscape")
    held[0].continue_()
    expect(tab.locator("#run")).to_contain_text("Succeeded")
    (request,) = hive.requests_for(words)
    assert (request["body"]["size"], request["body"]["output_format"]) == ("1536x1024", "jpeg")


def test_a_reload_in_the_middle_finds_the_truth(new_workflow, hive, words):
    tab = new_workflow
    write(tab, words)
    with hive.waiting():
        press_run(tab)
        expect(tab.locator("#run")).to_contain_text("Generating")
        tab.reload()
        expect(tab.locator("#run")).to_contain_text("Generating")
    expect(images(tab)).to_have_count(1)
    assert len(hive.requests_for(words)) == 1


def test_what_is_typed_before_the_scripts_have_come_is_saved(new_workflow):
    tab = new_workflow
    held_back = []
    tab.route("**/js/saving.*.js", lambda route: held_back.append(route))
    tab.reload(wait_until="commit")
    write(tab, "Typed very early")
    wait_until(lambda: tab.wait_for_timeout(50) or held_back)
    with tab.expect_response("**/save"):
        held_back[0].continue_()
    saved(tab)
    tab.unroute("**/js/saving.*.js")
    tab.reload()
    expect(tab.get_by_label("Prompt", exact=True)).to_have_value("Typed very early")


def test_an_empty_prompt_is_explained_where_it_stands(new_workflow, hive):
    tab = new_workflow
    press_run(tab)
    expect(tab.locator("#field-prompt")).to_contain_text("The prompt is empty")
    expect(tab.get_by_label("Prompt", exact=True)).to_be_visible()


def test_a_redraw_keeps_focus_text_and_caret(new_workflow, words):
    tab = new_workflow
    prompt = tab.get_by_label("Prompt", exact=True)
    with tab.expect_response("**/save"):
        choose(tab, "JPEG")
        prompt.click()
        prompt.press_sequentially("abc", delay=5)
        prompt.press("ArrowLeft")
    prompt.press_sequentially("X")
    expect(prompt).to_be_focused()
    expect(prompt).to_have_value("abXc")


def test_jpeg_takes_transparent_away_and_png_takes_compression_away(new_workflow):
    tab = new_workflow
    expect(tab.locator("#id_image_output_compression")).to_be_disabled()
    with tab.expect_response("**/save"):
        choose(tab, "Transparent")
    with tab.expect_response("**/save"):
        choose(tab, "JPEG")
    expect(tab.locator("#id_image_background_transparent")).to_be_disabled()
    expect(tab.locator("#id_image_background_auto")).to_be_checked()
    expect(tab.locator("#field-image_background")).to_contain_text("was changed to Auto")
    expect(tab.locator("#id_image_output_compression")).to_be_enabled()


def test_insert_variable_puts_the_reference_at_the_caret(tab, hive):
    tab.goto(hive.url)
    open_example(tab)
    prompt = tab.get_by_label("Prompt", exact=True)
    prompt.fill("before after")
    prompt.evaluate("field => field.setSelectionRange(7, 7)")
    tab.get_by_role("button", name="Insert Variable").click()
    with tab.expect_response("**/save"):
        tab.locator("#variable-picker [data-insert-text='{{product}}']").click()
    expect(prompt).to_have_value("before {{product}}after")
    expect(prompt).to_be_focused()


def test_polling_stops_when_the_run_has_ended(new_workflow, words):
    tab = new_workflow
    write(tab, words)
    press_run(tab)
    expect(tab.locator("#run")).to_contain_text("Succeeded")
    asked = []
    tab.on("request", lambda request: asked.append(request.url))
    tab.wait_for_timeout(2500)
    assert [url for url in asked if "/runs/" in url] == []


def test_cancelling_after_sending_keeps_and_charges_the_answer(new_workflow, hive, words):
    tab = new_workflow
    write(tab, words)
    with hive.waiting():
        press_run(tab)
        expect(tab.locator("#run")).to_contain_text("Generating")
        tab.locator("#cancel-run").click()
        expect(tab.locator("#run")).to_contain_text("on the way")
    expect(images(tab)).to_have_count(1)
    expect(tab.locator("#run")).to_contain_text("Charged")
    assert len(hive.requests_for(words)) == 1
