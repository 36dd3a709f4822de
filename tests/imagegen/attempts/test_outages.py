"""After an outage leases have run out that nobody could prolong: that alone is no death."""

from datetime import timedelta

import pytest
from django.db import OperationalError
from django.db.models.functions import Now

from imagegen.attempts import outages
from imagegen.attempts.claims import claim_next
from imagegen.attempts.outages import Outages
from imagegen.models import Part
from workflows.models import Run
from workflows.runs.advance import advance


class Clock:
    now = 1000.0

    def __call__(self):
        return self.now


@pytest.fixture
def clock():
    return Clock()


@pytest.fixture
def silent(image_step, press_run, sandbox, settings):
    """A request that has left, of a worker whose lease has run out."""
    press_run(image_step)
    advance(Run.objects.get().pk)
    part = claim_next()
    part.attempts.create(workspace=part.workspace, number=1, simulated=True, sent={})
    ran_out = Now() - timedelta(seconds=1)
    part.move("due", "sending", node=settings.NODE, lease_until=ran_out)
    return part


def state():
    return Part.objects.get().state


def pass_by(clock, sweep, seconds):
    """Rounds as usual, every two seconds."""
    for _ in range(int(seconds // 2)):
        clock.now += 2
        sweep.recover()


def test_a_sweep_that_has_just_started_judges_at_once(silent, clock):
    Outages(clock).recover()
    assert state() == "unknown"


def test_after_the_database_was_away_a_lease_passes_before_anybody_is_called_dead(
    silent, clock, settings, monkeypatch
):
    sweep = Outages(clock)

    def away(*_, **__):
        raise OperationalError("the connection is closed")

    with monkeypatch.context() as patched:
        patched.setattr(outages, "recover", away)
        with pytest.raises(OperationalError):
            sweep.recover()
    pass_by(clock, sweep, settings.LEASE_SECONDS - 2)
    assert state() == "sending"
    pass_by(clock, sweep, 4)
    assert state() == "unknown"


def test_after_the_machine_was_asleep_a_lease_passes_too(silent, clock, settings):
    sweep = Outages(clock)
    clock.now += 3600
    sweep.recover()
    assert state() == "sending"
    pass_by(clock, sweep, settings.LEASE_SECONDS + 2)
    assert state() == "unknown"


def test_meanwhile_what_waits_is_woken(silent, clock, image_step, press_run):
    sweep = Outages(clock)
    clock.now += 3600
    press_run(image_step)
    advance(Run.objects.first().pk)
    Part.objects.filter(state="due").update(woken_at=None)
    assert sweep.recover() == 1
