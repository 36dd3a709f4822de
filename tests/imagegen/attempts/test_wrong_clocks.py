"""A process whose clock is hours off: leases, waits and wake-ups are reckoned in database time."""

from datetime import timedelta

import pytest
import time_machine
from django.utils.timezone import now

from imagegen.attempts import leases, recover
from imagegen.attempts.claims import claim_next
from imagegen.attempts.perform import perform_next
from imagegen.models import Attempt, Charge, Part
from workflows.models import Run
from workflows.runs.advance import advance
from workflows.runs.sweep import advance_overdue_runs


@pytest.fixture(params=[2, -2], ids=["ahead", "behind"])
def clock_off(request):
    """The clock of this process, while inside; never that of the database."""
    return lambda: time_machine.travel(now() + timedelta(hours=request.param))


def test_a_worker_with_a_wrong_clock_sends_once_and_pays_once(
    image_step, press_run, let_the_hive_work, sandbox, clock_off
):
    press_run(image_step)
    with clock_off():
        let_the_hive_work()
    assert image_step.runs.get().status == "succeeded"
    assert (len(sandbox.entries()), Charge.objects.count()) == (1, 1)


def test_a_lease_is_neither_shorter_nor_longer_by_the_clock_of_a_worker(
    image_step, press_run, sandbox, clock_off
):
    press_run(image_step)
    with clock_off():
        advance(Run.objects.get().pk)
        part = claim_next()
        with leases.kept_alive(part):
            assert leases.beat() == 1
    assert claim_next() is None
    part.refresh_from_db()
    assert timedelta() < part.lease_until - now() < timedelta(minutes=1)


def test_a_sweep_with_a_wrong_clock_takes_nothing_from_a_living_worker(
    image_step, press_run, sandbox, clock_off
):
    press_run(image_step)
    advance(Run.objects.get().pk)
    part = claim_next()
    Part.objects.update(state="sending", node=part.node)
    Attempt.objects.create(workspace=part.workspace, part=part, number=1, simulated=True, sent={})
    with clock_off():
        recover.recover()
    assert Part.objects.get().state == "sending"


def test_a_worker_with_a_wrong_clock_keeps_to_a_pause_that_a_provider_asked_for(
    image_step, press_run, sandbox, clock_off
):
    press_run(image_step, prompt="x [[sandbox:rate_limit retry-after=100]]")
    with clock_off():
        advance(Run.objects.get().pk)
        part = perform_next()
        assert perform_next() is None
    part.refresh_from_db()
    assert 90 < (part.due_at - now()).total_seconds() <= 100
    assert len(sandbox.entries()) == 1


def test_a_wake_up_that_is_lost_is_found_whatever_clock_planned_the_part(
    image_step, press_run, sandbox, monkeypatch, clock_off
):
    woken = []
    press_run(image_step)
    monkeypatch.setattr(recover, "wake_now", woken.append)
    with clock_off():
        advance(Run.objects.get().pk)
    written = Part.objects.get().woken_at
    assert abs((written - now()).total_seconds()) < 60
    Part.objects.update(woken_at=written - recover.WAKE_AGAIN)
    recover.recover()
    assert woken == [1]


def test_a_run_that_lost_its_wake_up_is_found_whatever_clock_accepted_it(
    image_step, press_run, clock_off
):
    with clock_off():
        press_run(image_step)
    assert advance_overdue_runs() == 1
