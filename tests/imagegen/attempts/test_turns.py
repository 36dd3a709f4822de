"""How many requests of one step run are under way together."""

import threading

import pytest
from django.db import connection

from imagegen.attempts.leases import claim_next
from imagegen.attempts.perform import perform
from imagegen.models import Part
from imagegen.tasks import execute_next_part
from workflows.models import Run
from workflows.runs.advance import advance


@pytest.fixture
def ten_parts(workflow, step_of, press_run, sandbox):
    """Ten images of Gemini, which makes one per request."""
    press_run(step_of(workflow, model="gemini-2.5-flash-image", image_count=10))
    advance(Run.objects.get().pk)
    return Part.objects.all()


def numbers(parts):
    return [part.number for part in parts]


def claim_all():
    return list(iter(claim_next, None))


def test_an_image_is_a_part_of_its_own(ten_parts):
    assert [(part.first_slot, part.slots) for part in ten_parts] == [
        (slot, 1) for slot in range(10)
    ]
    assert all(part.request["config"]["image_count"] == 1 for part in ten_parts)


def test_four_are_under_way_at_once(ten_parts):
    assert numbers(claim_all()) == [1, 2, 3, 4]


def test_the_next_begins_when_any_of_them_has_ended(ten_parts):
    claimed = claim_all()
    perform(claimed[2])
    assert numbers(claim_all()) == [5]
    perform(claimed[0])
    perform(claimed[3])
    assert numbers(claim_all()) == [6, 7]


def test_the_end_of_one_wakes_a_worker_for_the_next(ten_parts, monkeypatch):
    woken = []
    monkeypatch.setattr("imagegen.tasks.send", woken.append)
    for _ in range(10):
        execute_next_part()
    assert len(woken) == 9
    assert not ten_parts.open().exists()


def test_the_output_tab_says_how_many_are_stored_while_the_others_are_made(
    ten_parts, page, address_of
):
    perform(claim_next())
    step = ten_parts[0].step_run.step
    html = page.get(address_of(step, "step-output")).text
    assert "Generating, 1 of 10 stored" in html
    assert html.count("<figure") == 1


def test_other_runs_do_not_wait_for_them(ten_parts, image_step, press_run):
    claim_all()
    press_run(image_step)
    advance(Run.objects.latest("number").pk)
    assert claim_next().provider == "openai"


@pytest.mark.django_db(transaction=True)
def test_twelve_workers_at_the_same_instant_begin_four(ten_parts):
    claimed, together = [], threading.Barrier(12)

    def work():
        together.wait()
        if part := claim_next():
            claimed.append(part.number)
        connection.close()

    workers = [threading.Thread(target=work) for _ in range(12)]
    for worker in workers:
        worker.start()
    for worker in workers:
        worker.join()
    claimed += numbers(claim_all())
    assert sorted(claimed) == [1, 2, 3, 4]
