"""Rate limits: waited for as long as the provider says, in front of everybody who would ask it."""

from datetime import timedelta

import pytest
from django.utils.timezone import now

from imagegen.attempts.accounts import slow_down
from imagegen.attempts.claims import claim_next
from imagegen.attempts.perform import perform_next
from imagegen.models import Attempt, Charge, Part, ProviderAccount, Storage, Wallet
from tests.conftest import let_waits_end
from workflows.models import Run
from workflows.runs.advance import advance
from workflows.runs.cancel import cancel

MODELS = {
    "openai": "gpt-image-2",
    "xai": "grok-imagine-image",
    "gemini": "gemini-2.5-flash-image",
}
# What each says, and the seconds that it means.
NAMED = [
    *((provider, "rate_limit retry-after=7", 7) for provider in ("openai", "xai")),
    *((provider, "rate_limit retry-after=date+7 clock=7200", 7) for provider in ("openai", "xai")),
    *((provider, "rate_limit retry-after-ms=1500", 1.5) for provider in ("openai", "xai")),
    ("gemini", "rate_limit delay=41s", 41),
    ("gemini", "rate_limit delay=1.5s wrapped=1", 1.5),
    ("openai", "rate_limit retry-after=0", 1),
    ("openai", "rate_limit retry-after=120", 120),
]
UNNAMED = ["rate_limit retry-after=soon", "rate_limit retry-after=-5", "rate_limit"]


@pytest.fixture
def planned(workflow, step_of, press_run, sandbox):
    """A run whose parts are due."""

    def make(marker="", model="gpt-image-2", **choices):
        prompt = f"x [[sandbox:{marker}]]" if marker else "A blue bottle"
        step = step_of(workflow, prompt, model=model, **choices)
        press_run(step)
        advance(step.runs.get().run_id)
        return step

    return make


def seconds_left(part):
    part.refresh_from_db()
    return (part.due_at - now()).total_seconds()


@pytest.mark.parametrize(("provider", "marker", "seconds"), NAMED)
def test_a_busy_provider_is_asked_again_when_it_said_and_not_before(
    provider, marker, seconds, planned, let_the_hive_work, sandbox
):
    step = planned(f"{marker} times=1", MODELS[provider])
    part = perform_next()
    assert seconds - 2 < seconds_left(part) <= seconds
    assert perform_next() is None
    assert (part.state, len(sandbox.entries())) == ("due", 1)
    let_the_hive_work()
    assert step.runs.get().status == "succeeded"
    assert [attempt.state for attempt in Attempt.objects.all()] == ["rejected", "settled"]
    assert (len(sandbox.entries()), Charge.objects.count()) == (2, 1)


@pytest.mark.parametrize("marker", UNNAMED)
def test_without_a_time_the_pauses_double_and_are_never_quite_the_same(marker, planned, settings):
    planned(marker)
    pauses = []
    for _ in range(4):
        pauses.append(seconds_left(perform_next()))
        let_waits_end()
    for number, pause in enumerate(pauses):
        usual = settings.RATE_LIMIT_PAUSE_SECONDS * 2**number
        assert usual * 0.75 - 1 < pause <= usual * 1.25
    assert len(set(pauses)) == 4


def test_after_four_waits_the_run_fails_and_nothing_was_charged(
    planned, let_the_hive_work, sandbox
):
    step = planned("rate_limit retry-after=7")
    let_the_hive_work()
    assert step.runs.get().error["error_code"] == "rate_limited"
    assert len(sandbox.entries()) == 5
    assert not Charge.objects.exists()
    assert Wallet.objects.get(simulated=True, workspace=step.workspace).held == 0
    assert Storage.objects.get(workspace=step.workspace).reserved == 0


@pytest.mark.parametrize(
    ("provider", "marker", "words"),
    [
        ("openai", "rate_limit retry-after=121", "2 minutes"),
        ("xai", "rate_limit retry-after=86400", "24 hours"),
        ("gemini", "rate_limit delay=3600s", "60 minutes"),
    ],
)
def test_a_wait_that_nobody_would_sit_through_ends_the_run_at_once(
    provider, marker, words, planned, let_the_hive_work, sandbox
):
    step = planned(marker, MODELS[provider])
    let_the_hive_work()
    error = step.runs.get().error
    assert error["error_code"] == "rate_limited"
    assert f"asks to be left alone for {words}. Press Run again after that" in error["message"]
    assert len(sandbox.entries()) == 1


