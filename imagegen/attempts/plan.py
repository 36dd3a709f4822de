"""Admission: storage, then key, then wallet; all of it or nothing, in the caller's transaction."""

from collections.abc import Sequence
from datetime import date, timedelta

from django.db.models.functions import Now

from imagegen.assets import quota
from imagegen.assets.models import Storage
from imagegen.attempts.accounts import account_name
from imagegen.attempts.contract import PlannedPart, paid_kind
from imagegen.attempts.models import Part
from imagegen.attempts.wake import wake_performers
from imagegen.billing import wallet
from imagegen.billing.keys import NoAccess, will_be_simulated
from imagegen.errors import Fault
from workflows.models import StepRun
from workflows.money import dollars


def plan(step_run: StepRun, planned: Sequence[PlannedPart]) -> None:
    """Write the parts with their holds and reservations: one provider, one charge type, admitted
    together. Raises StepFailed, and then nothing of it may be committed."""
    parts = [_unsaved(step_run, number, each) for number, each in enumerate(planned, 1)]
    _admit(parts, planned[0].route)
    for part in parts:
        part.woken_at = Now()  # by wake_performers, once this is committed
        part.save()
    wake_performers(len(parts))


def _unsaved(step_run: StepRun, number: int, planned: PlannedPart) -> Part:
    return Part(
        workspace_id=step_run.workspace_id,
        step_run=step_run,
        number=number,
        provider=planned.provider,
        model=planned.model,
        charge_type=planned.charge_type,
        at_once=planned.at_once,
        first_slot=planned.first_slot,
        slots=planned.slots,
        request=planned.request,
        estimate_micro=planned.expected.likely,
        estimate_low_micro=planned.expected.low,
        estimate_high_micro=planned.expected.high,
        hold_micro=planned.hold_micro,
        reserved_bytes=planned.reserve_bytes,
    )


def _admit(parts: Sequence[Part], route: str) -> None:
    """All of them or none: below the limit by one byte is enough for the whole of it."""
    first, workspace = parts[0], parts[0].workspace_id
    kind = paid_kind(first.step_run)
    if not quota.reserve(workspace, sum(part.reserved_bytes for part in parts)):
        raise kind.failure(first, Fault.STORAGE_FULL, _storage_numbers(first))
    try:
        simulated = will_be_simulated(workspace, route, first.charge_type)
    except NoAccess as refused:
        raise kind.failure(first, refused.fault) from refused
    for part in parts:
        part.simulated = simulated
        part.account = account_name(
            part.provider, workspace, personal=part.is_personal, simulated=simulated
        )
        part.hold_micro = 0 if part.is_personal else part.hold_micro
    holds = {part.pk: part.hold_micro for part in parts if part.hold_micro}
    if holds and not wallet.hold(workspace, holds, simulated=simulated):
        raise kind.failure(first, *_why_not_held(first, sum(holds.values())))


def _storage_numbers(part: Part) -> str:
    storage = Storage.objects.filter(pk=part.workspace_id).first()
    if storage is None:
        return "it has no plan"
    used, reserved = (f"{size / 1e6:,.1f} MB" for size in (storage.used, storage.reserved))
    return f"{used} used and {reserved} reserved of {storage.limit / 1e6:,.1f} MB"


def _why_not_held(part: Part, worst: int) -> tuple[Fault, str]:
    """The wallet comes before the cap, as in the order of checks."""
    purse = wallet.wallet_for(part.workspace_id, simulated=part.simulated)
    if purse is None or purse.available < worst or purse.cap_micro is None:
        available = purse.available if purse else 0
        return Fault.WALLET_SHORT, (
            f"it may cost up to {dollars(worst)} and {dollars(available)} is available"
        )
    return Fault.CAP_REACHED, (
        f"it may cost up to {dollars(worst)}, and {purse.month_text(wallet.this_month())}."
        f" A new month begins on {_next_month():%-d %B} UTC"
    )


def _next_month() -> date:
    return (wallet.this_month() + timedelta(days=32)).replace(day=1)
