"""What the Output tab and the side of the form show about money, storage and images."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from django.conf import settings
from django.db.models import Q, Sum

from imagegen.assets.models import Asset, Storage
from imagegen.attempts.models import Attempt, Part
from imagegen.billing.keys import is_simulated, standing
from imagegen.billing.models import Charge, Wallet
from imagegen.billing.prices import Line, added_up, cents
from imagegen.choices import validate
from imagegen.config import InvalidSettings
from imagegen.output import settings_of
from imagegen.posted import known_model
from imagegen.providers import registry
from workflows.models import Run, Step, StepRun
from workflows.money import dollars
from workflows.variables import tree

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
        **_cancel(step_run.run),
        "simulated": any(part.simulated for part in parts),
        "asked": step_run.filled or step_run.settings,
        "settings_used": settings_of(step_run.filled or step_run.settings),
        "output_object": finished,
        "tree": tree(finished, f"{step_run.identifier}.output") if finished else [],
        "ratio": _ratio(step_run),
        "remedy": _remedy(step_run),
        **_attempts(parts),
        **_money(parts),
    }


def _cancel(run: Run) -> dict[str, int]:
    """What a cancel of the run would still find: images on their way, and those not asked for."""
    parts = Part.objects.filter(step_run__run=run)
    counted = parts.aggregate(
        under_way=Sum("slots", filter=Q(state__in=SENT), default=0),
        not_sent=Sum("slots", filter=Q(state=Part.State.DUE), default=0),
    )
    return dict(counted)


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
    """One of queued, generating, saving: what is going on right now; empty when nothing is."""
    states = {part.state for part in parts}
    if step_run.is_finished:
        return ""
    if Part.State.RECEIVED in states:
        return f"Saving {min(stored + 1, wanted)} of {wanted}"
    if stored:
        return f"Generating, {stored} of {wanted} stored"
    return "Generating" if Part.State.SENDING in states else "Queued"


def _attempts(parts: list[Part]) -> dict[str, Any]:
    numbers = {part.pk: part.number for part in parts} if len(parts) > 1 else {}
    found = Attempt.objects.filter(part__in=parts).order_by("part__number", "number")
    attempts = [(attempt, numbers.get(attempt.part_id)) for attempt in found]
    sent_at = min((attempt.started_at for attempt, _ in attempts), default=None)
    return {"attempts": attempts, "sent_at": sent_at}


def _ratio(step_run: StepRun) -> str:
    """The place to keep free for an image, as "3 / 2"; square when the size is not known."""
    try:
        width, height = validate(step_run.settings).dimensions or (1, 1)
    except InvalidSettings:
        return "1 / 1"
    return f"{width} / {height}"


def _remedy(step_run: StepRun) -> dict[str, str] | None:
    """The choice that mends what went wrong, while the step still has the one that did not."""
    asked = step_run.settings.get("model")
    if not step_run.error or step_run.error["error_code"] != "model_retired":
        return None
    successor = known_model(asked, step_run.settings).successor
    if not successor or not step_run.step or step_run.step.settings.get("model") != asked:
        return None
    return {"field": "model", "value": successor, "label": f"Use {successor}"}


def _money(parts: list[Part]) -> dict[str, Any]:
    charges = list(Charge.objects.filter(part__in=parts))
    return {
        "charge_lines": added_up(Line(**line) for charge in charges for line in charge.lines),
        "our_lines": added_up(Line(**line) for charge in charges for line in charge.our_lines),
        "charged": dollars(sum(charge.amount_micro for charge in charges)),
        "listed": dollars(sum(charge.list_micro for charge in charges)),
        "estimated": dollars(sum(part.estimate_micro for part in parts)),
        "charge_type": parts[0].charge_type if parts else "",
        "has_charge": bool(charges),
        "flags": list(dict.fromkeys(flag for charge in charges for flag in charge.flags)),
    }


def charged(step_runs: Sequence[StepRun]) -> dict[Any, str]:
    sums = (
        Charge.objects.filter(part__step_run__in=step_runs)
        .values_list("part__step_run", "simulated")
        .annotate(amount=Sum("amount_micro"))
    )
    return {
        step_run: f"{dollars(amount)}{' simulated' if simulated else ''}"
        for step_run, simulated, amount in sums
    }


def left_context(step: Step) -> dict[str, Any]:
    """Of the wallet that the step's model is paid from."""
    model = known_model(step.settings.get("model"), step.settings)
    simulated = is_simulated(model.route.name)
    wallet = Wallet.objects.filter(workspace=step.workspace, simulated=simulated).first()
    return {
        "storage": Storage.objects.filter(pk=step.workspace.pk).first(),
        "available": cents(wallet.available) if wallet else "",
        "is_simulated": simulated,
        "standings": standings(),
    }


def standings() -> dict[str, list[str]]:
    """The providers by what their hosted runs are: live, simulated, or without a key."""
    found: dict[str, list[str]] = {"live": [], "simulated": [], "no key": []}
    for name, route in settings.PROVIDER_ROUTES.items():
        label = registry.get(route["provider"]).label
        if label not in found[standing(name)]:
            found[standing(name)].append(label)
    return {word: labels for word, labels in found.items() if labels}
