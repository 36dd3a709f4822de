"""What the lightbox says beside an image: how it was asked for, answered and paid."""

from dataclasses import dataclass
from typing import Any

from imagegen.attempts.models import Attempt, Part
from imagegen.comparison import Row, comparison, revised_prompts
from imagegen.config import in_order
from imagegen.cost import cost_of
from imagegen.journal import Journal


@dataclass(frozen=True)
class Panel:
    """Of a part. The images of one part share it."""

    part: Part
    compared: list[Row]
    revised_prompts: list[str]
    attempts: list[tuple[Attempt, None]]
    came: int
    cost: dict[str, Any]


def panels_of(journal: Journal) -> list[Panel]:
    """One for each part that has brought an image which can be looked at."""
    shown = {asset.part_id for asset in journal.assets if asset.deleted_at is None}
    return [_panel(part, journal.of_part(part)) for part in journal.parts if part.pk in shown]


def _panel(part: Part, journal: Journal) -> Panel:
    asked = in_order({"provider": part.provider, **part.request["config"]})
    return Panel(
        part=part,
        compared=comparison(asked, journal),
        revised_prompts=revised_prompts(journal.attempts),
        attempts=[(attempt, None) for attempt in journal.attempts],
        came=len(journal.assets),
        cost=cost_of(journal),
    )
