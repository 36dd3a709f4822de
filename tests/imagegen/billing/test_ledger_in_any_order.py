"""A plain model of the money beside the real one: whatever is done, both agree."""

import itertools
from contextlib import contextmanager, suppress

import pytest
from django.db import connection, transaction
from hypothesis import HealthCheck, Phase, settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    Bundle,
    RuleBasedStateMachine,
    invariant,
    rule,
    run_state_machine_as_test,
)

from imagegen.assets import quota
from imagegen.assets.models import Storage
from imagegen.attempts.models import Part
from imagegen.billing import wallet
from imagegen.billing.models import Wallet
from imagegen.books.ledger import (
    accounts_come_to_zero,
    captures_stay_below_their_holds,
    entries_add_up,
    holds_are_single,
    nobody_is_overdrawn,
    wallets_are_sums,
)

AMOUNTS = st.integers(1, 400)
LAWS = (
    accounts_come_to_zero,
    captures_stay_below_their_holds,
    entries_add_up,
    holds_are_single,
    nobody_is_overdrawn,
    wallets_are_sums,
)


class Crashed(Exception):
    pass


@contextmanager
def crashing_at(statement):
    """The process dies at that statement, or before its commit when there are fewer."""
    numbers = itertools.count(1)

    def execute(run, *statement_and_more):
        if next(numbers) == statement:
            raise Crashed
        return run(*statement_and_more)

    with suppress(Crashed), transaction.atomic(), connection.execute_wrapper(execute):
        yield
        raise Crashed


