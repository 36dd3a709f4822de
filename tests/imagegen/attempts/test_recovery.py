"""What dead and frozen workers leave behind, decided by the journal and the spool alone."""

import threading
from datetime import timedelta

import pytest
from django.db import connection, transaction
from django.db.models import F
from django.db.models.functions import Now

from imagegen.attempts import close, leases, perform, spool, transport
from imagegen.attempts import recover as recovery
from imagegen.attempts.claims import claim_next
from imagegen.attempts.contract import paid_kind
from imagegen.attempts.models import LeaseLost
from imagegen.attempts.recover import recover
from imagegen.attempts.settle import settle
from imagegen.attempts.spool import SpoolWriter
from imagegen.errors import Fault
from imagegen.models import Attempt, Charge, Part, Storage, Wallet
from workflows.models import Run
from workflows.runs.advance import advance


@pytest.fixture
def due_part(image_step, press_run, sandbox):
    press_run(image_step)
    advance(Run.objects.get().pk)
    return Part.objects.get()


def die(part):
    """The lease of a worker that will never write again has run out."""
    Part.objects.filter(pk=part.pk).update(lease_until=Now() - timedelta(seconds=1))


def send(part, settings, *, complete=True):
    """What a worker does up to the last byte of the answer, and then no more."""
    kind = paid_kind(part.step_run)
    request = kind.request(part, kind.access(part))
    attempt = Attempt(workspace_id=part.workspace_id, part=part, simulated=True)
    with SpoolWriter(settings.SPOOL, str(attempt.pk)) as writer:
        assert perform._begin(part, attempt, request)
        if complete:
            assert isinstance(transport.send(request, writer, 10), transport.Answered)
    return attempt


def test_a_worker_that_died_before_sending_is_followed_by_another(
    due_part, let_the_hive_work, sandbox
):
    part = claim_next()
    die(part)
    let_the_hive_work()
    part.refresh_from_db()
    assert part.state == "settled"
    assert len(sandbox.entries()) == 1


def test_a_worker_that_died_after_bytes_left_leaves_an_unknown_outcome(
    due_part, let_the_hive_work, sandbox, settings
):
    part = claim_next()
    send(part, settings, complete=False)
    die(part)
    let_the_hive_work()
    part.refresh_from_db()
    assert part.state == "unknown"
    error = part.step_run.error
    assert error["error_code"] == "outcome_unknown"
    assert error["message"].startswith("Outcome unknown")
    assert Wallet.objects.get(simulated=True, workspace=part.workspace).held == 0
    assert not Charge.objects.exists()
    assert sandbox.entries() == []  # never sent again


def test_an_answer_that_arrived_completely_is_never_lost(
    due_part, let_the_hive_work, sandbox, settings
):
    part = claim_next()
    send(part, settings)
    die(part)
    let_the_hive_work()
    part.refresh_from_db()
    assert part.state == "settled"
    assert part.assets.count() == 1
    assert len(sandbox.entries()) == 1


def test_a_spool_whose_last_byte_arrived_counts_although_it_was_not_renamed(
    due_part, let_the_hive_work, sandbox, settings
):
    part = claim_next()
    attempt = send(part, settings)
    complete = settings.SPOOL / f"{attempt.pk}.spool"
    complete.rename(complete.with_suffix(".part"))
    die(part)
    let_the_hive_work()
    part.refresh_from_db()
    assert part.state == "settled"


def test_a_spool_that_misses_its_last_byte_is_no_answer(due_part, let_the_hive_work, settings):
    part = claim_next()
    attempt = send(part, settings)
    complete = settings.SPOOL / f"{attempt.pk}.spool"
    growing = complete.rename(complete.with_suffix(".part"))
    growing.write_bytes(growing.read_bytes()[:-1])
    die(part)
    let_the_hive_work()
    part.refresh_from_db()
    assert part.state == "unknown"


def test_a_worker_that_died_while_saving_is_followed_by_another(
    due_part, let_the_hive_work, sandbox, settings
):
    part = claim_next()
    attempt = send(part, settings)
    perform._received(part, attempt, transport.Answered(200, 1, ""))
    die(part)
    let_the_hive_work()
    part.refresh_from_db()
    assert part.state == "settled"
    assert len(sandbox.entries()) == 1
    assert Charge.objects.count() == 1


def test_a_frozen_worker_cannot_write_when_it_wakes(due_part, sandbox, settings):
    part = claim_next()
    attempt = send(part, settings, complete=False)
    die(part)
    recover()
    with pytest.raises(LeaseLost):
        perform._received(part, attempt, transport.Answered(200, 1, ""))
    part.refresh_from_db()
    assert part.state == "unknown"


