"""The places of the images that a run was asked for: what came into each, or why nothing did."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from imagegen import output
from imagegen.assets.models import Asset
from imagegen.attempts.contract import paid_kind
from imagegen.attempts.models import Part
from imagegen.billing.shares import costs_per_image
from imagegen.choices import validate
from imagegen.config import InvalidSettings
from imagegen.errors import Fault
from imagegen.journal import Journal
from imagegen.providers import registry
from workflows.models import Step, StepRun

MOST_SLOTS = 10  # whatever nonsense a refused form asked for


@dataclass(frozen=True)
class Missing:
    """Why there is no image, and what it cost."""

    what: str
    sentence: str = ""


@dataclass(frozen=True)
class Slot:
    """The place of one requested image."""

    number: int
    asset: Asset | None = None
    part: Part | None = None
    index: int = 0
    """Of its asset in the output object: images that did not come leave no gap there."""
    cost: str = ""
    sent_at: datetime | None = None
    """While the provider is at it."""
    trashed: Asset | None = None
    """While it can be restored."""
    missing: Missing | None = None
    """None while an image may still come."""

    @property
    def state(self) -> str:
        if self.asset:
            return "stored"
        return self.part.state if self.part else Part.State.DUE


def slots_of(journal: Journal) -> list[Slot]:
    """In the order of the request."""
    planned = sum(part.slots for part in journal.parts)
    wanted = max(planned, image_count(journal.step_run.settings))
    costs = costs_per_image(journal.assets, journal.charges, journal.corrected)
    return [_slot(journal, slot, costs) for slot in range(min(wanted, MOST_SLOTS))]


def _slot(journal: Journal, slot: int, costs: Mapping[Any, str]) -> Slot:
    asset = next((each for each in journal.assets if each.slot == slot), None)
    part = next((each for each in journal.parts if slot in each.slot_range), None)
    if asset and asset.deleted_at is None:
        index = sum(1 for other in journal.assets if other.slot < slot)
        return Slot(slot + 1, asset, part, index, costs.get(asset.pk, ""))
    if asset:
        trashed = None if asset.purged_at else asset
        return Slot(slot + 1, trashed=trashed, missing=Missing("was deleted"))
    return Slot(
        slot + 1, part=part, sent_at=_sent_at(journal, part), missing=_missing(journal, part)
    )


def image_count(settings: Mapping[str, Any]) -> int:
    count = settings.get("image_count")
    return count if isinstance(count, int) and count > 0 else 1


def settings_for_missing(step_run: StepRun) -> dict[str, Any] | None:
    """Those that ask for what did not come; None when nothing came or everything did."""
    missing = missing_images(step_run, step_run.assets.count())
    return {**step_run.settings, "image_count": missing} if missing else None


def missing_images(step_run: StepRun, came: int) -> int:
    """How many can be asked for once more: of a run that has ended and brought some, whether or not
    these are in the trash by now."""
    asked = image_count(step_run.settings)
    return asked - came if step_run.is_finished and 0 < came < asked else 0


def ratio_of(settings: Mapping[str, Any], assets: Sequence[Asset] = ()) -> str:
    """The place to keep free for an image, as "3 / 2". Where the model decides, it is as the first
    that came, and square before."""
    try:
        decided = validate(settings).dimensions
    except InvalidSettings:
        decided = None
    came = next(((asset.width, asset.height) for asset in assets), (1, 1))
    width, height = decided or came
    return f"{width} / {height}"


def sketch_context(step: Step) -> dict[str, Any]:
    """As many empty places as the settings ask for, in their shape, and the keys to come."""
    count = min(image_count(step.settings), MOST_SLOTS)
    return {
        "slots": [Slot(number) for number in range(1, count + 1)],
        "ratio": ratio_of(step.settings),
        "sample": output.sample(step.settings),
    }


def _sent_at(journal: Journal, part: Part | None) -> datetime | None:
    if part is None or part.state != Part.State.SENDING:
        return None
    started = [each.started_at for each in journal.attempts if each.part_id == part.pk]
    return max(started, default=None)


def _missing(journal: Journal, part: Part | None) -> Missing | None:
    if part is None or part.state in Part.OPEN:
        return None
    if part.state == Part.State.CANCELLED:
        return Missing("was not asked for", "The run was cancelled before. It cost nothing.")
    if part.fault:
        failure = paid_kind(journal.step_run).failure(part, Fault[part.fault], part.detail)
        return Missing("did not come", failure.message)
    label = registry.get(part.provider).label
    sentence = f"{label} sent fewer than were asked for. What it billed is charged: see Cost."
    return Missing("did not come", sentence)
