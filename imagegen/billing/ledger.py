"""The ledger: double entry, append-only. Amounts are integers of micro-dollars (10**-6 dollars).

Nothing in it is ever edited or deleted: a mistake is mended by another transaction. Play money of
the sandbox and real money are two currencies that no transaction mixes.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import Any
from uuid import UUID

from django.db import models
from django.db.models import Q, Sum

from imagegen.attempts.models import Part
from workflows.keys import new_id
from workflows.models import User, Workspace


class Account(models.TextChoices):
    WALLET = "wallet", "Available in the wallet"
    HELD = "held", "Held for requests under way"
    SALES = "sales", "Charged"
    GRANTS = "grants", "Granted"
    LOSSES = "losses", "Our loss"
    PROVIDERS = "providers", "Billed by providers at our loss"


class LedgerTransaction(models.Model):
    class Kind(models.TextChoices):
        OPENING = "opening", "Opening grant"
        GRANT = "grant", "Grant"
        HOLD = "hold", "Hold"
        CAPTURE = "capture", "Capture"
        RELEASE = "release", "Release"
        REFUND = "refund", "Refund"
        CORRECTION = "correction", "Correction"
        LOSS = "loss", "Loss"

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    key = models.CharField(max_length=80, unique=True)
    """Names the command that it came of, so that a command that is repeated books nothing."""
    kind = models.CharField(max_length=10, choices=Kind)
    workspace = models.ForeignKey(Workspace, models.PROTECT, related_name="ledger_transactions")
    simulated = models.BooleanField()
    part = models.ForeignKey(Part, models.PROTECT, null=True, related_name="ledger_transactions")
    micro = models.BigIntegerField()
    """How much it is about, always positive; which way it went say its entries."""
    month = models.DateField(null=True)
    """First day of the month whose cap it counts towards."""
    reason = models.CharField(max_length=500, blank=True, default="")
    by = models.ForeignKey(User, models.PROTECT, null=True, related_name="+")
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        constraints = (
            models.CheckConstraint(
                name="ledger_transaction_micro_positive", condition=Q(micro__gt=0)
            ),
        )
        indexes = (
            models.Index(
                fields=["workspace", "-created_at"],
                condition=Q(kind__in=["opening", "grant"]),
                name="ledger_grants_newest",
            ),
        )

    def __str__(self) -> str:
        return self.key


class LedgerEntry(models.Model):
    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    transaction = models.ForeignKey(LedgerTransaction, models.PROTECT, related_name="entries")
    workspace = models.ForeignKey(Workspace, models.PROTECT, related_name="+")
    simulated = models.BooleanField()
    account = models.CharField(max_length=10, choices=Account)
    micro = models.BigIntegerField()
    """What came to the account; negative is what left it."""

    class Meta:
        verbose_name_plural = "ledger entries"
        constraints = (
            models.UniqueConstraint(
                fields=["transaction", "account"], name="ledger_entry_once_per_account"
            ),
            models.CheckConstraint(name="ledger_entry_moves_something", condition=~Q(micro=0)),
        )
        indexes = (
            models.Index(
                fields=["workspace", "simulated", "account"], name="ledger_entry_by_account"
            ),
        )

    def __str__(self) -> str:
        return f"{self.account} {self.micro:+}"


@dataclass(frozen=True)
class Booking:
    """A transaction to be. Its amounts add up to zero."""

    key: str
    kind: str
    workspace_id: UUID
    simulated: bool
    amounts: Mapping[Account, int]
    part_id: UUID | None = None
    month: date | None = None
    reason: str = ""
    by: User | None = None
    id: UUID = field(default_factory=new_id)

    def __post_init__(self) -> None:
        if sum(self.amounts.values()):
            raise ValueError(f"{self.key} does not add up to zero")

    @property
    def micro(self) -> int:
        return sum(amount for amount in self.amounts.values() if amount > 0)


def book(bookings: Iterable[Booking]) -> None:
    """In the caller's transaction, all or none. A key that is booked already raises
    IntegrityError: the caller asks first, by `is_booked`, under the lock of the wallet."""
    wanted = [booking for booking in bookings if booking.micro]
    LedgerTransaction.objects.bulk_create(map(_transaction, wanted))
    LedgerEntry.objects.bulk_create(entry for booking in wanted for entry in _entries(booking))


def is_booked(keys: Iterable[str]) -> bool:
    return LedgerTransaction.objects.filter(key__in=list(keys)).exists()


def balances(**scope: Any) -> dict[str, int]:
    """Of each account, over the entries in scope; 0 where there is none."""
    sums = LedgerEntry.objects.filter(**scope).values("account").annotate(micro=Sum("micro"))
    return dict.fromkeys(Account.values, 0) | {row["account"]: row["micro"] for row in sums}


def _transaction(booking: Booking) -> LedgerTransaction:
    return LedgerTransaction(
        id=booking.id,
        key=booking.key,
        kind=booking.kind,
        workspace_id=booking.workspace_id,
        simulated=booking.simulated,
        part_id=booking.part_id,
        micro=booking.micro,
        month=booking.month,
        reason=booking.reason,
        by=booking.by,
    )


def _entries(booking: Booking) -> list[LedgerEntry]:
    return [
        LedgerEntry(
            transaction_id=booking.id,
            workspace_id=booking.workspace_id,
            simulated=booking.simulated,
            account=account,
            micro=micro,
        )
        for account, micro in booking.amounts.items()
        if micro
    ]
