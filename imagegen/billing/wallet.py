"""Grant, hold → capture or release, refund. One conditional UPDATE decides; nobody reads, then
writes. What it decided is booked in the same transaction, so that wallet and ledger agree."""

from collections.abc import Mapping
from datetime import date
from typing import Any
from uuid import UUID

from django.db import transaction
from django.db.models import BigIntegerField, Case, F, Q, Value, When
from django.utils.timezone import now

from imagegen.billing.ledger import Account, Booking, LedgerTransaction, book, is_booked
from imagegen.billing.models import Wallet
from workflows.models import User

Kind = LedgerTransaction.Kind


def wallet_for(workspace_id: UUID, *, simulated: bool) -> Wallet | None:
    return Wallet.objects.filter(workspace_id=workspace_id, simulated=simulated).first()


def this_month() -> date:
    """Its first day, UTC: caps count by months."""
    return now().date().replace(day=1)


def grant(
    wallet: Wallet,
    micro: int,
    *,
    key: str,
    kind: str = Kind.GRANT,
    reason: str = "",
    by: User | None = None,
) -> bool:
    """False when this grant was given already."""
    amounts = {Account.GRANTS: -micro, Account.WALLET: micro}
    with transaction.atomic():
        if not _is_new(wallet.workspace_id, wallet.simulated, key):
            return False
        Wallet.objects.filter(pk=wallet.pk).update(posted=F("posted") + micro)
        book([_booking(wallet, key, kind, amounts, reason=reason, by=by)])
    return True


def hold(workspace_id: UUID, holds: Mapping[UUID, int], *, simulated: bool) -> bool:
    """Set money aside for parts, all of them or none, before they are sent; False when what is
    available does not cover it or the month's cap would be passed. Repeated: what it was."""
    with transaction.atomic():
        if not _is_new(workspace_id, simulated, *(f"hold:{part_id}" for part_id in holds)):
            return True
        month = (
            this_month()
        )  # asked under the lock: no hold counts to a month before the last one's
        if not _set_aside(workspace_id, simulated, sum(holds.values()), month):
            return False
        book(
            Booking(
                key=f"hold:{part_id}",
                kind=Kind.HOLD,
                workspace_id=workspace_id,
                simulated=simulated,
                amounts={Account.WALLET: -micro, Account.HELD: micro},
                part_id=part_id,
                month=month,
            )
            for part_id, micro in holds.items()
        )
    return True


def _set_aside(workspace_id: UUID, simulated: bool, micro: int, month: date) -> bool:
    wallets = Wallet.objects.filter(workspace_id=workspace_id, simulated=simulated)
    covering = wallets.annotate(this_month=_counted(month)).filter(_covers(micro))
    counted = _counted(month) + micro
    return bool(covering.update(held=F("held") + micro, month_micro=counted, month=month))


def release(part_id: UUID) -> None:
    capture(part_id, 0)


def capture(part_id: UUID, micro: int) -> None:
    """End the hold of a part and take at most what was held; what is left goes back. Repeated, it
    changes nothing; a part without a hold has nothing to end."""
    held = LedgerTransaction.objects.filter(key=f"hold:{part_id}").first()
    if held is None:
        return
    if micro > held.micro:
        raise ValueError("a capture never exceeds its hold")
    back, kind = held.micro - micro, Kind.CAPTURE if micro else Kind.RELEASE
    amounts = {Account.HELD: -held.micro, Account.WALLET: back, Account.SALES: micro}
    ending = _ending(held, f"end:{part_id}", kind, amounts)
    with transaction.atomic():
        if _is_new(held.workspace_id, held.simulated, ending.key):
            _move(held, held=-held.micro, posted=-micro, counted=-back)
            book([ending])


def correct(part_id: UUID, micro: int, *, key: str, kind: str, reason: str, by: User) -> bool:
    """Change what a part was charged by so much: negative gives back. False when the wallet does
    not cover a further charge. Repeated, it changes nothing."""
    held = LedgerTransaction.objects.get(key=f"hold:{part_id}")
    amounts = {Account.SALES: micro, Account.WALLET: -micro}
    with transaction.atomic():
        if not _is_new(held.workspace_id, held.simulated, key):
            return True
        if not _move(held, posted=-micro, counted=micro, least=micro):
            return False
        book([_ending(held, key, kind, amounts, reason=reason, by=by)])
    return True


def _is_new(workspace_id: UUID, simulated: bool, *keys: str) -> bool:
    """Whether none of them is booked. The wallet is locked first, so that a command that is given
    twice at the same instant waits and is then known."""
    wallets = Wallet.objects.select_for_update()
    wallets.filter(workspace_id=workspace_id, simulated=simulated).first()
    return not is_booked(keys)


def _covers(micro: int) -> Q:
    """The number that refuses is the number that is shown: `available`, and `month_micro`."""
    uncapped_or_below = Q(cap_micro=None) | Q(cap_micro__gte=F("this_month") + micro)
    return Q(posted__gte=F("held") + micro) & uncapped_or_below


def _counted(month: date) -> Case:
    """What counts towards the cap of this month so far: nothing when the last hold is older."""
    counts = When(month=month, then=F("month_micro"))
    return Case(counts, default=Value(0), output_field=BigIntegerField())


def _move(
    hold: LedgerTransaction, *, posted: int, counted: int, held: int = 0, least: int = 0
) -> bool:
    """In the wallet that the hold was taken from; False when less than `least` is available."""
    wallets = Wallet.objects.filter(workspace=hold.workspace_id, simulated=hold.simulated)
    if least > 0:
        wallets = wallets.filter(posted__gte=F("held") + least)
    same_month = When(month=hold.month, then=F("month_micro") + counted)
    return bool(
        wallets.update(
            held=F("held") + held,
            posted=F("posted") + posted,
            month_micro=Case(same_month, default=F("month_micro"), output_field=BigIntegerField()),
        )
    )


def _ending(
    hold: LedgerTransaction, key: str, kind: str, amounts: Mapping[Account, int], **said: Any
) -> Booking:
    """What happens to the money of a part later counts towards the month of its hold."""
    return Booking(
        key=key,
        kind=kind,
        workspace_id=hold.workspace_id,
        simulated=hold.simulated,
        amounts=amounts,
        part_id=hold.part_id,
        month=hold.month,
        **said,
    )


def _booking(
    wallet: Wallet, key: str, kind: str, amounts: Mapping[Account, int], **said: Any
) -> Booking:
    return Booking(
        key=key,
        kind=kind,
        workspace_id=wallet.workspace_id,
        simulated=wallet.simulated,
        amounts=amounts,
        **said,
    )
