"""Threads that press, hold and reserve at once, on real transactions."""

import contextlib
from concurrent.futures import ThreadPoolExecutor
from threading import Barrier, Thread

import pytest
from django.db import connection, transaction

from imagegen.assets import quota, trash
from imagegen.attempts import close
from imagegen.attempts.claims import claim_next
from imagegen.attempts.perform import perform_next
from imagegen.billing import wallet
from imagegen.books.check import breaches
from imagegen.books.ledger import wallets_are_sums
from imagegen.errors import Fault
from imagegen.models import Asset, Charge, Part, ProviderKey, Storage, Wallet
from imagegen.provider_keys import store
from tests.conftest import SETTINGS
from workflows.models import Run, StepRun
from workflows.runs.advance import advance
from workflows.runs.cancel import cancel
from workflows.runs.start import run_step

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def at_once():
    """Calls a function in many threads that all start together; returns what came back."""

    def run(function, threads):
        ready = Barrier(threads)

        def one(number):
            try:
                ready.wait(30)
                return function(number)
            finally:
                connection.close()

        with ThreadPoolExecutor(threads) as pool:
            return list(pool.map(one, range(threads)))

    return run


def test_twenty_identical_posts_start_one_run(image_step, author, browser_of, address_of, at_once):
    address = address_of(image_step, "start-step-run")
    form = SETTINGS | {"version": "1", "form_key": "one-click"}
    clients = [browser_of(author) for _ in range(20)]
    answers = at_once(lambda number: clients[number].post(address, form).status_code, 20)
    assert Run.objects.count() == 1
    assert set(answers) == {200}


def test_a_wallet_is_never_overdrawn(workspace, at_once, parts_of, leave_in_wallet):
    leave_in_wallet(workspace, 1000)
    parts = parts_of(16, simulated=True)

    def hold(number):
        return wallet.hold(workspace.pk, {parts[number].pk: 100}, simulated=True)

    assert sum(at_once(hold, 16)) == 10
    assert Wallet.objects.get(simulated=True).held == 1000
    assert list(breaches()) == []


def test_a_hold_and_an_ending_that_are_asked_for_at_once_happen_once(workspace, at_once, parts_of):
    part = parts_of(1, simulated=True)[0]
    assert all(at_once(lambda _: wallet.hold(workspace.pk, {part.pk: 100}, simulated=True), 8))
    assert Wallet.objects.get(simulated=True).held == 100
    at_once(lambda number: wallet.capture(part.pk, 60 if number % 2 else 0), 8)
    purse = Wallet.objects.get(simulated=True)
    assert purse.held == 0
    assert purse.posted in (25_000_000, 25_000_000 - 60)
    assert list(wallets_are_sums()) == []  # its part is still due, which no law allows


def test_keys_that_are_stored_at_once_leave_one_and_it_opens(workspace, author, at_once):
    keys = [f"sk-number-{number:02}-0123456789" for number in range(8)]
    at_once(lambda number: store.store(workspace, "openai", keys[number], author), 8)
    assert store.opened(ProviderKey.objects.live().get()) in keys
    assert ProviderKey.objects.filter(ended_as="replaced", sealed=None).count() == 7


@pytest.fixture
def reserve_at_once(workspace, at_once):
    """So many ask for 300 bytes each; how many were admitted, and what is reserved then."""

    def run(reserve, people, limit):
        Storage.objects.update(limit=limit)
        admitted = sum(at_once(lambda _: reserve(workspace.pk, 300), people))
        return admitted, Storage.objects.get().reserved

    return run


@pytest.mark.parametrize(
    ("limit", "admitted"), [(0, 0), (300, 1), (301, 2), (1000, 4), (4500, 15), (4501, 16)]
)
def test_storage_admits_until_the_limit_is_reached_and_then_nobody(
    reserve_at_once, limit, admitted
):
    def reserve(*asked):
        with transaction.atomic():
            return quota.reserve(*asked)

    assert reserve_at_once(reserve, 16, limit) == (admitted, 300 * admitted)


def test_a_quota_that_is_read_and_then_written_is_caught(reserve_at_once):
    """The control: nobody writes before all have read, so everybody finds room for one."""
    all_have_read = Barrier(16)

    def reserve(workspace_id, size):
        plan = Storage.objects.get(pk=workspace_id)
        all_have_read.wait(30)
        Storage.objects.filter(pk=workspace_id).update(reserved=plan.reserved + size)
        return plan.used + plan.reserved < plan.limit

    assert reserve_at_once(reserve, 16, limit=300) == (16, 300)


