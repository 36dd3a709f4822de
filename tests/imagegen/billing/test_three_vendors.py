"""What each vendor's answer means for money."""

from dataclasses import replace
from datetime import UTC, date, datetime

import pytest
import time_machine

from imagegen.attempts.contract import paid_kind
from imagegen.billing.prices import Line, in_micro, total_micro
from imagegen.models import Attempt, Charge, Part, Wallet
from imagegen.providers.contract import Picture, Result, Usage
from imagegen.sandbox import faults
from workflows.models import Run
from workflows.runs.advance import advance

GRANT = 25_000_000
TEN_TO_THE_TEN = 10**10  # ticks of a dollar


def posted():
    return Wallet.objects.get(simulated=True, workspace__slug="acme-shop").posted


# xAI


@pytest.mark.parametrize(
    ("model", "ticks"),
    [
        ("grok-imagine-image", 2 * TEN_TO_THE_TEN // 100),
        ("grok-imagine-image-quality", 4 * TEN_TO_THE_TEN // 100),
        ("grok-imagine-image-2.0", 4 * TEN_TO_THE_TEN // 100),
    ],
)
def test_the_ticks_of_xai_are_stored_as_its_own_cost_and_agree_with_our_prices(
    model, ticks, run_of
):
    run_of(model, image_count=3)
    charge = Charge.objects.get()
    assert charge.provider_ticks == Attempt.objects.get().provider_ticks == 3 * ticks
    assert charge.flags == []
    assert charge.amount_micro == 3 * ticks // 10_000
    assert posted() == GRANT - charge.amount_micro


def test_another_figure_of_xai_changes_nothing_for_the_customer_and_is_flagged(run_of):
    run_of("grok-imagine-image", "x [[sandbox:ticks_off ticks=500000000]]")
    charge = Charge.objects.get()
    assert charge.amount_micro == 20_000
    assert charge.provider_ticks == 500_000_000
    assert charge.flags == ["The provider says that it cost $0.0500; by our prices it is $0.0200."]


def test_without_ticks_it_is_priced_by_our_table_and_flagged(run_of):
    run_of("grok-imagine-image", "x [[sandbox:ticks_missing]]", image_count=2)
    charge = Charge.objects.get()
    assert (charge.amount_micro, charge.provider_ticks) == (40_000, None)
    assert charge.flags == ["The provider named no usage: priced by our own table."]


@pytest.mark.parametrize("marker", ["usage_negative", "usage_huge", "usage_text", "usage_nan"])
def test_ticks_that_cannot_be_true_are_not_believed(marker, run_of):
    run_of("grok-imagine-image", f"x [[sandbox:{marker}]]")
    charge = Charge.objects.get()
    assert (charge.amount_micro, charge.provider_ticks) == (20_000, None)


def test_of_several_images_those_that_came_are_charged(run_of):
    """xAI bills every image that was asked for: the rest is our loss, and flagged."""
    step_run = run_of("grok-imagine-image", "x [[sandbox:withheld_in_list drop=1]]", image_count=4)
    assert step_run.status == "succeeded"
    assert step_run.warnings == ["3 of 4 images came."]
    charge = Charge.objects.get()
    assert charge.amount_micro == 60_000
    assert charge.flags == ["The provider says that it cost $0.0800; by our prices it is $0.0600."]


def test_a_refusal_that_carries_a_cost_is_our_loss_and_is_written_down(run_of):
    step_run = run_of("grok-imagine-image", "x [[sandbox:moderation_output]]", image_count=2)
    assert step_run.error["error_code"] == "moderation_blocked"
    assert "You were not charged for it; what xAI bills is our loss." in step_run.error["message"]
    assert Attempt.objects.get().provider_ticks == 400_000_000
    assert not Charge.objects.exists()
    assert posted() == GRANT


def test_a_model_that_another_one_answers_for_is_flagged_unless_the_record_says_so(run_of):
    run_of("grok-imagine-image", "x [[sandbox:redirected]]")
    charge = Charge.objects.get()
    assert charge.amount_micro == 20_000
    assert charge.flags == [
        "The provider says that it cost $0.0400; by our prices it is $0.0200.",
        "grok-imagine-image was asked for, and grok-imagine-image-2.0 answered.",
    ]


def test_a_silent_redirect_shows_in_the_cost(run_of):
    run_of("grok-imagine-image", "x [[sandbox:silent_redirect]]")
    assert len(Charge.objects.get().flags) == 1


@pytest.fixture
def half_damaged(monkeypatch):
    """The sandbox's answers carry two images, the second of which breaks off."""

    def damage(files, arguments):
        return [files[0], files[1][: len(files[1]) // 2]]

    cut = replace(faults.FAULTS["corrupt_image"], files=damage)
    monkeypatch.setitem(faults.FAULTS, "corrupt_image", cut)
    return "x [[sandbox:corrupt_image]]"


@pytest.mark.parametrize(
    ("model", "charged", "ours"),
    [
        ("grok-imagine-image", 20_000, 20_000),
        ("gpt-image-2", 196 * 30 + 7 * 5, 196 * 30),
    ],
)
def test_a_damaged_image_is_not_charged_and_its_share_is_our_loss(
    model, charged, ours, half_damaged, run_of
):
    step_run = run_of(model, half_damaged, image_count=2)
    charge = Charge.objects.get()
    assert charge.amount_micro == charged
    assert total_micro(Line(**line) for line in charge.our_lines) == ours
    (warning,) = step_run.warnings
    assert warning.startswith("1 of 2 images came. The image file that")
    assert "was damaged" in warning
    assert posted() == GRANT - charged


@pytest.mark.parametrize(("ticks", "micro"), [(0, 0), (1, 1), (10_000, 1), (10_001, 2)])
def test_ticks_are_rounded_up_like_charges(ticks, micro):
    assert in_micro(ticks) == micro


@pytest.mark.parametrize(
    ("model", "served", "is_flagged"),
    [
        ("gpt-image-2", "gpt-image-2", False),
        ("gpt-image-2", "gpt-image-2-2026-04-21", False),
        ("gpt-image-2", "gpt-image-2.5-flare", True),
        ("grok-imagine-image", "grok-imagine-image-2", True),
        ("grok-imagine-image", "grok-imagine-image-2.0", True),
        ("grok-imagine-image-quality", "grok-imagine-image-2.0", False),
        ("grok-imagine-image-quality", "grok-imagine-image-2.0-20260801", False),
        ("grok-imagine-image-quality", "grok-imagine-image-quality-20260403", False),
        ("gemini-2.5-flash-image", "gemini-2.5-flash-image-001", False),
        ("gemini-2.5-flash-image", "gemini-nano-banana-2.1", True),
        ("gemini-2.5-flash-image", "", False),
    ],
)
def test_a_snapshot_of_the_model_is_no_surprise_and_another_model_is(
    model, served, is_flagged, run_of
):
    run_of(model)
    part = Part.objects.get()
    result = Result((Picture(""),), Usage(image_out=1), {"model": served} if served else {})
    assert bool(paid_kind(part.step_run).price(part, result, 1).flags) == is_flagged


# Gemini


def test_every_image_of_gemini_is_a_request_a_part_and_a_charge_of_its_own(run_of, sandbox):
    step_run = run_of("gemini-2.5-flash-image", "12345678", image_count=4)
    assert step_run.assets.count() == 4
    assert len(sandbox.entries()) == 4
    paid = 1290 * 30 + 1  # two tokens of the prompt are 0.6 micro-dollars, rounded up
    assert [charge.amount_micro for charge in Charge.objects.all()] == [paid] * 4
    assert posted() == GRANT - 4 * paid


def test_one_image_that_does_not_come_leaves_the_others(run_of, sandbox):
    prompt = "x [[sandbox:moderation_output times=1]]"
    step_run = run_of("gemini-2.5-flash-image", prompt, image_count=4)
    assert step_run.status == "succeeded"
    (warning,) = step_run.warnings
    assert warning.startswith("3 of 4 images came. Google Gemini made the image and then withheld")
    assert "You were not charged for it" in warning
    assert len(step_run.output_for_later_steps["assets"]) == 3
    assert step_run.output_for_later_steps["settings"]["image_count"] == 4
    assert Charge.objects.count() == 3
    assert len(sandbox.entries()) == 4
    wallet = Wallet.objects.get(simulated=True, workspace__slug="acme-shop")
    assert wallet.held == 0


def test_the_same_refusal_of_every_image_is_said_once(run_of):
    prompt = "x [[sandbox:fewer_images drop=1 times=2]]"
    step_run = run_of("gemini-2.5-flash-image", prompt, image_count=3)
    (warning,) = step_run.warnings
    assert warning.count("answered without an image") == 1


def test_the_estimate_of_the_run_stands_beside_what_came(run_of, page, address_of):
    prompt = "x [[sandbox:fewer_images drop=1 times=2]]"
    step_run = run_of("gemini-2.5-flash-image", prompt, image_count=4)
    html = page.get(address_of(step_run.step, "step-output")).text
    card = html.split('id="cost-title"')[1].split("</dl>")[0]
    assert "$0.0774" in card
    assert "$0.1548" in card


def test_what_a_refused_call_used_is_written_down(run_of):
    run_of("gemini-2.5-flash-image", "x [[sandbox:text_only]]")
    attempt = Attempt.objects.get()
    assert attempt.usage["text_in"] > 0
    assert attempt.usage["image_out"] == 0
    assert attempt.said == "I would rather describe it in words."


def test_thoughts_are_our_cost_and_not_the_customers(run_of):
    run_of("gemini-nano-banana-2.1")
    charge, usage = Charge.objects.get(), Attempt.objects.get().usage
    assert usage["text_out"] > 0
    (ours,) = charge.our_lines
    assert (ours["what"], ours["units"], ours["rate"]) == (
        "text out tokens",
        usage["text_out"],
        7_500_000,
    )
    assert charge.amount_micro == -(-(1120 * 30_000_000 + usage["text_in"] * 1_500_000) // 10**6)


def test_the_output_tab_adds_the_lines_of_all_images_up(run_of, page, address_of):
    step_run = run_of("gemini-2.5-flash-image", "12345678", image_count=4)
    html = page.get(address_of(step_run.step, "step-output")).text
    assert "5,160 image out tokens × $30/1M" in html
    cost = html.split('id="cost-title"')[1].split("</section>")[0]
    assert cost.count("image out tokens") == 1


def test_more_than_one_image_in_an_answer_never_costs_more_than_was_held(run_of):
    run_of("gemini-2.5-flash-image", "x [[sandbox:more_images]]")
    assert Charge.objects.get().amount_micro <= Part.objects.get().hold_micro


def test_the_price_of_the_day_of_the_hold_is_charged_when_midnight_has_come_since(
    workflow, step_of, press_run, let_the_hive_work
):
    step = step_of(workflow, "A jar", model="grok-imagine-image-quality")
    with time_machine.travel(datetime(2026, 11, 1, 23, 59, 59, tzinfo=UTC), tick=False):
        press_run(step)
        advance(Run.objects.get().pk)
    Part.objects.update(created_at=datetime(2026, 11, 2, tzinfo=UTC))
    let_the_hive_work()
    charge = Charge.objects.get()
    assert (charge.amount_micro, charge.prices_from) == (50_000, date(2026, 4, 3))
