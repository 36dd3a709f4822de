"""Corrections of a charge: reversing entries with a reason, never an edit."""

from collections.abc import Iterable
from uuid import UUID

from django.db import transaction
from django.db.models import Sum
from django.utils.timezone import now

from imagegen.attempts.models import Part
from imagegen.billing import wallet
from imagegen.billing.ledger import LedgerTransaction
from imagegen.billing.models import Charge
from imagegen.billing.statement import StatementLine, is_stated, state
from workflows.models import User


class NotCorrected(Exception):
    """With the reason, in a sentence."""


def correct_to(charge: Charge, micro: int, *, key: str, reason: str, by: User) -> None:
    """Make the charge come to this much: less than it was gives back, more than it is by now takes
    an earlier correction back. Repeated with its key, it changes nothing. Raises NotCorrected."""
    with transaction.atomic():
        charge = Charge.objects.select_for_update().get(pk=charge.pk)
        if is_stated(key):
            return
        more = micro - standing(charge)
        _refuse_nonsense(charge, micro, more)
        kind = LedgerTransaction.Kind.CORRECTION if micro else LedgerTransaction.Kind.REFUND
        if not wallet.correct(charge.part_id, more, key=key, kind=kind, reason=reason, by=by):
            raise NotCorrected("The wallet does not cover that. Grant credit first.")
        attempt = charge.attempt
        state(key, charge.part, attempt, at=now(), corrected_micro=more, reason=reason)


def standing(charge: Charge) -> int:
    """What the charge comes to with all its corrections."""
    lines = StatementLine.objects.filter(part=charge.part_id)
    return charge.amount_micro + (lines.aggregate(sum=Sum("corrected_micro"))["sum"] or 0)


def corrections_of(parts: Iterable[Part | UUID]) -> dict[UUID, int]:
    """By the key of the part, where there is one; negative is what was given back."""
    lines = StatementLine.objects.filter(part__in=list(parts)).exclude(corrected_micro=0)
    return dict(lines.order_by().values_list("part").annotate(Sum("corrected_micro")))


def _refuse_nonsense(charge: Charge, micro: int, more: int) -> None:
    if not 0 <= micro <= charge.amount_micro:
        raise NotCorrected("A charge can be corrected to anything from nothing to what it was.")
    if not more:
        raise NotCorrected("That is what the charge comes to already. Nothing was corrected.")