def test_an_answer_that_was_complete_too_late_is_kept_at_our_cost(
    due_part, let_the_hive_work, sandbox, settings
):
    part = claim_next()
    attempt = send(part, settings)  # frozen between the last byte and the next statement
    complete = settings.SPOOL / f"{attempt.pk}.spool"
    hidden = complete.rename(settings.SPOOL / "hidden")
    die(part)
    recover()
    part.refresh_from_db()
    assert part.state == "unknown"
    hidden.rename(complete)
    with pytest.raises(LeaseLost):
        perform._received(part, attempt, transport.Answered(200, 1, ""))
    let_the_hive_work()
    part.refresh_from_db()
    assert part.state == "settled"
    asset = part.assets.get()
    wallet = Wallet.objects.get(simulated=True, workspace=part.workspace)
    assert (wallet.posted, wallet.held) == (25_000_000, 0)
    assert (Charge.objects.get().amount_micro, Charge.objects.get().list_micro) == (0, 5920)
    storage = Storage.objects.get(workspace=part.workspace)
    assert (storage.used, storage.reserved) == (asset.file_size, 0)
    part.step_run.refresh_from_db()
    assert part.step_run.status == "failed"
    assert "came after all" in part.step_run.warnings[0]
    assert len(sandbox.entries()) == 1


def test_a_live_lease_is_left_alone(due_part, settings):
    part = claim_next()
    send(part, settings, complete=False)
    recover()
    part.refresh_from_db()
    assert part.state == "sending"


def test_only_the_machine_with_the_spool_reads_it(due_part, settings):
    part = claim_next()
    send(part, settings, complete=False)
    Part.objects.filter(pk=part.pk).update(node="another-machine")
    die(part)
    recover()
    part.refresh_from_db()
    assert part.state == "sending"
    Part.objects.filter(pk=part.pk).update(
        lease_until=Now() - timedelta(seconds=settings.LOST_NODE_SECONDS + 1)
    )
    recover()
    part.refresh_from_db()
    assert part.state == "unknown"


def test_a_part_that_was_claimed_three_times_without_progress_fails_as_ours(
    due_part, let_the_hive_work, sandbox
):
    for _ in range(3):
        die(claim_next())
    assert claim_next() is None
    let_the_hive_work()
    due_part.refresh_from_db()
    assert due_part.step_run.error["error_code"] == "internal_error"
    assert sandbox.entries() == []


def test_a_part_is_claimed_by_one_worker_only(due_part):
    assert claim_next() is not None
    assert claim_next() is None


def test_the_heartbeat_prolongs_what_this_process_holds_in_one_statement(
    due_part, django_assert_num_queries
):
    part = claim_next()
    with leases.kept_alive(part):
        Part.objects.filter(pk=part.pk).update(lease_until=Now() + timedelta(seconds=1))
        before = Part.objects.get(pk=part.pk).lease_until
        with django_assert_num_queries(1):
            assert leases.beat() == 1
    assert Part.objects.get(pk=part.pk).lease_until > before
    assert leases.beat() == 0


def test_a_lease_that_ran_out_while_the_database_was_away_is_taken_up_again(due_part):
    part = claim_next()
    with leases.kept_alive(part):
        die(part)
        assert leases.beat() == 1
    recover()
    part.refresh_from_db()
    assert part.state == "due"


def test_a_lease_that_was_taken_over_is_not_revived(due_part, settings):
    part = claim_next()
    send(part, settings, complete=False)
    with leases.kept_alive(part):
        die(part)
        recover()
        assert leases.beat() == 0


def books(workspace):
    """What is held and reserved, and how the parts have ended."""
    wallet = Wallet.objects.get(workspace=workspace, simulated=True)
    storage = Storage.objects.get(workspace=workspace)
    states = list(Part.objects.order_by("created_at").values_list("state", flat=True))
    return wallet.available, wallet.held, storage.used, storage.reserved, states


def test_a_request_that_its_worker_ends_while_the_sweep_comes_to_it_is_ended_once(
    due_part, image_step, press_run, settings
):
    """Found silent; before its turn came, its worker was heard again."""
    press_run(image_step)  # holds money and room, too
    advance(Run.objects.first().pk)
    part = claim_next()
    attempt = send(part, settings, complete=False)
    die(part)
    found = Part.objects.get(pk=part.pk)
    close.without_image(part, attempt, Part.State.UNKNOWN, Fault.CONNECTION_BROKE)
    before = books(part.workspace)
    assert not recovery._decide(found)
    assert books(part.workspace) == before


def test_an_answer_that_its_worker_stores_while_the_sweep_gives_it_up_is_kept(
    due_part, image_step, press_run, settings
):
    press_run(image_step)
    advance(Run.objects.first().pk)
    part = claim_next()
    attempt = send(part, settings)
    perform._received(part, attempt, transport.Answered(200, 1, ""))
    Part.objects.filter(pk=part.pk).update(claims=3)
    die(part)
    found = Part.objects.get(pk=part.pk)
    settle(part)
    before = books(part.workspace)
    assert not recovery._give_up(found)
    assert books(part.workspace) == before


