"""The pages of billing, as staff and owners see them."""

import re
from datetime import UTC, datetime

import pytest
from django.urls import reverse

from imagegen.attempts.models import Attempt
from imagegen.billing.reviews import open_review
from imagegen.billing.statement import state
from workflows.models import Membership, User

AT = datetime(2026, 11, 20, 12, tzinfo=UTC)
STAFF = reverse("imagegen:billing")
INVOICE = reverse("imagegen:billing-invoice")
DAYS = "?period=days&from=2026-11-01&to=2026-11-30"


@pytest.fixture
def desk(staff, browser_of):
    return browser_of(staff)


@pytest.fixture
def own():
    return reverse("imagegen:workspace-billing", args=["acme-shop"])


def cells(response):
    text = re.sub(r"<[^>]+>", " ", response.text)
    return re.sub(r"\s+", " ", text)


def test_staff_see_totals_bars_and_lines_of_all_workspaces(desk, stated):
    stated(micro=211_000)
    stated("2026-11-21", micro=77_400, model="gemini-2.5-flash-image", provider="gemini")
    page = desk.get(STAFF + DAYS)
    assert "$0.2884" in cells(page)
    assert page.text.count("<rect class") == 4  # two bars, two swatches
    assert 'role="img"' in page.text
    assert "tallest day $0.2110" in page.text
    assert "Acme Shop" in page.text
    assert "Product hero images · step_1 · run 1" in cells(page)


def test_the_table_beside_the_bars_says_the_same_and_leads_to_the_day(desk, stated):
    stated(micro=211_000)
    page = desk.get(STAFF + DAYS)
    assert "20 Nov 2026 $0.2110 $0.2110" in cells(page)
    assert "period=days&amp;from=2026-11-20&amp;to=2026-11-20" in page.text


def test_a_year_of_days_and_many_models_are_drawn(desk, stated):
    for number in range(8):
        stated(micro=100 * (number + 1), model=f"model-{number}")
    page = desk.get(STAFF + "?period=days&from=2026-01-01&to=2026-12-31")
    assert "other models" in page.text
    assert "model-7" in page.text


def test_what_costs_nothing_says_why(desk, stated):
    stated(charge_type="personal", amounts={"charged_micro": 0, "list_micro": 52_900})
    stated(amounts={"charged_micro": 0, "loss_micro": 210_700})
    page = cells(desk.get(STAFF + DAYS))
    assert "$0 (list $0.0529)" in page
    assert "$0 (loss $0.2107)" in page


def test_what_needs_review_is_counted_and_listed(desk, stated):
    line = stated(micro=0)
    open_review(line.part, 4_000)
    page = cells(desk.get(STAFF + DAYS))
    assert "needs review" in page
    assert "up to $0.0040" in page


def test_the_oldest_reviews_are_listed_and_the_others_follow(desk, stated, monkeypatch):
    monkeypatch.setattr("imagegen.billing.pages.views.MOST_REVIEWS", 2)
    parts = [stated().part for _ in range(3)]
    for part in parts:
        open_review(part, 53_000)
    html = desk.get(STAFF + DAYS).text
    assert "The oldest 2 of 3: when one is settled, the next follows." in html
    shown = [str(part.pk) in html.partition("Needs review: 3")[2] for part in parts]
    assert shown[:2] == [True, True]


def test_simulated_lines_are_left_out_until_they_are_asked_for(desk, stated):
    stated(micro=211_000, simulated=True)
    assert "$0.2110" not in desk.get(STAFF + DAYS).text
    assert "$0.2110" in desk.get(STAFF + DAYS + "&simulated=only").text


def test_a_period_that_cost_nothing_has_no_bars(desk, stated):
    assert 'class="chart"' not in desk.get(STAFF + DAYS).text
    stated()
    assert 'class="chart"' in desk.get(STAFF + DAYS).text


def test_play_money_is_never_said_to_be_paid(desk, stated):
    line = stated(micro=211_000, simulated=True, amounts={"cost_micro": 200_000})
    shown = cells(desk.get(STAFF + DAYS + "&simulated=only"))
    assert "no provider was paid" in shown
    assert "Providers would have billed $0.2000" in shown
    assert "Billed by providers" not in shown
    invoice = cells(desk.get(INVOICE + DAYS + "&simulated=only"))
    assert "no invoice has any of this" in invoice
    assert "Would have cost" in invoice
    part = reverse("imagegen:billing-part", args=[line.part_id])
    assert "none billed anything" in cells(desk.get(part))


def test_a_wrong_address_is_answered_by_a_sentence(desk, db):
    page = desk.get(STAFF + "?model=%3Cb%3E&period=x&before=nothing&after=%00")
    assert page.status_code == 200
    assert "There is no model “&lt;b&gt;” here" in page.text


