"""What stands in the statement, and what its days come to."""

from datetime import UTC, datetime

import pytest

from imagegen import catalogue
from imagegen.attempts.models import Part
from imagegen.billing import corrections, reviews
from imagegen.billing.ledger import Account, balances
from imagegen.billing.models import Charge
from imagegen.billing.reviews import Review
from imagegen.billing.statement import AMOUNTS, DayTotal, StatementLine
from imagegen.books.check import breaches
from imagegen.step import ImageGeneration


@pytest.fixture
def line_of(workflow, step_of, press_run, let_the_hive_work):
    """The line of a run of a new step with this prompt and these choices."""

    def run(prompt="A bottle", **choices):
        step = step_of(workflow, prompt, **choices)
        press_run(step)
        let_the_hive_work()
        return StatementLine.objects.get(step_run__step=step)

    return run


@pytest.fixture
def charge(line_of):
    return Charge.objects.get(part=line_of().part)


def day_sums():
    return {name: sum(DayTotal.objects.values_list(name, flat=True)) for name in AMOUNTS}


def booked(workspace, account):
    return balances(workspace=workspace, simulated=True)[account]


def test_a_run_stands_in_the_statement_with_whom_and_what_it_was_for(line_of, author, workflow):
    line = line_of()
    assert (line.user, line.workflow, line.step_identifier) == (author, workflow, "step_1")
    assert (line.outcome, line.images, line.parts) == ("settled", 1, 1)
    assert line.charged_micro == Charge.objects.get().amount_micro > 0
    assert line.released_micro == line.part.hold_micro - line.charged_micro
    assert "image out tokens" in line.units
    assert line.key_label == "sandbox"
    assert line.simulated


def test_days_are_sums_of_their_lines(line_of):
    lines = [line_of(), line_of(), line_of("A jar [[sandbox:moderation_input]]")]
    assert day_sums()["parts"] == 3
    assert day_sums()["charged_micro"] == sum(line.charged_micro for line in lines)
    assert DayTotal.objects.count() == 2  # settled and rejected


def test_a_refusal_that_the_vendor_bills_is_our_loss_and_listed(line_of, workspace):
    line = line_of("A jar [[sandbox:moderation_output]]", model="grok-imagine-image")
    assert line.outcome == "billed_empty"
    assert line.charged_micro == 0
    assert line.loss_micro == line.cost_micro == 20_000
    assert booked(workspace, Account.LOSSES) == -20_000
    assert Review.objects.get().possible_micro == 20_000


def test_an_unknown_outcome_costs_nothing_and_is_listed(line_of, workspace):
    line = line_of("A jar [[sandbox:reset]]")
    assert (line.outcome, line.charged_micro, line.loss_micro) == ("unknown", 0, 0)
    review = Review.objects.get()
    assert review.state == "open"
    assert review.possible_micro == line.part.estimate_micro > 0


def test_staff_settle_an_unknown_outcome_once(line_of, workspace, author):
    line_of("A jar [[sandbox:reset]]")
    review = Review.objects.get()
    assert reviews.settle(review, "billed", 4_000, "on the invoice of November", author)
    assert not reviews.settle(review, "not_billed", 0, "no", author)
    assert booked(workspace, Account.LOSSES) == -4_000
    assert day_sums()["loss_micro"] == day_sums()["cost_micro"] == 4_000
    assert [note.text for note in review.notes.all()] == ["on the invoice of November"]


def test_a_loss_that_the_vendor_did_not_bill_is_taken_back(line_of, workspace, author):
    line_of("A jar [[sandbox:moderation_output]]", model="grok-imagine-image")
    reviews.settle(Review.objects.get(), "not_billed", 0, "not on the invoice", author)
    assert booked(workspace, Account.LOSSES) == 0
    assert day_sums()["loss_micro"] == 0


