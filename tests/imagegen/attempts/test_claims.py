"""Whose turn it is, among many workspaces and within the limits of the settings."""

import threading

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from imagegen.attempts import claims, leases
from imagegen.attempts.claims import claim_next
from imagegen.models import Part

DUE = {"simulated": True, "account": "openai:sandbox", "at_once": 1000}


@pytest.fixture
def queue(parts_of):
    """So many requests of one workspace that wait."""

    def make(number, **fields):
        return parts_of(number, **(DUE | fields))

    return make


@pytest.fixture
def theirs(stranger, parts_of):
    """A request of another workspace, that came last of all."""

    def make():
        (part,) = parts_of(1, **DUE)
        Part.objects.filter(pk=part.pk).update(workspace=stranger.memberships.get().workspace)
        return part

    return make


def claim_all():
    return list(iter(claim_next, None))


def test_the_first_run_of_another_workspace_waits_for_nobody_elses_five_hundred(queue, theirs):
    queue(500)
    first = [claim_next() for _ in range(10)]
    part = theirs()
    assert part not in first
    assert claim_next() == part


def test_a_workspace_has_as_many_requests_at_once_as_the_settings_allow(queue, theirs, settings):
    settings.REQUESTS_PER_WORKSPACE = 3
    queue(8)
    assert len(claim_all()) == 3
    part = theirs()
    assert claim_all() == [part]
    ended = Part.objects.filter(workspace__slug="acme-shop").leased().first()
    ended.close("cancelled")
    assert len(claim_all()) == 1


def test_a_provider_has_as_many_requests_at_once_as_the_settings_allow(queue, theirs, settings):
    settings.REQUESTS_PER_PROVIDER = 3
    queue(8)
    queue(1, account="xai:sandbox")
    assert len(claim_all()) == 4
    theirs()
    assert claim_all() == []


def test_a_process_takes_no_more_than_it_may_hold(queue, settings):
    settings.WORKER_CONCURRENCY = 2
    queue(3)
    with leases.kept_alive(claim_next()), leases.kept_alive(claim_next()):
        assert claim_next() is None
    assert claim_next() is not None


def test_a_worker_that_is_asked_to_end_takes_up_nothing_more(queue, monkeypatch):
    monkeypatch.setattr(claims, "_stopped", threading.Event())
    queue(1)
    claims.stop_claiming()
    assert claim_next() is None
    assert not Part.objects.leased().exists()


def test_a_claim_asks_the_same_few_questions_of_any_queue(queue):
    def questions(number):
        queue(number)
        with CaptureQueriesContext(connection) as asked:
            assert claim_next() is not None
        return len(asked)

    questions(2)  # makes the account known
    assert questions(2) == questions(300) <= 12


@pytest.mark.django_db(transaction=True)
def test_claims_at_the_same_instant_keep_to_the_limit(queue, settings):
    settings.REQUESTS_PER_WORKSPACE = 5
    queue(20)
    claimed, together = [], threading.Barrier(12)

    def work():
        together.wait()
        claimed.append(claim_next())
        connection.close()

    workers = [threading.Thread(target=work) for _ in range(12)]
    for worker in workers:
        worker.start()
    for worker in workers:
        worker.join()
    assert len([part for part in claimed if part]) == 5
