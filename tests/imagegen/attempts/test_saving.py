"""Answers that were paid for and could not be stored: they are kept, and stored anew."""

from datetime import timedelta

import pytest
from django.db.models import F
from django.utils.timezone import now

from imagegen.attempts import perform
from imagegen.attempts.claims import claim_next
from imagegen.attempts.perform import perform_next
from imagegen.books.check import breaches
from imagegen.models import Attempt, Charge, Part, Storage, Wallet
from tests.conftest import let_waits_end
from workflows.models import Run
from workflows.runs.advance import advance


@pytest.fixture
def no_folder(settings):
    """Where images arrive stands something else; gone when it is called."""
    settings.FILES.mkdir()
    in_the_way = settings.FILES / "arriving"
    in_the_way.write_text("")
    return in_the_way.unlink


@pytest.fixture
def unsaved(image_step, press_run, sandbox, no_folder):
    """A run of two images whose answer has come and could not be stored."""
    press_run(image_step, image_count="2")
    advance(Run.objects.get().pk)
    perform_next()
    return image_step.runs.get()


def part():
    return Part.objects.get()


def let_the_pause_end():
    return let_waits_end(Part.objects.answered())


def give_up(step_run):
    """A day has passed in which it could never be stored."""
    Attempt.objects.update(received_at=F("received_at") - timedelta(days=2))
    let_the_pause_end()
    perform_next()
    step_run.refresh_from_db()


def save_again(page, step_run):
    step, run = step_run.step, step_run.run
    return page.post(
        f"/w/acme-shop/workflows/{step.workflow_id}/steps/{step.identifier}/runs/{run.number}"
        "/save-again",
        follow=True,
    )


def test_it_is_kept_with_hold_and_reservation_and_nobody_is_asked_twice(unsaved, sandbox):
    assert (part().state, part().lease_owner, part().save_tries) == ("received", "", 1)
    assert part().hold_micro == Wallet.objects.get(simulated=True).held > 0
    assert Storage.objects.get().reserved == part().reserved_bytes > 0
    assert perform_next() is None  # not before its pause has ended
    assert len(sandbox.entries()) == 1


def test_it_is_stored_by_itself_as_soon_as_that_works(unsaved, no_folder, sandbox):
    no_folder()
    let_the_pause_end()
    perform_next()
    unsaved.refresh_from_db()
    assert (unsaved.status, unsaved.assets.count()) == ("succeeded", 2)
    assert Charge.objects.get().amount_micro > 0
    assert len(sandbox.entries()) == 1
    assert list(breaches(sandbox.log.path)) == []


def test_its_pauses_grow_to_ten_minutes(unsaved):
    pauses = []
    for _ in range(10):
        pauses.append(round((part().due_at - now()).total_seconds()))
        let_the_pause_end()
        perform_next()
    assert pauses == [5, 10, 20, 40, 80, 160, 320, 600, 600, 600]


def test_the_page_says_that_it_is_paid_and_when_it_is_tried_again(unsaved, page, address_of):
    html = page.get(address_of(unsaved.step, "step-output")).text
    assert "Saving again" in html
    assert "OpenAI has answered, and the answer is kept" in html
    assert f"tried again at {part().due_at:%H:%M:%S} UTC. Nothing is asked or paid" in html


def test_whoever_may_edit_can_have_it_stored_now(unsaved, no_folder, page, sandbox):
    no_folder()
    assert "Storing it again. Nothing is asked or paid for again." in save_again(page, unsaved).text
    perform_next()
    unsaved.refresh_from_db()
    assert unsaved.status == "succeeded"
    assert "Nothing of this run waits to be stored" in save_again(page, unsaved).text
    assert len(sandbox.entries()) == 1


def test_a_viewer_sees_it_wait_and_cannot_press(unsaved, viewer, browser_of, address_of):
    client = browser_of(viewer)
    assert "save-again" not in client.get(address_of(unsaved.step, "step-output")).text
    assert save_again(client, unsaved).status_code == 403
    assert part().due_at is not None


def test_after_a_day_it_is_given_up_for_free_and_can_still_be_saved(
    unsaved, no_folder, page, sandbox, address_of
):
    give_up(unsaved)
    assert unsaved.error["error_code"] == "internal_error"
    assert (part().state, part().fault) == ("billed_empty", "NOT_SAVED")
    wallet = Wallet.objects.get(simulated=True)
    assert (wallet.posted, wallet.held, Storage.objects.get().reserved) == (25_000_000, 0, 0)
    assert list(breaches(sandbox.log.path)) == []
    assert 'id="save-again"' in page.get(address_of(unsaved.step, "step-output")).text
    no_folder()
    save_again(page, unsaved)
    perform_next()
    assert unsaved.assets.count() == 2
    wallet.refresh_from_db()
    assert (wallet.posted, wallet.held) == (25_000_000, 0)
    assert len(sandbox.entries()) == 1
    assert list(breaches(sandbox.log.path)) == []


def test_pressed_in_vain_it_stands_where_it_stood(unsaved, page, sandbox):
    give_up(unsaved)
    for _ in range(2):
        save_again(page, unsaved)
        Attempt.objects.update(received_at=now() - timedelta(days=2))
        perform_next()
        assert (part().state, part().fault) == ("billed_empty", "NOT_SAVED")
        assert list(breaches(sandbox.log.path)) == []


def test_an_answer_that_breaks_our_code_is_given_up_and_saved_once_it_is_mended(
    image_step, press_run, sandbox, page, monkeypatch
):
    """Not a storage that is down: the same answer would break it for ever."""
    from imagegen.assets import store
    from imagegen.attempts.recover import recover

    def broken(*_, **__):
        raise RuntimeError("a mistake of ours")

    press_run(image_step)
    advance(Run.objects.get().pk)
    with monkeypatch.context() as patched:
        patched.setattr(store, "facts", broken)
        while perform_next():
            Part.objects.update(lease_until=now() - timedelta(seconds=1))
        recover()
    assert (part().state, part().fault) == ("billed_empty", "NOT_SAVED")
    step_run = image_step.runs.get()
    save_again(page, step_run)
    perform_next()
    assert step_run.assets.count() == 1
    assert len(sandbox.entries()) == 1


def test_a_cancel_keeps_what_was_paid_for(unsaved, no_folder, sandbox):
    from workflows.runs.cancel import cancel

    cancel(unsaved.run_id)
    no_folder()
    let_the_pause_end()
    perform_next()
    assert unsaved.assets.count() == 2
    assert Charge.objects.get().amount_micro > 0


def test_another_machine_leaves_it_alone(unsaved, no_folder, settings, page):
    no_folder()
    save_again(page, unsaved)
    settings.NODE = "another-machine"
    assert claim_next() is None
    assert perform.perform_next() is None