def test_a_correction_gives_back_and_can_be_taken_back(charge, workspace, author):
    full = charge.amount_micro
    corrections.correct_to(charge, 1_000, key="c:1", reason="half was blank", by=author)
    assert corrections.standing(charge) == 1_000
    assert workspace.wallets.get(simulated=True).posted == 25_000_000 - 1_000
    corrections.correct_to(charge, full, key="c:2", reason="it was not", by=author)
    assert corrections.standing(charge) == full
    assert booked(workspace, Account.SALES) == full
    charge.refresh_from_db()
    assert charge.amount_micro == full


def test_output_shows_what_a_charge_comes_to_after_its_correction(charge, author, page, address_of):
    corrections.correct_to(charge, 1_000, key="c:1", reason="half was blank", by=author)
    html = page.get(address_of(charge.part.step_run.step, "step-output")).text
    cost = html.split('id="cost-title"')[1].split("</section>")[0]
    assert "Hosted · $0.0010" in cost
    assert "After corrections" in cost


def test_a_part_whose_model_is_gone_is_closed_all_the_same_and_listed(
    image_step, press_run, let_the_hive_work, monkeypatch
):
    def gone(*_):
        raise catalogue.UnknownModel("gpt-image-2")

    press_run(image_step, prompt="A jar [[sandbox:moderation_output]]")
    monkeypatch.setattr(ImageGeneration, "cost_without_image", gone)
    let_the_hive_work()
    line = StatementLine.objects.get()
    assert (line.outcome, line.cost_micro, line.loss_micro) == ("billed_empty", 0, 0)
    assert Review.objects.get().possible_micro == line.part.estimate_micro > 0
    assert wallet_of(line).held == 0


def wallet_of(line):
    return line.workspace.wallets.get(simulated=line.simulated)


def test_a_correction_that_is_repeated_changes_nothing(charge, workspace, author):
    for _ in range(2):
        corrections.correct_to(charge, 0, key="c:1", reason="refund", by=author)
    assert corrections.standing(charge) == 0
    assert StatementLine.objects.filter(key="c:1").count() == 1


@pytest.mark.parametrize("micro", [-1, 10**9])
def test_a_charge_is_never_corrected_above_what_it_was(charge, author, micro):
    with pytest.raises(corrections.NotCorrected, match="from nothing to what it was"):
        corrections.correct_to(charge, micro, key="c:1", reason="?", by=author)


def test_a_correction_to_what_it_is_says_so(charge, author):
    with pytest.raises(corrections.NotCorrected, match="already"):
        corrections.correct_to(charge, charge.amount_micro, key="c:1", reason="?", by=author)


def test_a_correction_counts_to_the_day_it_is_made(charge, author):
    import time_machine

    with time_machine.travel(datetime(2030, 1, 2, tzinfo=UTC), tick=False):
        corrections.correct_to(charge, 0, key="c:1", reason="refund", by=author)
    days = DayTotal.objects.exclude(corrected_micro=0)
    assert [str(day.day) for day in days] == ["2030-01-02"]


def test_wrong_books_are_told(charge, capsys):
    """Each of these cannot happen through the program: that is why somebody has to look."""
    from django.core.management import CommandError, call_command

    call_command("check_books")
    assert "The books are right." in capsys.readouterr().out
    charge.workspace.wallets.filter(simulated=True).update(held=5)
    Part.objects.update(reserved_bytes=7)
    charge.workspace.storage.__class__.objects.update(used=1)
    DayTotal.objects.update(images=9)
    laws = {breach.split(" ")[0] for breach in breaches()}
    assert laws == {"L7", "L15", "Q2"}
    with pytest.raises(CommandError, match="wrong in"):
        call_command("check_books")
    # What the fixture checks afterwards is put right again.
    charge.workspace.wallets.filter(simulated=True).update(held=0)
    used = sum(charge.part.assets.values_list("file_size", flat=True))
    charge.workspace.storage.__class__.objects.update(used=used)
    DayTotal.objects.update(images=1)
