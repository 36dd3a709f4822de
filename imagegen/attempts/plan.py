"""Admission: storage, then key, then wallet; all of it or nothing, in the caller's transaction."""

from collections.abc import Sequence

from django.utils.timezone import now

from imagegen.assets import quota
from imagegen.assets.models import Storage
from imagegen.attempts.contract import PlannedPart, paid_kind
from imagegen.attempts.models import Part
from imagegen.attempts.wake import wake_performers
from imagegen.billing import wallet
from imagegen.billing.keys import NoAccess, access_for
from imagegen.billing.prices import dollars
from imagegen.errors import Fault
from workflows.models import StepRun


def plan(step_run: StepRun, planned: Sequence[PlannedPart]) -> None:
    """Write the parts with their holds and reservations. Raises StepFailed, and then nothing of
    it may be committed."""
    for number, each in enumerate(planned, 1):
        _admit(step_run, _unsaved(step_run, number, each), each.route)
    wake_performers(len(planned))


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
        hold_micro=planned.hold_micro,
        reserved_bytes=planned.reserve_bytes,
    )


def _admit(step_run: StepRun, part: Part, route: str) -> None:
    kind = paid_kind(step_run)
    if not quota.reserve(part.workspace_id, part.reserved_bytes):
        raise kind.failure(part, Fault.STORAGE_FULL, _storage_numbers(part))
    try:
        part.simulated = access_for(part.workspace_id, route, part.charge_type).simulated
    except NoAccess as refused:
        raise kind.failure(part, refused.fault) from refused
    if part.is_personal:
        part.hold_micro = 0
    elif not wallet.hold(part.workspace_id, part.hold_micro, simulated=part.simulated):
        raise kind.failure(part, Fault.WALLET_SHORT, _wallet_numbers(part))
    part.woken_at = now()  # by wake_performers, once this is committed
    part.save()


def _storage_numbers(part: Part) -> str:
    storage = Storage.objects.filter(pk=part.workspace_id).first()
    if storage is None:
        return "it has no plan"
    used, reserved = (f"{size / 1e6:,.1f} MB" for size in (storage.used, storage.reserved))
    return f"{used} used and {reserved} reserved of {storage.limit / 1e6:,.1f} MB"


def _wallet_numbers(part: Part) -> str:
    purse = wallet.wallet_for(part.workspace_id, simulated=part.simulated)
    available = purse.available if purse else 0
    return f"it may cost up to {dollars(part.hold_micro)} and {dollars(available)} is available"
