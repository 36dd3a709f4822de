"""How many requests of one step run are under way together."""

import threading

import pytest
from django.db import connection

from imagegen.attempts import close
from imagegen.attempts.claims import claim_next
from imagegen.attempts.perform import perform
from imagegen.errors import Fault
from imagegen.models import Part, Storage, Wallet
from imagegen.tasks import execute_next_part
from workflows.models import Run
from workflows.runs.advance import advance
from workflows.runs.cancel import cancel


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
    """Each message wakes one worker, here at once: the first of them leads to all ten images."""
    monkeypatch.setitem(execute_next_part.app.conf, "task_always_eager", True)
    execute_next_part.apply_async()
    assert not ten_parts.open().exists()


@pytest.mark.parametrize("marker", ["model_gone", "bad_key", "quota", "verify", "invalid_option"])
def test_what_every_request_would_hear_is_asked_for_once(
    marker, workflow, step_of, press_run, let_the_hive_work, sandbox
):
    prompt = f"x [[sandbox:{marker}]]"
    step = step_of(workflow, prompt, model="gemini-2.5-flash-image", image_count=10)
    press_run(step)
    let_the_hive_work()
    assert len(sandbox.entries()) == 1
    assert {part.state for part in Part.objects.all()} == {"rejected"}
    assert step.runs.get().status == "failed"
    assert Wallet.objects.get(simulated=True, workspace=step.workspace).held == 0
    assert Storage.objects.get(workspace=step.workspace).reserved == 0


def test_a_part_that_is_under_way_meanwhile_is_kept(
    workflow, step_of, press_run, let_the_hive_work
):
    prompt = "x [[sandbox:quota times=1]]"
    step = step_of(workflow, prompt, model="gemini-2.5-flash-image", image_count=4)
    press_run(step)
    advance(Run.objects.get().pk)
    first, second = claim_next(), claim_next()
    perform(first)
    second.refresh_from_db()
    assert second.state == "rejected"  # claimed, and not sent yet
    perform(second)
    let_the_hive_work()
    assert [part.attempts.count() for part in Part.objects.all()] == [1, 0, 0, 0]


def test_of_several_failures_the_one_that_may_have_cost_is_shown(
    workflow, step_of, press_run, let_the_hive_work
):
    """A busy provider first, then a connection that broke: the step is unknown, not busy."""
    step = step_of(workflow, "A bottle", model="gemini-2.5-flash-image", image_count=2)
    press_run(step)
    advance(Run.objects.get().pk)
    first, second = Part.objects.all()
    close.without_image(first, None, "rejected", Fault.RATE_LIMITED)
    close.without_image(second, None, "unknown", Fault.WORKER_LOST)
    error = step.runs.get().error
    assert (error["error_code"], error["is_unknown"]) == ("outcome_unknown", True)
    assert error["message"].startswith("Outcome unknown: Fetch Hive was interrupted")
    assert "is busy and asked us to slow down" in error["message"]


def test_a_cancel_leaves_what_was_not_asked_for_unasked_and_says_so(ten_parts, page, address_of):
    for _ in range(4):
        perform(claim_next())
    cancel(Run.objects.get().pk)
    step_run = ten_parts[0].step_run
    step_run.refresh_from_db()
    assert step_run.status == "succeeded"
    assert step_run.run.status == "cancelled"
    assert step_run.warnings == ["Cancelled: 6 of 10 images were not asked for and cost nothing."]
    html = page.get(address_of(step_run.step, "step-output")).text
    assert html.count("was not asked for</b>") == 6
    assert "Cancelled" in html


def test_while_it_runs_cancel_says_what_it_would_still_cost(ten_parts, page, address_of):
    step = ten_parts[0].step_run.step
    assert "Cancel (free)" in page.get(address_of(step, "step-output")).text
    for part in ten_parts[:3]:
        part.move("due", "sending")
    html = page.get(address_of(step, "step-output")).text
    assert "Cancel (3 on the way will be charged)" in html


def test_ten_images_need_room_for_one_byte_like_any_other_run(
    workflow, step_of, press_run, let_the_hive_work
):
    step = step_of(workflow, model="gemini-2.5-flash-image", image_count=10)
    Storage.objects.update(limit=1)
    press_run(step)
    let_the_hive_work()
    assert step.runs.get().assets.count() == 10


def test_a_wallet_that_does_not_cover_all_of_them_names_the_sum(
    workspace, workflow, step_of, press_run, let_the_hive_work, sandbox, leave_in_wallet
):
    step = step_of(workflow, model="gemini-2.5-flash-image", image_count=10)
    leave_in_wallet(workspace, 100_000)
    press_run(step)
    let_the_hive_work()
    message = step.runs.get().error["message"]
    assert "it may cost up to $0.3873 and $0.1000 is available" in message
    assert sandbox.entries() == []
    assert set(Wallet.objects.values_list("held", flat=True)) == {0}


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
