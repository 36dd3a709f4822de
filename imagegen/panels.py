"""What the Output tab and the side of the form show about money, storage and images."""

from dataclasses import dataclass
from typing import Any

from django.conf import settings

from imagegen.assets.models import Asset, Storage
from imagegen.attempts.models import Attempt, Part
from imagegen.billing.keys import is_live
from imagegen.billing.models import Charge, Wallet
from imagegen.billing.prices import Line, cents, dollars
from imagegen.output import settings_of
from workflows.editor import tree
from workflows.models import StepRun, Workspace

SENT = (Part.State.SENDING, Part.State.RECEIVED)
MOST_SLOTS = 10  # whatever nonsense a refused form asked for


@dataclass(frozen=True)
class Slot:
    """The place of one requested image."""

    number: int
    asset: Asset | None
    part: Part | None
    index: int
    """Of its asset in the output object: images that did not come leave no gap there."""

    @property
    def state(self) -> str:
        if self.asset:
            return "stored"
        return self.part.state if self.part else Part.State.DUE


def run_context(step_run: StepRun) -> dict[str, Any]:
    parts = list(step_run.parts.all())
    slots = _slots(step_run, parts)
    stored = sum(1 for slot in slots if slot.asset)
    finished = step_run.output_for_later_steps if step_run.is_finished else None
    return {
        "slots": slots,
        "stored": stored,
        "activity": _activity(step_run, parts, stored, len(slots)),
        "run_is_sent": Part.objects.filter(step_run__run=step_run.run, state__in=SENT).exists(),
        "simulated": any(part.simulated for part in parts),
        "asked": step_run.filled or step_run.settings,
        "settings_used": settings_of(step_run.filled or step_run.settings),
        "output_object": finished,
        "tree": tree(finished, f"{step_run.identifier}.output") if finished else [],
        "ratio": _ratio(step_run),
        **_attempts(parts),
        **_money(parts),
    }


def _slots(step_run: StepRun, parts: list[Part]) -> list[Slot]:
    by_slot = {asset.slot: asset for asset in step_run.assets.live()}
    owners = {slot: part for part in parts for slot in part.slot_range}
    wanted = max(len(owners), int(step_run.settings.get("image_count") or 1))
    return [
        Slot(
            slot + 1,
            by_slot.get(slot),
            owners.get(slot),
            index=sum(1 for earlier in by_slot if earlier < slot),
        )
        for slot in range(min(wanted, MOST_SLOTS))
    ]


def _activity(step_run: StepRun, parts: list[Part], stored: int, wanted: int) -> str:
    """One of queued, sending, saving: what is going on right now; empty when nothing is."""
    states = {part.state for part in parts}
    if step_run.is_finished:
        return ""
    if Part.State.RECEIVED in states or stored:
        return f"Saving {min(stored + 1, wanted)} of {wanted}"
    return "Generating" if Part.State.SENDING in states else "Queued"


def _attempts(parts: list[Part]) -> dict[str, Any]:
    attempts = list(Attempt.objects.filter(part__in=parts).order_by("started_at"))
    return {"attempts": attempts, "sent_at": attempts[0].started_at if attempts else None}


def _ratio(step_run: StepRun) -> str:
    """The place to keep free for an image, as "3 / 2"; square when the size is not known."""
    chosen = step_run.settings.get("by_provider", {}).values()
    sizes = [str(each.get("image_size", "")) for each in chosen if isinstance(each, dict)]
    width, _, height = (sizes[0] if len(sizes) == 1 else "").partition("x")
    return f"{width} / {height}" if width.isdecimal() and height.isdecimal() else "1 / 1"


def _money(parts: list[Part]) -> dict[str, Any]:
    charges = list(Charge.objects.filter(part__in=parts))
    return {
        "charge_lines": [Line(**line) for charge in charges for line in charge.lines],
        "charged": dollars(sum(charge.amount_micro for charge in charges)),
        "listed": dollars(sum(charge.list_micro for charge in charges)),
        "estimated": dollars(sum(charge.estimate_micro for charge in charges)),
        "charge_type": parts[0].charge_type if parts else "",
        "has_charge": bool(charges),
        "flags": [flag for charge in charges for flag in charge.flags],
    }


def left_context(workspace: Workspace) -> dict[str, Any]:
    live = [name for name in settings.PROVIDER_ROUTES if is_live(name)]
    simulated = bool(settings.SANDBOX_URL) and len(live) < len(settings.PROVIDER_ROUTES)
    wallet = Wallet.objects.filter(workspace=workspace, simulated=simulated).first()
    return {
        "storage": Storage.objects.filter(pk=workspace.pk).first(),
        "available": cents(wallet.available) if wallet else "",
        "is_simulated": simulated,
    }