class Money(RuleBasedStateMachine):
    """Of one wallet and one storage plan. Parts are closed and opened nowhere else."""

    parts: "list[Part]"
    begins_with = 1_000
    holds = Bundle("holds")

    def __init__(self):
        super().__init__()
        self.part = itertools.chain(self.parts)
        self.purse = Wallet.objects.get(workspace=self.parts[0].workspace, simulated=False)
        self.storage = Storage.objects.get(pk=self.parts[0].workspace_id)
        wallet.grant(self.purse, self.begins_with - self.purse.available, key=self.key())
        Wallet.objects.update(cap_micro=None)
        self.purse.refresh_from_db()
        self.available, self.held, self.cap = self.begins_with, 0, None
        self.counted = self.purse.counted_in(wallet.this_month())
        self.open, self.ended, self.granted = {}, {}, []
        self.refunded = {}
        self.used, self.reserved, self.limit = 0, 0, self.storage.limit

    def key(self, numbers=itertools.count()):  # noqa: B008  one for all machines
        return f"key-{next(numbers)}"

    @rule(micro=AMOUNTS)
    def grant(self, micro):
        key = self.key()
        assert wallet.grant(self.purse, micro, key=key)
        self.granted.append((key, micro))
        self.available += micro

    @rule()
    def grant_again(self):
        for key, micro in self.granted[-1:]:
            assert not wallet.grant(self.purse, micro, key=key)

    @rule(micro=st.none() | st.integers(0, 2_000))
    def set_the_cap(self, micro):
        self.cap = micro
        Wallet.objects.filter(pk=self.purse.pk).update(cap_micro=micro)

    @rule(target=holds, micro=AMOUNTS)
    def hold(self, micro):
        part = next(self.part, None)
        if part is None:
            return None
        fits = micro <= self.available and (self.cap is None or self.counted + micro <= self.cap)
        held = wallet.hold(part.workspace_id, {part.pk: micro}, simulated=False)
        assert held == fits
        if held:
            self.open[part.pk] = micro
            self.available -= micro
            self.held += micro
            self.counted += micro
        return part.pk

    @rule(part=holds)
    def hold_again(self, part):
        if part in self.open:
            micro = self.open[part]
            workspace = self.purse.workspace_id
            assert wallet.hold(workspace, {part: micro}, simulated=False)

    @rule(part=holds, share=st.integers(0, 100))
    def capture(self, part, share):
        held = self.open.pop(part, None)
        micro = (held or 0) * share // 100
        if held is None:
            wallet.capture(part, 0) if part else None
            return
        wallet.capture(part, micro)
        self.ended[part] = micro
        self.held -= held
        self.available += held - micro
        self.counted -= held - micro

    @rule(part=holds)
    def end_again(self, part):
        if part in self.ended:
            wallet.capture(part, self.ended[part])
            wallet.release(part)

    @rule(part=holds, share=st.integers(0, 100))
    def refund(self, part, share):
        if not self.ended.get(part):
            return
        back = max(1, self.ended[part] * share // 100)
        assert wallet.correct(part, -back, key=self.key(), kind="refund", reason="a test", by=None)
        self.ended[part] -= back
        self.refunded[part] = self.refunded.get(part, 0) + back
        self.available += back
        self.counted -= back

    @rule(part=holds, share=st.integers(1, 100))
    def charge_again(self, part, share):
        """A refund is taken back, as far as the wallet covers it."""
        more = self.refunded.get(part, 0) * share // 100
        if not more:
            return
        fits = more <= self.available
        more_of = {"key": self.key(), "kind": "correction", "reason": "a test", "by": None}
        assert wallet.correct(part, more, **more_of) == fits
        if fits:
            self.ended[part] += more
            self.refunded[part] -= more
            self.available -= more
            self.counted += more

    @rule(part=holds, share=st.integers(0, 100), statement=st.integers(1, 9))
    def crash_while_it_ends(self, part, share, statement):
        """At any of its statements, or after the last and before the commit: nothing happened."""
        if part in self.open:
            with crashing_at(statement):
                wallet.capture(part, self.open[part] * share // 100)

    @rule(micro=AMOUNTS, statement=st.integers(1, 9))
    def crash_while_it_is_held(self, micro, statement):
        part = next(self.part, None)
        if part is not None:
            self.part = itertools.chain([part], self.part)
            with crashing_at(statement):
                wallet.hold(part.workspace_id, {part.pk: micro}, simulated=False)

    @rule(size=st.integers(1, 500), limit=st.integers(0, 2_000))
    def reserve_and_settle(self, size, limit):
        Storage.objects.filter(pk=self.storage.pk).update(limit=limit)
        fits = self.used + self.reserved < limit
        assert quota.reserve(self.storage.pk, size) == fits
        if fits:
            quota.settle(self.storage.pk, size, size * 2)
            self.used += size * 2

    @invariant()
    def they_agree(self):
        purse = Wallet.objects.get(pk=self.purse.pk)
        assert (purse.available, purse.held) == (self.available, self.held)
        assert purse.counted_in(wallet.this_month()) == self.counted
        storage = Storage.objects.get(pk=self.storage.pk)
        assert (storage.used, storage.reserved) == (self.used, self.reserved)

    @invariant()
    def the_laws_hold(self):
        assert [breach for law in LAWS for breach in law()] == []


def _run(machine, parts, examples, steps, **more):
    class Apart(machine):
        """Each example in a transaction that is rolled back."""

        def __init__(self):
            self.savepoint = transaction.savepoint()
            super().__init__()

        def teardown(self):
            transaction.savepoint_rollback(self.savepoint)

    Apart.parts = parts
    run_state_machine_as_test(
        Apart,
        settings=settings(
            max_examples=examples,
            stateful_step_count=steps,
            deadline=None,
            suppress_health_check=list(HealthCheck),
            **more,
        ),
    )


def test_any_order_of_commands_leaves_books_that_balance(parts_of):
    _run(Money, parts_of(40), examples=6, steps=25)


@pytest.mark.slow
def test_any_order_of_many_commands_leaves_books_that_balance(parts_of):
    _run(Money, parts_of(400), examples=200, steps=250)


def test_a_wallet_that_forgets_to_book_is_caught(parts_of, monkeypatch):
    """The control: a machine that can find nothing proves nothing. It ends at the first find."""

    class Forgetful(Money):
        @rule(micro=AMOUNTS)
        def take(self, micro):
            Wallet.objects.filter(pk=self.purse.pk, posted__gte=micro + self.held).update(
                posted=self.purse.posted + 1
            )

    with pytest.raises(AssertionError):
        _run(Forgetful, parts_of(5), examples=1000, steps=10, phases=[Phase.generate])
