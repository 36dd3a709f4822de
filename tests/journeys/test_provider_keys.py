"""An owner's own key, from storing to revoking it, with a vendor on this machine."""

import pytest
from playwright.sync_api import expect

from imagegen.sandbox import server
from tests.journeys.conftest import Hive, is_error, opened, own_services, running
from tests.journeys.test_every_page import assert_everybody_can_use
from tests.journeys.test_main_job import choose, images, press_run, saved, write

pytestmark = pytest.mark.browser

KEY = "sk-proj-Zq7xW4vR9tY2uP6mK3nB8cD5"


@pytest.fixture
def vendor(tmp_path):
    """What is OpenAI to this Fetch Hive: a process of somebody else's."""
    with server.running(log=tmp_path / "vendor.log", latency=0.2) as running:
        yield running


@pytest.fixture
def hive(vendor, tmp_path):
    """One whose OpenAI is on this machine; it has no hosted key, so hosted runs are simulated."""
    environment = {"FETCHHIVE_OPENAI_BASE_URL": f"{vendor.base_url}/openai/v1"}
    with running(Hive(tmp_path / "data", own_services() | environment)) as hive:
        yield hive


@pytest.fixture
def tab(browser, hive):
    context = browser.new_context(viewport={"width": 1440, "height": 900})
    context.set_default_timeout(15_000)
    tab = context.new_page()
    complaints = []
    tab.on("console", lambda said: complaints.append(said.text) if is_error(said) else None)
    tab.on("pageerror", lambda error: complaints.append(str(error)))
    tab.goto(hive.sign_in_address())
    yield tab
    context.close()
    assert complaints == []


def open_keys(tab):
    tab.get_by_label("Account", exact=True).click()
    tab.get_by_role("link", name="Provider keys").click()


def openai(tab):
    return tab.locator("#key-openai")


def open_step(tab, hive):
    tab.goto(hive.url)
    tab.get_by_role("link", name="Product hero images", exact=True).click()
    return opened(tab)


def personal(tab):
    return tab.locator("#field-charge_type .choice", has_text="Personal")


def store_from_the_step(tab):
    """By the link of the choice that cannot be made yet; a key that is too short comes first."""
    personal(tab).get_by_role("link", name="Store one in Provider keys").click()
    assert_everybody_can_use(tab)
    field = tab.get_by_label("OpenAI key", exact=True)
    field.fill("sk-short")
    field.press("Enter")
    expect(openai(tab).get_by_role("alert")).to_contain_text("20 to 300 characters")
    expect(field).to_have_value("")
    assert_everybody_can_use(tab)
    field.fill(KEY)
    field.press("Enter")
    expect(openai(tab)).to_contain_text("stored · …8cD5")


def try_the_key(tab):
    openai(tab).get_by_role("button", name="Test").click()
    expect(openai(tab)).to_contain_text("OpenAI accepted the key.")
    assert_everybody_can_use(tab)
    assert KEY[:-4] not in tab.content()


def run_personally(tab):
    expect(personal(tab)).to_contain_text("Your OpenAI key ending in …8cD5")
    choose(tab, "Personal")
    saved(tab)
    write(tab, "A hive on a hill")
    press_run(tab)
    expect(images(tab)).to_have_count(1, timeout=30_000)
    cost = tab.get_by_label("Cost", exact=True)
    expect(cost).to_contain_text("Personal · billed by your OpenAI account, list price $0.0")
    assert_everybody_can_use(tab)


def revoke(tab):
    expect(openai(tab)).to_contain_text("Last used")
    expect(openai(tab)).not_to_contain_text("never")
    tab.once("dialog", lambda dialog: dialog.accept())
    openai(tab).get_by_role("button", name="Revoke").click()
    expect(openai(tab)).to_contain_text("no key")
    expect(openai(tab)).to_contain_text("Revoked on")


def test_a_personal_run_from_storing_the_key_to_revoking_it(tab, hive, vendor):
    open_step(tab, hive)
    hosted = tab.locator("#hosted-left")
    expect(hosted).to_have_text("Sandbox money of the workspace · $25.00 left")
    expect(personal(tab)).to_contain_text("No OpenAI key is stored.")
    expect(tab.get_by_label("Personal")).to_be_disabled()
    assert_everybody_can_use(tab)
    store_from_the_step(tab)
    try_the_key(tab)

    open_step(tab, hive)
    run_personally(tab)
    assert [entry["key"] for entry in vendor.entries()] == ["8cD5"]
    assert hive.requests() == []
    tab.get_by_role("tab", name="Settings").click()
    expect(hosted).to_contain_text("$25.00 left")
    expect(tab.locator("#left")).to_contain_text("$25.00 left")

    open_keys(tab)
    revoke(tab)
    open_step(tab, hive)
    expect(personal(tab)).to_contain_text("No OpenAI key is stored.")
    expect(tab.get_by_label("Personal")).to_be_checked()
    press_run(tab)
    expect(tab.locator("#run")).to_contain_text("ask an owner to store a key", timeout=20_000)
    expect(tab.locator("#run")).to_contain_text("Nothing was sent and nothing was charged.")
    assert len(vendor.entries()) == 1


def test_a_hosted_run_takes_from_the_balance_that_its_card_shows(tab, hive):
    open_step(tab, hive)
    expect(tab.locator("#hosted-left")).to_contain_text("$25.00 left")
    press_run(tab)
    expect(images(tab)).to_have_count(1, timeout=30_000)
    expect(tab.get_by_label("Cost", exact=True)).to_contain_text("Hosted · $0.0")
    tab.get_by_role("tab", name="Settings").click()
    expect(tab.locator("#hosted-left")).to_contain_text("$24.9")
    expect(tab.locator("#left")).to_contain_text("$24.9")