def test_a_cancel_ends_the_wait_and_costs_nothing(planned, let_the_hive_work, sandbox):
    step = planned("rate_limit retry-after=7")
    perform_next()
    cancel(step.runs.get().run_id)
    let_the_hive_work()
    assert step.runs.get().status == "cancelled"
    assert len(sandbox.entries()) == 1
    assert Wallet.objects.get(simulated=True, workspace=step.workspace).held == 0


def test_a_cancel_that_comes_while_the_refusal_is_read_ends_the_run(planned, sandbox, monkeypatch):
    from imagegen.attempts import patience

    step = planned("rate_limit retry-after=7")
    pause = patience.pause_before

    def cancelled_meanwhile(*given):
        cancel(step.runs.get().run_id)
        return pause(*given)

    monkeypatch.setattr(patience, "pause_before", cancelled_meanwhile)
    perform_next()
    assert Part.objects.get().state == "cancelled"
    assert step.runs.get().status == "cancelled"
    assert Wallet.objects.get(simulated=True, workspace=step.workspace).held == 0


def test_while_one_waits_nobody_asks_that_account_and_everybody_else_is_asked(planned, sandbox):
    planned("rate_limit retry-after=7")
    perform_next()
    same, other = planned(), planned(model="grok-imagine-image")
    assert claim_next().step_run.step == other
    assert claim_next() is None
    ProviderAccount.objects.update(closed_until=now() - timedelta(seconds=1))
    assert claim_next().step_run.step == same


def test_a_personal_account_that_is_busy_keeps_no_hosted_run_waiting(planned, workspace):
    step = planned()
    part = step.runs.get().parts.get()
    part.account = f"openai:{workspace.pk}"
    slow_down(part, 7)
    assert claim_next() == Part.objects.get()


def test_an_account_that_was_busy_is_asked_by_half_as_many_and_by_one_more_with_each_answer(
    planned, settings
):
    for _ in range(6):
        planned()
    claimed = [claim_next() for _ in range(4)]
    slow_down(claimed[0], 7)
    let_waits_end()
    assert ProviderAccount.objects.get(name="openai:sandbox").at_once == 2
    assert claim_next() is None  # four are still under way
    Part.objects.filter(pk__in=[part.pk for part in claimed]).update(lease_until=None)
    assert [bool(claim_next()) for _ in range(3)] == [True, True, False]


def test_a_good_answer_opens_the_account_by_one(planned, sandbox):
    planned()
    planned()
    first = claim_next()
    slow_down(first, 7)
    let_waits_end()
    Part.objects.update(lease_until=None)
    perform_next()
    assert ProviderAccount.objects.get(name="openai:sandbox").at_once == 2


def test_the_page_says_who_is_waited_for_and_until_when(planned, page, address_of):
    step = planned("rate_limit retry-after=100")
    part = perform_next()
    part.refresh_from_db()
    html = page.get(address_of(step, "step-output")).text
    assert "Waiting for OpenAI" in html
    assert "OpenAI is busy and asked us to slow down. It is asked again at" in html
    assert f"{part.due_at:%H:%M:%S} UTC: request 2 of at most 5." in html
    assert f'data-left-until="{part.due_at:%Y-%m-%dT%H:%M:%S}' in html
    assert "Cancel (free)" in html


def test_a_run_behind_a_busy_account_says_so_too(planned, page, address_of):
    planned("rate_limit retry-after=100")
    perform_next()
    step = planned()
    assert "Waiting for OpenAI" in page.get(address_of(step, "step-output")).text


def test_what_could_not_be_reached_is_tried_again_after_a_pause(
    planned, settings, page, address_of
):
    settings.UNSENT_PAUSE_SECONDS = 100
    step = planned()
    settings.SANDBOX_URL = "http://127.0.0.1:1"
    part = perform_next()
    assert 98 < seconds_left(part) <= 100
    html = page.get(address_of(step, "step-output")).text
    assert "OpenAI could not be reached. It is asked again at" in html


def test_the_sweep_wakes_a_worker_when_the_wait_is_over(planned, monkeypatch):
    from imagegen.attempts import recover

    woken = []
    monkeypatch.setattr(recover, "wake_now", woken.append)
    planned("rate_limit retry-after=7")
    perform_next()
    recover.recover()
    let_waits_end()
    recover.recover()
    assert woken == [0, 1]
    assert Run.objects.get().status == "running"
