"""The ledger and the wallet: one decides, the other remembers, and both say the same."""

from datetime import UTC, date, datetime

import pytest
import time_machine
from django.db import IntegrityError, connection

from imagegen.billing import wallet
from imagegen.billing.ledger import Account, Booking, LedgerEntry, LedgerTransaction, balances, book
from imagegen.books.ledger import wallets_are_sums
from tests.append_only import TABLES, LedgerChanged

GRANT = 25_000_000


def booked():
    return dict(LedgerTransaction.objects.values_list("key", "kind"))


@pytest.fixture
def part(parts_of):
    return parts_of(1)[0]


def hold(part, micro):
    return wallet.hold(part.workspace_id, {part.pk: micro}, simulated=False)


def sums(workspace):
    found = balances(workspace=workspace, simulated=False)
    return {account: micro for account, micro in found.items() if micro}


def test_a_workspace_begins_with_a_grant_that_is_booked_as_such(workspace, purse):
    assert sums(workspace) == {Account.GRANTS: -GRANT, Account.WALLET: GRANT}
    assert (purse.posted, purse.held) == (GRANT, 0)


def test_a_capture_takes_what_it_cost_and_gives_the_rest_back(workspace, purse, part):
    assert hold(part, 1000)
    assert sums(workspace)[Account.HELD] == 1000
    wallet.capture(part.pk, 700)
    assert sums(workspace) == {
        Account.GRANTS: -GRANT,
        Account.WALLET: GRANT - 700,
        Account.SALES: 700,
    }
    purse.refresh_from_db()
    assert (purse.posted, purse.held, purse.month_micro) == (GRANT - 700, 0, 700)
    assert list(wallets_are_sums()) == []


def test_a_release_gives_all_of_it_back(workspace, purse, part):
    hold(part, 1000)
    wallet.release(part.pk)
    purse.refresh_from_db()
    assert (purse.available, purse.month_micro) == (GRANT, 0)
    assert booked()[f"end:{part.pk}"] == "release"


def test_more_than_is_available_is_not_held(workspace, purse, parts_of):
    parts = parts_of(2)
    assert not wallet.hold(workspace.pk, {parts[0].pk: GRANT, parts[1].pk: 1}, simulated=False)
    assert sums(workspace) == {Account.GRANTS: -GRANT, Account.WALLET: GRANT}
    assert wallet.hold(workspace.pk, {parts[0].pk: GRANT - 1, parts[1].pk: 1}, simulated=False)


def test_a_capture_never_exceeds_its_hold(part):
    hold(part, 1000)
    with pytest.raises(ValueError, match="never exceeds"):
        wallet.capture(part.pk, 1001)


@pytest.mark.parametrize("ending", [300, 0])
def test_a_command_that_is_repeated_changes_nothing(workspace, purse, part, ending):
    def state():
        purse.refresh_from_db()
        return purse.posted, purse.held, purse.month_micro, LedgerEntry.objects.count()

    assert hold(part, 1000)
    held = state()
    assert hold(part, 1000)
    assert state() == held
    wallet.capture(part.pk, ending)
    ended = state()
    wallet.capture(part.pk, ending)
    wallet.release(part.pk)
    assert hold(part, 1000)
    assert state() == ended


def test_a_hold_that_is_repeated_with_an_empty_wallet_says_what_it_said(part, purse):
    assert hold(part, GRANT)
    assert hold(part, GRANT)


def test_a_grant_is_given_once_per_key(purse, author):
    assert wallet.grant(purse, 5_000, key="grant:1", reason="for the fair", by=author)
    assert not wallet.grant(purse, 5_000, key="grant:1", reason="for the fair", by=author)
    purse.refresh_from_db()
    assert purse.posted == GRANT + 5_000


def test_play_money_and_real_money_never_meet(workspace, parts_of):
    part = parts_of(1, simulated=True)[0]
    wallet.hold(workspace.pk, {part.pk: 500}, simulated=True)
    wallet.capture(part.pk, 500)
    assert balances(workspace=workspace, simulated=False)[Account.SALES] == 0
    assert balances(workspace=workspace, simulated=True)[Account.SALES] == 500


def test_what_does_not_add_up_is_not_booked(workspace):
    with pytest.raises(ValueError, match="add up"):
        Booking("key", "grant", workspace.pk, False, {Account.GRANTS: -1, Account.WALLET: 2})


def test_a_key_is_booked_once_by_the_database_too(workspace):
    grant = Booking("key", "grant", workspace.pk, False, {Account.GRANTS: -1, Account.WALLET: 1})
    book([grant])
    again = Booking("key", "grant", workspace.pk, False, {Account.GRANTS: -1, Account.WALLET: 1})
    with pytest.raises(IntegrityError):
        book([again])


@pytest.mark.parametrize("change", ["update", "delete"])
def test_an_edit_of_the_ledger_fails_the_test_it_happens_in(workspace, change):
    entries = LedgerEntry.objects.filter(workspace=workspace)
    with pytest.raises(LedgerChanged):
        entries.update(micro=1) if change == "update" else entries._raw_delete("default")


@pytest.mark.parametrize("table", TABLES)
@pytest.mark.parametrize(
    "change",
    [
        'UPDATE "{}" SET id = id',
        "delete from {} where 1 = 1",
        "WITH old AS (SELECT 1) DELETE FROM {} WHERE id IN (SELECT * FROM old)",
        "INSERT INTO {} (id) VALUES (1) ON CONFLICT (id) DO UPDATE SET id = 2",
    ],
)
def test_no_way_of_changing_a_row_gets_past_the_guard(db, table, change):
    with pytest.raises(LedgerChanged), connection.cursor() as cursor:
        cursor.execute(change.format(table))


# The cap of a month


def test_the_cap_refuses_what_would_pass_it_and_nothing_else(workspace, purse, parts_of):
    parts = parts_of(3)
    workspace.wallets.filter(simulated=False).update(cap_micro=1_000)
    assert hold(parts[0], 600)
    assert not hold(parts[1], 401)
    assert hold(parts[1], 400)
    wallet.capture(parts[0].pk, 100)
    assert hold(parts[2], 500)
    purse.refresh_from_db()
    assert purse.month_micro == 1_000


def test_a_cap_below_what_is_spent_stops_the_next_run_and_breaks_nothing(purse, parts_of):
    parts = parts_of(2)
    assert hold(parts[0], 600)
    type(purse).objects.filter(pk=purse.pk).update(cap_micro=100)
    assert not hold(parts[1], 1)
    wallet.capture(parts[0].pk, 600)
    assert list(wallets_are_sums()) == []


def test_a_new_month_counts_from_nothing_and_old_holds_count_to_their_own(purse, parts_of):
    parts = parts_of(3)
    with time_machine.travel(datetime(2026, 11, 30, 23, 59, tzinfo=UTC), tick=False):
        assert hold(parts[0], 600)
        assert hold(parts[1], 50)
    with time_machine.travel(datetime(2026, 12, 1, tzinfo=UTC), tick=False):
        wallet.capture(parts[0].pk, 500)
        purse.refresh_from_db()
        assert (purse.month, purse.month_micro) == (date(2026, 11, 1), 550)
        assert hold(parts[2], 70)
        wallet.release(parts[1].pk)
        purse.refresh_from_db()
        assert (purse.month, purse.month_micro) == (date(2026, 12, 1), 70)
    assert list(wallets_are_sums()) == []
