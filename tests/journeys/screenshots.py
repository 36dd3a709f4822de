"""`make screenshots`: the pictures of docs/, taken of the real program with the sandbox."""

import io
import os
import shutil
import tempfile
from pathlib import Path

from PIL import Image
from playwright.sync_api import Page, expect, sync_playwright

from tests.journeys.conftest import BROWSERS, FLAGS, Hive, opened
from tests.journeys.test_main_job import choose, press_run, saved, write

FOLDER = Path(__file__).resolve().parents[2] / "docs" / "screenshots"
DESKTOP = {"width": 1440, "height": 900}
PHONE = {"width": 390, "height": 844}
PROMPT = "Create a product hero image for {{product}} on a clean studio background, {{mood}} light."


def take(tab: Page, name: str) -> None:
    """Light and dark, in 256 colours: they lie in the repository."""
    for scheme in ("light", "dark"):
        tab.emulate_media(color_scheme=scheme, reduced_motion="reduce")
        picture = Image.open(io.BytesIO(tab.screenshot())).convert("RGB")
        picture.quantize(256).save(FOLDER / f"{name}-{scheme}.png", optimize=True)
    tab.emulate_media(color_scheme="light", reduced_motion="reduce")
    print(name)


def settings_of_each_provider(tab: Page) -> None:
    model = tab.get_by_label("Model", exact=True)
    for provider, model_id in {
        "grok": "grok-imagine-image",
        "gemini": "gemini-2.5-flash-image",
        "openai": "gpt-image-2",
    }.items():
        with tab.expect_response("**/save"):
            model.select_option(model_id)
        tab.wait_for_load_state("networkidle")
        take(tab, f"settings-{provider}")


def running_and_done(tab: Page) -> None:
    tab.locator("#id_image_count").fill("4")
    choose(tab, "JPEG")
    write(tab, f"{PROMPT} [[sandbox:slow latency=4]]")
    press_run(tab)
    expect(tab.locator("#step-state")).to_contain_text("Generating 0:0", timeout=10_000)
    take(tab, "running")
    finished(tab, "Done")
    take(tab, "done")


def finished(tab: Page, word: str) -> None:
    expect(tab.locator("#step-state")).to_contain_text(word, timeout=30_000)
    tab.wait_for_load_state("networkidle")


def failed(tab: Page) -> None:
    tab.get_by_role("tab", name="Settings").click()
    write(tab, f"{PROMPT} [[sandbox:moderation_input]]")
    press_run(tab)
    finished(tab, "Refused")
    take(tab, "failed")


def runs(tab: Page) -> None:
    tab.locator("#runs-menu summary").click()
    expect(tab.locator("#newest-runs li").first).to_be_visible()
    tab.wait_for_load_state("networkidle")
    take(tab, "runs")
    tab.keyboard.press("Escape")
    opened_tab(tab, "Settings")
    write(tab, PROMPT)
    saved(tab)


def run_of_the_workflow(tab: Page) -> None:
    tab.get_by_role("button", name="Run workflow").click()
    expect(tab.locator("#progress")).to_contain_text("succeeded", timeout=30_000)
    tab.get_by_role("link", name="Show the run").click()
    tab.wait_for_load_state("networkidle")
    take(tab, "run-of-the-workflow")
    tab.go_back()


def opened_tab(tab: Page, name: str) -> None:
    tab.get_by_role("tab", name=name).click()


def picker(tab: Page) -> None:
    tab.get_by_role("link", name="Banner from hero").click()
    prompt = opened(tab).get_by_label("Prompt", exact=True)
    prompt.fill("A wide banner for {{product}} in the style of ")
    prompt.press("End")
    prompt.press_sequentially("{{")
    expect(tab.locator("#variable-picker [data-insert-text]").first).to_be_visible()
    tab.wait_for_load_state("networkidle")
    take(tab, "picker")
    prompt.press("Escape")
    prompt.fill("A wide banner for {{product}} in the style of {{step_1.output.assets.0.file_url}}")
    saved(tab)


def phone(tab: Page) -> None:
    tab.set_viewport_size(PHONE)
    tab.get_by_role("link", name="Hero image").first.click()
    opened(tab)
    take(tab, "phone-settings")
    opened_tab(tab, "Output")
    expect(tab.locator("#gallery img").first).to_be_visible()
    tab.wait_for_load_state("networkidle")
    take(tab, "phone-output")


PARTS = (
    settings_of_each_provider,
    running_and_done,
    failed,
    runs,
    picker,
    run_of_the_workflow,
    phone,
)


def walk(tab: Page, hive: Hive) -> None:
    tab.goto(hive.sign_in_address())
    tab.get_by_role("link", name="Product hero images", exact=True).click()
    opened(tab)
    for part in PARTS:
        part(tab)


def main() -> None:
    FOLDER.mkdir(parents=True, exist_ok=True)
    kept = {name: os.environ[name] for name in ("PATH", "HOME", "LANG") if name in os.environ}
    browser_path = next(filter(None, map(shutil.which, BROWSERS)))
    with tempfile.TemporaryDirectory() as folder, sync_playwright() as playwright:
        hive = Hive(Path(folder) / "data", kept)
        hive.start()
        try:
            browser = playwright.chromium.launch(executable_path=browser_path, args=FLAGS)
            walk(browser.new_page(viewport=DESKTOP), hive)
            browser.close()
        finally:
            hive.stop()


if __name__ == "__main__":
    main()