def test_fifty_threads_that_delete_and_restore_the_same_images_leave_the_counter_exact(
    run_of, at_once
):
    assets = list(run_of("gpt-image-2", image_count=4).assets.all())
    keys, workspace = [asset.pk for asset in assets], assets[0].workspace_id
    room = sum(asset.file_size for asset in assets[1:])

    def delete_or_restore(number):
        few = keys[number % 4 :] + keys[: number % 3]
        for _ in range(3):
            if number % 2:
                trash.delete(workspace, few)
                continue
            with contextlib.suppress(trash.NoRoom):
                trash.restore(workspace, Asset.objects.filter(pk__in=few))

    trash.delete(workspace, keys)
    Storage.objects.update(limit=room)
    at_once(delete_or_restore, 50)
    used = Storage.objects.get().used
    assert used == sum(asset.file_size for asset in Asset.objects.live())
    assert used <= room


def test_reading_a_balance_and_then_writing_it_is_caught_by_the_database(workspace):
    """The wrong variant, kept so that the constraint is known to bite."""
    from django.db import IntegrityError

    purse = Wallet.objects.get(simulated=True)
    purse.held = purse.posted + 1
    with pytest.raises(IntegrityError):
        purse.save()


def test_many_workers_and_advances_send_each_part_once(
    image_step, author, sandbox, at_once, settings
):
    settings.RUNS_AT_ONCE = 6
    runs = [run_step(image_step, author, f"key-{number}") for number in range(6)]
    at_once(lambda number: advance(runs[number % 6].pk), 12)
    assert Part.objects.count() == 6
    at_once(lambda number: [perform_next() for _ in range(3)], 8)
    assert len(sandbox.entries()) == 6
    assert Charge.objects.count() == 6
    assert {run.status for run in Run.objects.all()} == {"succeeded"}
    purse = Wallet.objects.get(simulated=True)
    assert purse.held == 0
    assert purse.posted == 25_000_000 - sum(each.amount_micro for each in Charge.objects.all())
    used = sum(asset.file_size for run in runs for asset in run.step_runs.get().assets.all())
    assert (Storage.objects.get().used, Storage.objects.get().reserved) == (used, 0)


def test_planning_and_closing_in_one_workspace_never_wait_for_each_other_in_a_circle(
    image_step, author, sandbox, at_once, settings
):
    """On PostgreSQL the two lock the same rows; in another order than each other they deadlock.
    SQLite locks no rows: a few will do."""
    runs = 80 if connection.vendor == "postgresql" else 8
    settings.RUNS_AT_ONCE = runs
    waiting = [run_step(image_step, author, f"key-{number}").pk for number in range(runs)]

    def plan_or_close(number):
        while waiting or Part.objects.open().exists():
            if number % 2 and waiting:
                with contextlib.suppress(IndexError):
                    advance(waiting.pop())
            elif part := claim_next():
                close.without_image(part, None, Part.State.REJECTED, Fault.RATE_LIMITED)

    at_once(plan_or_close, 8)
    errors = StepRun.objects.values_list("error__error_code", flat=True)
    assert set(errors) == {"rate_limited"}
    assert Wallet.objects.get(simulated=True).held == 0
    assert Storage.objects.get().reserved == 0


def test_after_sending_a_cancelled_answer_is_kept_and_charged_and_no_later_step_starts(
    workflow, step_of, author, sandbox
):
    from tests.waiting import wait_until
    from workflows.runs.start import run_workflow

    step_of(workflow, "x [[sandbox:slow latency=1]]")
    step_of(workflow, "A second one")
    run = run_workflow(workflow, author, "key")
    advance(run.pk)
    worker = Thread(target=lambda: (perform_next(), connection.close()))
    worker.start()
    wait_until(sandbox.entries)
    cancel(run.pk)
    worker.join()
    run.refresh_from_db()
    assert run.status == "cancelled"
    assert [each.status for each in run.step_runs.all()] == ["succeeded", "cancelled"]
    assert len(sandbox.entries()) == 1
    assert Charge.objects.count() == 1
    assert Wallet.objects.get(simulated=True).held == 0


def test_a_part_that_is_cancelled_while_it_is_claimed_is_not_sent(
    image_step, author, sandbox, at_once
):
    for number in range(5):
        run = run_step(image_step, author, f"key-{number}")
        advance(run.pk)
        at_once(lambda which, run=run: perform_next() if which else cancel(run.pk), 2)
        run.refresh_from_db()
        part = Part.objects.get(step_run__run=run)
        sent = part.attempts.exclude(state="unsent").count()
        assert (part.state, run.status) in {
            ("cancelled", "cancelled"),
            ("settled", "cancelled"),
            ("settled", "succeeded"),
        }
        assert sent == (1 if part.state == "settled" else 0)
    assert Wallet.objects.get(simulated=True).held == 0
