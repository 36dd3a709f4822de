"""L15: the statement adds up, to its days and to the ledger."""

from collections.abc import Iterator
from typing import Any

from django.db.models import Sum
from django.db.models.functions import TruncDate

from imagegen.billing.ledger import Account, LedgerEntry, LedgerTransaction
from imagegen.billing.models import Charge
from imagegen.billing.prices import Line, total_micro
from imagegen.billing.statement import AMOUNTS, DIMENSIONS, DayTotal, StatementLine
from imagegen.books.laws import law

SUMS = {name: Sum(name) for name in AMOUNTS}


@law("L15", "the lines of a charge add up to it, rounded up once")
def charges_add_up() -> Iterator[str]:
    for pk, lines, listed in Charge.objects.values_list("pk", "lines", "list_micro").iterator():
        if (total := total_micro(Line(**line) for line in lines)) != listed:
            yield f"charge {pk}: its lines come to {total}, and it says {listed}"


@law("L15", "the days are the sums of their lines")
def days_add_up() -> Iterator[str]:
    lines = StatementLine.objects.annotate(on=TruncDate("at")).order_by()
    summed = _by(lines.values("on", *DIMENSIONS).annotate(**SUMS), "on")
    kept = _by(DayTotal.objects.order_by().values("day", *DIMENSIONS).annotate(**SUMS), "day")
    for key in summed.keys() | kept.keys():
        if summed.get(key) != kept.get(key):
            yield f"{key}: lines {summed.get(key)}, kept {kept.get(key)}"


def _by(rows: Any, day: str) -> dict[tuple[Any, ...], tuple[int, ...]]:
    return {
        (str(row[day]), *(str(row[name]) for name in DIMENSIONS)): tuple(
            row[name] for name in AMOUNTS
        )
        for row in rows
    }


@law("L15", "charges, corrections and losses of the statement are those of the ledger")
def statement_is_the_ledger() -> Iterator[str]:
    kinds = LedgerTransaction.Kind
    for column, account, of_kinds, sign in (
        ("charged_micro", Account.SALES, [kinds.CAPTURE], 1),
        ("corrected_micro", Account.SALES, [kinds.REFUND, kinds.CORRECTION], 1),
        ("loss_micro", Account.LOSSES, [kinds.LOSS], -1),
    ):
        entries = LedgerEntry.objects.filter(account=account, transaction__kind__in=of_kinds)
        booked = _by_workspace(entries, "micro")
        stated = _by_workspace(StatementLine.objects.all(), column)
        for key in booked.keys() | stated.keys():
            if sign * booked.get(key, 0) != stated.get(key, 0):
                yield f"{column} of {key}: stated {stated.get(key)}, booked {booked.get(key)}"


def _by_workspace(rows: Any, column: str) -> dict[tuple[Any, bool], int]:
    sums = rows.order_by().values_list("workspace", "simulated").annotate(sum=Sum(column))
    return {(workspace, simulated): total for workspace, simulated, total in sums}