@pytest.mark.skipif(connection.vendor == "sqlite", reason="SQLite locks no single rows")
@pytest.mark.django_db(transaction=True)
def test_the_heartbeat_waits_for_no_part_that_is_being_closed(image_step, press_run, sandbox):
    press_run(image_step)
    press_run(image_step)
    for run in Run.objects.all():
        advance(run.pk)
    closing, other = claim_next(), claim_next()
    is_locked, may_end = threading.Event(), threading.Event()

    def stand_still_while_closing():
        with transaction.atomic():
            Part.objects.select_for_update().get(pk=closing.pk)
            is_locked.set()
            may_end.wait(5)
        connection.close()

    thread = threading.Thread(target=stand_still_while_closing)
    thread.start()
    is_locked.wait(60)
    with leases.kept_alive(closing), leases.kept_alive(other):
        kept = leases.beat()
    may_end.set()
    thread.join()
    assert kept == 1


def test_an_answer_on_another_machine_is_left_to_it(due_part, let_the_hive_work, settings):
    part = claim_next()
    attempt = send(part, settings)
    perform._received(part, attempt, transport.Answered(200, 1, ""))
    die(part)
    here, settings.NODE = settings.NODE, "another-machine"
    let_the_hive_work()
    part.refresh_from_db()
    assert part.state == "received"
    settings.NODE = here
    let_the_hive_work()
    part.refresh_from_db()
    assert part.state == "settled"


def test_one_part_that_cannot_be_recovered_keeps_nobody_else_waiting(
    due_part, image_step, press_run, settings
):
    poisoned = claim_next()
    send(poisoned, settings, complete=False)
    die(poisoned)
    Part.objects.filter(pk=poisoned.pk).update(model="gone")
    Attempt.objects.all().delete()  # a journal that makes no sense
    press_run(image_step)
    advance(Run.objects.first().pk)
    Part.objects.filter(state="due").update(woken_at=None)
    assert recover() >= 1
    assert claim_next() is not None


def test_a_worker_that_was_taken_for_dead_stores_no_image(due_part, settings):
    from imagegen.models import Asset

    part = claim_next()
    attempt = send(part, settings)
    perform._received(part, attempt, transport.Answered(200, 1, ""))
    Part.objects.filter(pk=part.pk).update(claims=3)
    die(part)
    recover()
    with pytest.raises(LeaseLost):
        settle(part)
    assert not Asset.objects.exists()
    assert list(settings.FILES.rglob("*.jpeg")) == []
    assert Storage.objects.get(workspace=part.workspace).used == 0


def test_waiting_parts_fill_no_queue(due_part):
    assert recover() == 0  # planning has just told a worker
    Part.objects.update(woken_at=None)
    assert recover() == 1
    assert recover() == 0


def test_a_run_cancelled_while_its_request_could_not_leave_sends_nothing_more(
    image_step, press_run, sandbox, settings
):
    from workflows.runs.cancel import cancel

    working, settings.SANDBOX_URL = settings.SANDBOX_URL, "http://127.0.0.1:1"
    press_run(image_step)
    run = Run.objects.get()
    advance(run.pk)
    part = claim_next()
    kind = paid_kind(part.step_run)
    attempt = Attempt(workspace_id=part.workspace_id, part=part, simulated=True)
    assert perform._begin(part, attempt, kind.request(part, kind.access(part)))
    cancel(run.pk)
    settings.SANDBOX_URL = working
    perform._unsent(part, attempt)
    part.refresh_from_db()
    run.refresh_from_db()
    assert (part.state, run.status, attempt.state) == ("cancelled", "cancelled", "unsent")
    assert sandbox.entries() == []
    assert Wallet.objects.get(simulated=True, workspace=part.workspace).held == 0


def test_the_workspace_with_the_fewest_parts_under_way_goes_first(
    due_part, stranger, step_of, sandbox
):
    from workflows.models import Workflow
    from workflows.runs.start import run_step

    busy = claim_next()
    assert busy == due_part
    step = due_part.step_run.step
    run = run_step(step, due_part.workspace.memberships.get().user, "again")
    advance(run.pk)
    elsewhere = Workflow.objects.create(
        workspace=stranger.memberships.get().workspace, name="Theirs"
    )
    theirs = run_step(step_of(elsewhere), stranger, "theirs")
    advance(theirs.pk)
    assert claim_next().workspace == elsewhere.workspace


def test_a_run_that_lost_its_wake_up_is_found_by_the_sweep(image_step, press_run):
    from workflows.runs.sweep import advance_overdue_runs

    press_run(image_step)
    assert advance_overdue_runs() == 0
    Run.objects.update(created_at=F("created_at") - timedelta(seconds=3))
    assert advance_overdue_runs() == 1


def test_a_missing_spool_of_a_received_answer_is_an_unknown_outcome(due_part, settings):
    part = claim_next()
    attempt = send(part, settings)
    perform._received(part, attempt, transport.Answered(200, 1, ""))
    (settings.SPOOL / f"{attempt.pk}.spool").unlink()
    perform.perform(part)
    part.refresh_from_db()
    assert part.state == "unknown"
    assert spool.read(settings.SPOOL, str(attempt.pk)) is None
