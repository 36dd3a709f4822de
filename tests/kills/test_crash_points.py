"""A worker is stopped at every arrow of the life of a run, in every way. What must come of it
stands in `points`; whoever finishes what it has begun, sooner or later, leaves nothing unknown."""

import pytest
from django.conf import settings
from django.db import connection

from imagegen.attempts import recover
from tests.kills import wrong
from tests.kills.points import GOOD, POINTS, UNKNOWN

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.processes]
at_every_point = pytest.mark.parametrize("name", POINTS)


def slow_on_postgresql(test):
    """Where it says least that SQLite has not said."""
    return test if settings.IS_SQLITE else pytest.mark.slow(test)


@pytest.fixture
def stopped_at(stage, name):
    stage.set(name, POINTS[name])
    return stage


@pytest.fixture
def others_can_write(name):
    """Whoever stands still while he writes to SQLite lets nobody else write."""
    if connection.vendor == "sqlite" and POINTS[name].in_transaction:
        pytest.skip("SQLite is locked")


@at_every_point
def test_a_worker_that_is_killed_sends_nothing_twice_and_loses_no_answer(stopped_at, name):
    stopped_at.killed()
    stopped_at.others_work()
    stopped_at.assert_ended(POINTS[name].killed)


@slow_on_postgresql
@at_every_point
def test_a_worker_that_is_asked_to_end_finishes_what_it_has_begun(stopped_at, name):
    stopped_at.terminated()
    stopped_at.others_work()
    stopped_at.assert_ended(GOOD)


@at_every_point
def test_a_worker_that_was_frozen_writes_nothing_when_it_wakes(others_can_write, stopped_at, name):
    stopped_at.frozen()
    stopped_at.others_work()
    stopped_at.assert_ended(POINTS[name].frozen)


@slow_on_postgresql
@at_every_point
def test_a_workflow_deleted_under_a_worker_keeps_what_it_brings(others_can_write, stopped_at, name):
    stopped_at.workflow_deleted()
    stopped_at.others_work()
    stopped_at.assert_ended(GOOD)
    stopped_at.assert_shown_when_restored()


@at_every_point
def test_a_worker_whose_database_is_stopped_loses_nothing(own_cluster, stopped_at, name):
    stopped_at.database_stopped(own_cluster)
    stopped_at.others_work()
    stopped_at.assert_ended(GOOD)


@pytest.mark.parametrize("name", ["sent, no answer", "half of the answer"])
def test_a_sweep_that_asks_again_is_caught(stopped_at, monkeypatch):
    """The control."""
    monkeypatch.setattr(recover, "_decide", wrong.ask_again)
    stopped_at.killed()
    stopped_at.others_work()
    assert stopped_at.requests() == [2]
    assert [breach for breach in stopped_at.breaches() if breach.startswith("L12")]
    with pytest.raises(AssertionError):
        stopped_at.assert_ended(UNKNOWN)