def test_text_of_users_is_escaped(desk, stated, workflow):
    workflow.name = "<script>alert(1)</script>"
    workflow.save()
    stated()
    assert "<script>alert" not in desk.get(STAFF + DAYS).text


def test_lines_come_page_by_page_and_none_twice(desk, stated, monkeypatch):
    monkeypatch.setattr("imagegen.billing.pages.lines.ROWS_PER_PAGE", 2)
    for number in range(5):
        stated(micro=100_000 + number * 10_000)  # all of one instant
    address, seen = STAFF + DAYS, []
    for _ in range(3):
        page = desk.get(address)
        seen += re.findall(r'<td class="num">(\$0\.1\d+)</td>\s*<td><span class="badge', page.text)
        older = re.search(r'rel="next" href="([^"]+)"', page.text)
        address = STAFF + older[1].replace("&amp;", "&") if older else ""
    assert sorted(seen) == [f"$0.1{number}00" for number in range(5)]
    newer = re.search(r'rel="prev" href="([^"]+)"', page.text)
    assert "$0.1100" in desk.get(STAFF + newer[1].replace("&amp;", "&")).text


def test_a_page_asks_the_database_as_often_for_many_lines(
    desk, stated, django_assert_max_num_queries
):
    for _ in range(2):
        stated()
    with django_assert_max_num_queries(24) as few:
        desk.get(STAFF + DAYS)
    for number in range(6):
        stated(model=f"model-{number}")
    with django_assert_max_num_queries(len(few)):
        desk.get(STAFF + DAYS)


def test_the_invoice_stands_beside_what_was_charged(desk, stated):
    stated(micro=50_000, amounts={"cost_micro": 60_000})
    stated(micro=50_000, amounts={"cost_micro": 40_000, "charged_micro": 50_000})
    page = cells(desk.get(INVOICE + DAYS))
    assert "20 Nov 2026 openai gpt-image-2 none 2 2 $0.1000 $0.1000 $0.0000" in page
    assert "All of the period 2 2 $0.1000 $0.1000 $0.0000" in page


def test_a_row_of_the_invoice_leads_to_its_own_lines(desk, stated, parts_of):
    for last in ("ABCD", "WXYZ"):
        part = stated(micro=1_000).part
        attempt = Attempt.objects.create(
            part=part,
            workspace_id=part.workspace_id,
            number=1,
            simulated=False,
            sent={},
            key_label=f"hosted …{last}",
        )
        state(f"key:{last}", part, attempt, at=AT, charged_micro=200_000, parts=1)
    page = desk.get(INVOICE + DAYS)
    assert "hosted …ABCD" in cells(page)
    lines = desk.get(STAFF + "?period=days&from=2026-11-20&to=2026-11-20&key=hosted+…ABCD")
    assert "After corrections $0.2000" in cells(lines)
    assert "key=hosted+%E2%80%A6ABCD" in page.text
    open_review(part, 53_000)
    assert "Needs review: 1" in desk.get(f"{STAFF}{DAYS}&key=hosted+…WXYZ").text
    assert "Needs review: 1" not in desk.get(f"{STAFF}{DAYS}&key=hosted+…ABCD").text


def test_an_owner_sees_wallet_cap_storage_and_the_opening_grant(page, own, workspace):
    workspace.wallets.filter(simulated=False).update(cap_micro=10_000_000)
    shown = cells(page.get(own))
    assert "Available $25.00" in shown
    assert "$0.00 of a cap of $10.00" in shown
    assert "of 5 GB used" in shown
    assert "$25.00 · Opening grant" in shown


def test_an_owner_sees_the_lines_of_the_own_workspace_only(page, own, stated, stranger, browser_of):
    stated(micro=211_000)
    assert "$0.2110" in page.get(own + DAYS).text
    elsewhere = reverse("imagegen:workspace-billing", args=["elsewhere"])
    assert "$0.2110" not in browser_of(stranger).get(elsewhere + DAYS).text
    assert browser_of(stranger).get(own).status_code == 404


@pytest.mark.parametrize(("role", "status"), [("billing", 200), ("editor", 403), ("viewer", 403)])
def test_who_sees_the_money_of_a_workspace(role, status, workspace, own, browser_of):
    user = User.objects.create_user("mia@example.org")
    Membership.objects.create(workspace=workspace, user=user, role=role)
    tab = browser_of(user)
    assert tab.get(own).status_code == status
    listed = tab.get(reverse("workflows:workflow-list", args=["acme-shop"])).text
    assert (f'href="{own}"' in listed) == (status == 200)


def test_staff_see_the_wallet_of_every_workspace(desk, own, workspace):
    assert "Opening grant" in desk.get(own).text
