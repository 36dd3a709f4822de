"""One paid request: what staff and owners see of it, and what staff do about it."""

import re
from uuid import uuid4

import pytest
from django.urls import reverse

from imagegen.billing import corrections
from imagegen.billing.ledger import LedgerTransaction
from imagegen.billing.models import Charge
from imagegen.billing.reviews import Review
from imagegen.billing.statement import StatementLine
from workflows.money import in_column


@pytest.fixture
def desk(staff, browser_of):
    return browser_of(staff)


@pytest.fixture
def charge(finished_run):
    return Charge.objects.get(part__step_run=finished_run)


@pytest.fixture
def review(image_step, press_run, let_the_hive_work):
    """Of a request whose outcome is unknown."""
    press_run(image_step, prompt="A jar [[sandbox:reset]]")
    let_the_hive_work()
    return Review.objects.get()


def address(part_id, name="part"):
    return reverse(f"imagegen:billing-{name}", args=[part_id])


def words(response):
    return re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", response.text))


def said(name, **fields):
    fields = {"form_key": str(uuid4()), "reason": "half was blank"} | fields
    return {f"{name}-{field}": value for field, value in fields.items()}


def test_it_shows_the_arithmetic_the_attempt_and_the_books(desk, charge):
    page = words(desk.get(address(charge.part_id)))
    assert "image out tokens × $30/1M" in page
    assert "At list price from" in page
    assert charge.attempt.request_id in page
    assert "Opening" not in page
    for word in ("Hold", "Capture", "attempt 1: settled", "HTTP 200", "After corrections"):
        assert word in page


def test_the_requests_of_one_run_stand_together_and_add_up_after_a_correction(
    desk, run_of, author, django_assert_max_num_queries
):
    first, second = run_of("gemini-2.5-flash-image", image_count=2).parts.order_by("number")
    correct = {"key": "c:1", "reason": "half was blank", "by": author}
    corrections.correct_to(first.charge, 1_000, **correct)
    with django_assert_max_num_queries(25):
        page = desk.get(address(first.pk))
    assert f'href="{address(second.pk)}"' in page.text
    shown = words(page).partition("All paid requests of run")[2]
    assert "step_1 · request 1 · settled $0.0010" in shown
    assert f"After corrections {in_column(1_000 + second.charge.amount_micro)}" in shown


def test_a_statement_leads_to_its_paid_request(desk, charge):
    page = desk.get(reverse("imagegen:billing") + "?simulated=only")
    assert address(charge.part_id) in page.text


def test_staff_correct_a_charge_with_a_reason(desk, charge):
    answer = desk.post(
        address(charge.part_id, "correct"), said("correct", amount="$0.001"), follow=True
    )
    assert "The charge comes to $0.0010 now." in answer.text
    assert corrections.standing(charge) == 1_000
    assert "half was blank" in words(desk.get(address(charge.part_id)))
    line = StatementLine.objects.exclude(corrected_micro=0).get()
    assert line.corrected_micro == 1_000 - charge.amount_micro


def test_a_form_that_is_refused_puts_the_caret_where_it_is_wrong(desk, charge):
    answer = desk.post(address(charge.part_id, "correct"), said("correct", amount="-1"))
    (focused,) = re.findall(r"<input[^>]* autofocus[^>]*>", answer.text)
    assert 'name="correct-amount"' in focused
    assert "autofocus" not in desk.get(address(charge.part_id)).text


def test_a_form_that_is_sent_twice_books_once(desk, charge):
    form = said("correct", amount="0.001")
    for _ in range(2):
        answer = desk.post(address(charge.part_id, "correct"), form)
        assert answer.status_code == 302
    kind = LedgerTransaction.Kind.CORRECTION
    assert LedgerTransaction.objects.filter(kind=kind).count() == 1


def test_staff_refund_in_full(desk, charge):
    desk.post(address(charge.part_id, "refund"), said("refund"))
    assert corrections.standing(charge) == 0
    again = desk.post(address(charge.part_id, "refund"), said("refund"))
    assert again.status_code == 422
    assert "Nothing was corrected" in again.text


@pytest.mark.parametrize(
    ("fields", "sentence"),
    [
        ({"amount": "1,50"}, "A comma can be read in two ways"),
        ({"amount": "-1"}, "An amount is never negative"),
        ({"amount": "900"}, "from nothing to what it was"),
        ({"amount": "9" * 40}, "more than $1,000,000"),
        ({"amount": ""}, "Type what the charge should come to"),
        ({"amount": "0.001", "reason": " "}, "Give a reason"),
        ({"amount": "0.001", "reason": "x" * 501}, "at most 500 characters"),
        ({"amount": "0.001", "form_key": "x"}, "Load it again"),
    ],
)
def test_what_is_refused_is_said_in_a_sentence_and_kept(desk, charge, fields, sentence):
    answer = desk.post(address(charge.part_id, "correct"), said("correct", **fields))
    assert answer.status_code == 422
    assert sentence in answer.text
    assert f'value="{fields["amount"]}"' in answer.text or not fields["amount"]
    assert corrections.standing(charge) == charge.amount_micro


def test_staff_settle_what_the_vendor_billed(desk, review):
    form = said("settle", verdict="billed", amount="0.004", reason="on the invoice")
    assert desk.post(address(review.part_id, "settle"), form).status_code == 302
    review.refresh_from_db()
    assert review.state == "billed"
    page = words(desk.get(address(review.part_id)))
    assert "Our loss: $0.0040." in page
    assert "on the invoice" in page
    again = desk.post(address(review.part_id, "settle"), form)
    assert "It was settled already" in again.text


def test_staff_settle_what_the_vendor_did_not_bill(desk, review):
    form = said("settle", verdict="not_billed", amount="", reason="not on the invoice")
    desk.post(address(review.part_id, "settle"), form)
    review.refresh_from_db()
    assert review.state == "not_billed"


def test_what_was_billed_needs_an_amount(desk, review):
    answer = desk.post(address(review.part_id, "settle"), said("settle", verdict="billed"))
    assert "Type what the vendor billed" in answer.text
    assert Review.objects.get().state == "open"


def test_a_note_leaves_the_review_open(desk, review):
    desk.post(address(review.part_id, "note"), {"note-text": "asked the vendor"})
    assert "asked the vendor" in desk.get(address(review.part_id)).text
    assert Review.objects.get().state == "open"


def test_an_owner_reads_and_changes_nothing(page, charge):
    shown = page.get(address(charge.part_id))
    assert shown.status_code == 200
    assert "Correct the charge" not in shown.text
    answer = page.post(address(charge.part_id, "refund"), said("refund"))
    assert answer.status_code == 403
    assert "Only staff of Fetch Hive" in answer.text
    assert corrections.standing(charge) == charge.amount_micro


def test_the_pictures_and_the_run_are_for_members_only(desk, page, charge, workflow):
    (asset,) = charge.part.assets.all()
    run = reverse("workflows:show-run", args=["acme-shop", workflow.pk, 1])
    own, theirs = (tab.get(address(charge.part_id)).text for tab in (page, desk))
    for text, is_shown in ((own, True), (theirs, False)):
        assert (asset.token in text) == is_shown
        assert (run in text) == is_shown
        assert asset.file_name in text


def test_a_stranger_finds_nothing(charge, stranger, browser_of):
    assert browser_of(stranger).get(address(charge.part_id)).status_code == 404
    assert browser_of(stranger).post(address(charge.part_id, "refund")).status_code == 404
