"""Every page and state: readable by everybody, in light and dark, down to 320 px."""

import os

import httpx
import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import expect

from tests.journeys.test_main_job import images, open_example, press_run, write
from tests.waiting import wait_until

pytestmark = [pytest.mark.browser, pytest.mark.page]

RULES = {
    "runOnly": ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa"],
    "resultTypes": ["violations"],  # of all else one example will do
}


# All of them where EVERY_LOOK is set, as in .ci/run; else the widest and the narrowest.
LOOKS = [(scheme, width) for scheme in ("light", "dark") for width in (1440, 768, 320)]
SMOKE = [("light", 1440), ("dark", 320)]


def looks(tab):
    """The page as it stands, wide and narrow, light and dark."""
    for scheme, width in LOOKS if os.environ.get("EVERY_LOOK") else SMOKE:
        tab.emulate_media(color_scheme=scheme, reduced_motion="reduce")
        tab.set_viewport_size({"width": width, "height": 900})
        yield f"{scheme} at {width} px"
    tab.emulate_media(color_scheme="light", reduced_motion="reduce")
    tab.set_viewport_size({"width": 1440, "height": 900})


def assert_everybody_can_use(tab):
    for look in looks(tab):
        found = Axe().run(tab, options=RULES)
        assert found.violations_count == 0, f"{look}: {found.generate_report()}"
        overflow = tab.evaluate(
            "document.documentElement.scrollWidth - document.documentElement.clientWidth"
        )
        assert overflow <= 0, f"{look}: the page scrolls sideways by {overflow} px"


def test_the_list_the_inputs_and_the_account(tab, hive):
    tab.goto(hive.url)
    assert_everybody_can_use(tab)
    open_example(tab)
    tab.get_by_role("link", name="Edit inputs").click()
    assert_everybody_can_use(tab)
    tab.goto(f"{hive.url}/account")
    assert_everybody_can_use(tab)


def test_the_api_keys_from_the_first_to_a_revoked_one(tab, hive):
    tab.goto(hive.url)
    tab.get_by_label("Account", exact=True).click()
    tab.get_by_role("link", name="API keys").click()
    expect(tab.locator("main")).to_contain_text("There is no API key yet.")
    assert_everybody_can_use(tab)
    tab.get_by_label("Name").fill("Nightly catalogue")
    tab.keyboard.press("Enter")
    expect(tab.get_by_role("button", name="Copy key")).to_be_focused()
    assert_everybody_can_use(tab)
    key = tab.locator("#new-key").inner_text()
    assert_a_program_can_run(hive, key)
    tab.get_by_label("Name").fill("Nightly catalogue")
    tab.keyboard.press("Enter")
    expect(tab.get_by_role("alert").first).to_contain_text("named “Nightly catalogue” already")
    expect(tab.get_by_label("Name")).to_be_focused()
    assert_everybody_can_use(tab)
    tab.once("dialog", lambda dialog: dialog.accept())
    tab.get_by_role("button", name="Revoke Nightly catalogue").click()
    expect(tab.locator("main")).to_contain_text("There is no API key any more.")
    assert_everybody_can_use(tab)
    assert httpx.get(f"{hive.url}/api/v1/runs", headers=bearer(key)).status_code == 401
    assert key not in "".join(log.read_text() for log in (hive.data / "logs").iterdir())


def bearer(key):
    return {"Authorization": f"Bearer {key}"}


def assert_a_program_can_run(hive, key):
    """The workflow that everybody finds at the start."""
    with httpx.Client(base_url=hive.url, headers=bearer(key)) as program:
        (id,) = (
            each["id"]
            for each in program.get("/api/v1/workflows?limit=100").json()["items"]
            if each["name"] == "Product hero images"
        )
        wanted = {"inputs": {"product": "a jar"}}
        accepted = program.post(f"/api/v1/workflows/{id}/runs", json=wanted)
        assert accepted.status_code == 202
        address = accepted.headers["Location"]
        wait_until(lambda: program.get(address).json()["status"] == "succeeded")
        step = program.get(address).json()["steps"][0]
        assert httpx.get(step["output"]["assets"][0]["file_url"]).status_code == 200


def test_models_and_prices(tab, hive):
    tab.goto(f"{hive.url}/models#grok-imagine-image-quality")
    expect(tab.locator("#grok-imagine-image-quality")).to_be_in_viewport()
    assert_everybody_can_use(tab)


def test_operations(tab, hive):
    tab.goto(f"{hive.url}/account")
    tab.get_by_label("Account").click()
    tab.get_by_role("link", name="Operations").click()
    expect(tab.locator("#gauge-sweep")).to_contain_text("ago")
    assert_everybody_can_use(tab)


def test_operations_goes_on_by_itself_and_keeps_the_focus(tab, hive):
    tab.goto(f"{hive.url}/operations")
    reviews = tab.get_by_role("link", name="Reviews in Billing")
    reviews.focus()
    time = tab.locator("#operations-now .hint").first
    expect(time).not_to_have_text(time.inner_text())
    expect(reviews).to_be_focused()


def test_the_raw_rows(tab, hive):
    """Without its page of a row, whose styles axe cannot read under our policy."""
    tab.goto(f"{hive.url}/billing")
    tab.get_by_role("link", name="Raw rows").first.click()
    assert_everybody_can_use(tab)
    tab.get_by_role("link", name="Ledger transactions").click()
    assert_everybody_can_use(tab)
    tab.locator("#result_list a").first.click()
    expect(tab.get_by_role("heading", name="View ledger transaction")).to_be_visible()
    tab.wait_for_load_state("networkidle")


def test_the_sign_in_page(browser, hive):
    context = browser.new_context()
    tab = context.new_page()
    tab.goto(f"{hive.url}/sign-in")
    assert_everybody_can_use(tab)
    context.close()


def test_the_editor_before_a_run_and_with_something_to_fix(new_workflow):
    tab = new_workflow
    assert_everybody_can_use(tab)
    write(tab, "Broken {{colour}}")
    press_run(tab)
    expect(tab.locator("#field-prompt")).to_contain_text("There is no input")
    assert_everybody_can_use(tab)
    tab.get_by_role("tab", name="Output").click()
    assert_everybody_can_use(tab)


def test_the_output_while_it_runs_when_it_is_done_and_when_it_failed(new_workflow, words):
    tab = new_workflow
    write(tab, words)
    with tab.hive.waiting():
        press_run(tab)
        expect(tab.locator("#run")).to_contain_text("Generating")
        assert_everybody_can_use(tab)
    expect(images(tab)).to_have_count(1)
    expect(tab.locator("#run")).to_contain_text("Succeeded")
    assert_everybody_can_use(tab)
    tab.get_by_role("tab", name="Settings").click()
    write(tab, f"{words} [[sandbox:moderation_input]]")
    press_run(tab)
    expect(tab.locator("#run")).to_contain_text("blocked this prompt")
    assert_everybody_can_use(tab)


def test_the_whole_job_without_a_mouse(new_workflow, words, hive):
    tab = new_workflow
    expect(tab.get_by_label("Prompt", exact=True)).to_be_focused()
    tab.keyboard.type(f"Without a mouse, {words}")
    tab.keyboard.press("Control+Enter")
    expect(images(tab)).to_have_count(1)
    expect(tab.locator("#announcer")).to_contain_text("Succeeded")
    tab.locator(".gallery-open").first.focus()
    tab.keyboard.press("Enter")
    expect(tab.locator("dialog[open]")).to_be_visible()
    tab.keyboard.press("Escape")
    expect(tab.locator(".gallery-open").first).to_be_focused()
    assert len(hive.requests_for(words)) == 1
