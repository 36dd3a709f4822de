"""What was this charge? From the total of a month to the arithmetic of one request, its
correction, and the same total in the CSV."""

import csv

import pytest
from playwright.sync_api import expect

from tests.journeys.conftest import Hive, opened, own_services, running
from tests.journeys.test_every_page import assert_everybody_can_use
from tests.journeys.test_main_job import images, press_run, write
from workflows.money import dollars

pytestmark = pytest.mark.browser


@pytest.fixture
def billing(new_workflow, words):
    """The billing of all workspaces, after a run."""
    tab = new_workflow
    write(tab, words)
    press_run(tab)
    expect(images(tab)).to_have_count(1)
    tab.get_by_role("link", name="Billing", exact=True).click()
    return tab


def figure(tab, name):
    return tab.locator("dt", has_text=name).locator("xpath=following-sibling::dd[1]").first


def total_of_the_csv(tab):
    link = tab.get_by_role("link", name="Export CSV").get_attribute("href")
    answer = tab.request.get(tab.hive.url + link)
    return list(csv.DictReader(answer.text().splitlines()))[-1]


def test_from_the_total_of_a_month_to_one_request_and_into_the_csv(billing):
    tab = billing
    expect(figure(tab, "After corrections")).to_have_text("$0.00")  # of real money
    assert int(total_of_the_csv(tab)["net_micro"]) == 0
    tab.get_by_label("Period").select_option("This month")
    tab.get_by_label("Simulated").select_option("Simulated only")
    tab.get_by_role("button", name="Filter").click()
    before = int(total_of_the_csv(tab)["net_micro"])
    expect(figure(tab, "After corrections")).to_have_text(dollars(before))
    assert_everybody_can_use(tab)

    tab.get_by_text("The same as a table").click()
    tab.get_by_role("region", name="Days").get_by_role("link").first.click()
    tab.get_by_role("region", name="Statement").get_by_role("link").first.click()
    expect(tab.locator("main")).to_contain_text("image out tokens × $30/1M")
    assert_everybody_can_use(tab)

    tab.get_by_label("Correct to, in dollars").fill("0,01")
    tab.get_by_label("Reason", exact=True).fill("half of it was blank")
    tab.get_by_role("button", name="Correct").click()
    expect(tab.locator("main")).to_contain_text("A comma can be read in two ways")
    expect(tab.get_by_label("Reason", exact=True)).to_have_value("half of it was blank")
    assert_everybody_can_use(tab)
    tab.get_by_label("Correct to, in dollars").fill("0.001")
    tab.get_by_role("button", name="Correct").click()
    expect(figure(tab, "After corrections")).to_have_text("$0.0010")

    tab.get_by_role("link", name="Billing of").click()
    tab.get_by_label("Period").select_option("This month")
    tab.get_by_role("button", name="Filter").click()
    total = total_of_the_csv(tab)
    assert int(total["net_micro"]) < before
    expect(figure(tab, "After corrections")).to_have_text(dollars(int(total["net_micro"])))
    expect(tab.get_by_role("region", name="Statement")).to_contain_text("half of it was blank")
    assert_everybody_can_use(tab)


def test_staff_grant_credit_and_it_is_seen(billing):
    tab = billing
    tab.goto(f"{tab.hive.url}/w/my-workspace/billing/plan")
    assert_everybody_can_use(tab)
    tab.get_by_label("Amount, in dollars").fill("1,50")
    tab.get_by_label("Reason").fill("for the fair")
    tab.get_by_role("button", name="Grant").click()
    expect(tab.locator("main")).to_contain_text("A comma can be read in two ways")
    tab.get_by_label("Amount, in dollars").fill("1.50")
    tab.get_by_role("button", name="Grant").click()
    expect(tab.locator("main")).to_contain_text("$1.50 · Grant: for the fair")
    tab.get_by_role("link", name="Back to billing").click()
    expect(tab.locator("main")).to_contain_text("Opening grant")
    assert_everybody_can_use(tab)


@pytest.fixture
def poor_hive(tmp_path):
    """A new workspace is given nothing."""
    environment = own_services() | {"OPENING_GRANT_MICRO": "0"}
    with running(Hive(tmp_path / "data", environment)) as hive:
        yield hive


def test_an_empty_wallet_refuses_until_credit_is_granted(browser, poor_hive, words):
    tab = browser.new_context().new_page()
    tab.set_default_timeout(15_000)
    tab.goto(poor_hive.sign_in_address())
    tab.get_by_role("link", name="Product hero images", exact=True).click()
    write(opened(tab), words)
    expect(tab.locator("#left")).to_contain_text("$0.00 left")
    editor = tab.url
    press_run(tab)
    expect(tab.locator("#step-state")).to_contain_text("Not started · $0")
    expect(tab.locator("#run")).to_contain_text("The wallet does not cover this run")
    assert_everybody_can_use(tab)
    assert poor_hive.requests() == []

    tab.goto(f"{poor_hive.url}/w/my-workspace/billing/plan")
    tab.get_by_label("Amount, in dollars").fill("0.50")
    tab.locator("#id_grant-purse").select_option("Play money of the sandbox")
    tab.get_by_label("Reason").fill("to try it out")
    tab.get_by_role("button", name="Grant").click()
    tab.goto(editor)
    press_run(tab)
    expect(images(tab)).to_have_count(1, timeout=20_000)
    assert len(poor_hive.requests_for(words)) == 1
    tab.context.close()


def test_the_invoice_page_and_a_filter_that_finds_nothing(billing):
    tab = billing
    tab.goto(f"{tab.hive.url}/billing/invoice?simulated=only")
    expect(tab.locator("main")).to_contain_text("gpt-image-2")
    assert_everybody_can_use(tab)
    tab.goto(f"{tab.hive.url}/billing?model=no-such-model")
    expect(tab.locator("main")).to_contain_text("There is no model “no-such-model” here")
    assert_everybody_can_use(tab)
