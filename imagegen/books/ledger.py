"""L1 to L8: the ledger in itself, and with the wallets."""

from collections.abc import Iterator

from django.db import connection
from django.db.models import Count, F, OuterRef, Q, Subquery, Sum
from django.db.models.functions import Coalesce

from imagegen.attempts.models import Part
from imagegen.billing.ledger import Account, LedgerEntry, LedgerTransaction, balances
from imagegen.billing.models import Charge, Wallet
from imagegen.billing.reviews import ReviewNote
from imagegen.billing.statement import StatementLine
from imagegen.books.laws import law

Kind = LedgerTransaction.Kind


@law("L1", "the entries of every transaction add up to zero, in its own currency")
def entries_add_up() -> Iterator[str]:
    sums = LedgerTransaction.objects.annotate(sum=Sum("entries__micro"))
    for each in sums.filter(~Q(sum=0) | Q(sum=None)):
        yield f"{each.key}: its entries add up to {each.sum}"
    foreign = LedgerEntry.objects.exclude(simulated=F("transaction__simulated"))
    for entry in foreign.select_related("transaction"):
        yield f"{entry.transaction.key}: {entry.account} is of the other currency"


CLOSED = (LedgerTransaction, LedgerEntry, Charge, StatementLine, ReviewNote)
GUARDED = """
    SELECT 1 FROM pg_trigger JOIN pg_class ON pg_class.oid = tgrelid
    WHERE relname = %s AND tgname = 'append_only' AND tgenabled <> 'D'
"""


@law("L2", "ledger, charges and statement cannot be edited or deleted")
def books_are_closed() -> Iterator[str]:
    """PostgreSQL refuses by a trigger; SQLite has none, and the tests refuse in its place."""
    if connection.vendor != "postgresql":
        return
    for model in CLOSED:
        with connection.cursor() as cursor:
            cursor.execute(GUARDED, [model._meta.db_table])
            if cursor.fetchone() is None:
                yield f"{model._meta.db_table} could be edited: its trigger is missing"


@law("L3", "no wallet is overdrawn")
def nobody_is_overdrawn() -> Iterator[str]:
    for wallet in Wallet.objects.filter(Q(posted__lt=F("held")) | Q(held__lt=0)):
        yield f"{wallet.pk}: {wallet.posted} posted, {wallet.held} held"


@law("L4", "a hold of a part that has closed was captured or released, once; of no other")
def holds_end_once() -> Iterator[str]:
    ends = Count("part__ledger_transactions", filter=Q(
        part__ledger_transactions__kind__in=[Kind.CAPTURE, Kind.RELEASE]
    ))  # fmt: skip
    holds = LedgerTransaction.objects.filter(kind=Kind.HOLD).annotate(ends=ends)
    closed = Q(part__finished_at__isnull=False)
    for each in holds.filter((closed & ~Q(ends=1)) | (~closed & ~Q(ends=0))).select_related("part"):
        if each.part and each.part.state == Part.State.RECEIVED and each.ends == 1:
            continue  # it was called unknown, and its answer came late
        yield f"{each.key}: {each.ends} endings, and the part is {each.part and each.part.state}"
    ended = LedgerTransaction.objects.filter(kind__in=[Kind.CAPTURE, Kind.RELEASE])
    for ending in ended.exclude(part__ledger_transactions__kind=Kind.HOLD):
        yield f"{ending.key}: ends a hold that was never taken"


@law("L5", "nothing captured exceeds its hold")
def captures_stay_below_their_holds() -> Iterator[str]:
    holds = LedgerTransaction.objects.filter(kind=Kind.HOLD, part=OuterRef("transaction__part"))
    entries = LedgerEntry.objects.filter(transaction__kind=Kind.CAPTURE, account=Account.SALES)
    held = entries.annotate(held=Coalesce(Subquery(holds.values("micro")[:1]), 0))
    for each in held.filter(micro__gt=F("held")).select_related("transaction"):
        yield f"{each.transaction.key}: {each.micro} of a hold of {each.held}"


@law("L6", "a part has at most one hold and one capture")
def holds_are_single() -> Iterator[str]:
    for kind in (Kind.HOLD, Kind.CAPTURE):
        parts = LedgerTransaction.objects.filter(kind=kind).values("part")
        for row in parts.annotate(number=Count("pk")).filter(number__gt=1):
            yield f"part {row['part']}: {row['number']} × {kind}"


@law("L7", "wallets are the sum of their entries")
def wallets_are_sums() -> Iterator[str]:
    for wallet in Wallet.objects.all():
        scope = {"workspace": wallet.workspace_id, "simulated": wallet.simulated}
        sums = balances(**scope)
        wanted = {
            "posted": sums[Account.WALLET] + sums[Account.HELD],
            "held": sums[Account.HELD],
        }
        if wallet.month:
            month = balances(**scope, transaction__month=wallet.month)
            wanted["month_micro"] = -month[Account.WALLET]
        for name, value in wanted.items():
            if getattr(wallet, name) != value:
                yield f"{wallet.pk}: {name} is {getattr(wallet, name)}, its entries say {value}"


@law("L8", "all accounts of a currency together come to zero")
def accounts_come_to_zero() -> Iterator[str]:
    for simulated in (False, True):
        if total := sum(balances(simulated=simulated).values()):
            yield f"{'simulated' if simulated else 'real'}: {total}"
