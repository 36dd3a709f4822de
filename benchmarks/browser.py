"""What only a browser can tell: what comes over the wire, and when an image is on the screen."""

import shutil
from collections import defaultdict
from statistics import median
from typing import Any

from django.db import connections
from playwright.sync_api import Page, sync_playwright

from benchmarks.figures import Figure
from benchmarks.started import sign_in_address
from imagegen.assets.models import Asset

BROWSERS = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
FLAGS = ["--no-sandbox", "--disable-gpu", "--no-first-run", "--disable-background-networking"]
RUNS = 8
WIRE = "First load of the editor over the wire, without thumbnails"
SCREEN = "Image stored → image on screen"
LIMITS = {WIRE: 150, SCREEN: 1200}  # kilobytes, milliseconds
NOTE_WHEN_SHOWN = """() => {
  window.shown = new Promise((resolve) => document.addEventListener("load", ({ target }) => {
    if (target.closest?.("#gallery")) resolve([target.src, Date.now()]);
  }, true));
}"""


def measured(address: str) -> list[Figure]:
    """`address` is that of an editor; the program runs."""
    found = next(filter(None, map(shutil.which, BROWSERS)), None)
    if found is None:
        return [Figure(what, None, "", limit) for what, limit in LIMITS.items()]
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=found, args=FLAGS)
        context = browser.new_context(viewport={"width": 1440, "height": 900})
        tab = context.new_page()
        tab.goto(sign_in_address())
        kilobytes = _first_load(tab, address)
        shown = [_shown_at(tab) for _ in range(RUNS)]
        browser.close()
    late = [at - _stored_at(src) for src, at in shown]
    return [
        Figure(WIRE, sum(kilobytes.values()), "KB", LIMITS[WIRE]),
        *(Figure(f"… {kind}", size, "KB") for kind, size in sorted(kilobytes.items())),
        Figure(SCREEN, median(late), "ms", LIMITS[SCREEN]),
        Figure("… at the latest", max(late), "ms"),
    ]


def _first_load(tab: Page, address: str) -> dict[str, float]:
    """Kilobytes by kind, headers included, with nothing in the cache."""
    wire = tab.context.new_cdp_session(tab)
    kinds: dict[str, str] = {}
    sizes: dict[str, float] = defaultdict(float)

    def note_kind(event: dict[str, Any]) -> None:
        if "/files/" not in event["response"]["url"]:
            kinds[event["requestId"]] = event["type"]

    def note_size(event: dict[str, Any]) -> None:
        if event["requestId"] in kinds:
            sizes[kinds[event["requestId"]]] += event["encodedDataLength"] / 1000

    wire.on("Network.responseReceived", note_kind)
    wire.on("Network.loadingFinished", note_size)
    wire.send("Network.enable")
    wire.send("Network.clearBrowserCache")
    tab.goto(address, wait_until="networkidle")
    wire.detach()
    return sizes


def _shown_at(tab: Page) -> tuple[str, int]:
    """Press Run, and the address of the first image that is shown, with the time of the clock."""
    tab.get_by_role("tab", name="Settings").click()
    tab.evaluate(NOTE_WHEN_SHOWN)
    tab.locator("#run-button").click()
    src, at = tab.evaluate("window.shown")
    tab.locator("#run:not(:has([data-watch]))").wait_for()
    return src, at


def _stored_at(src: str) -> float:
    connections.close_all()
    token = src.split("/files/")[1].split("/")[0]
    return Asset.objects.get(token=token).created_at.timestamp() * 1000
