"""What the database has about a step run, read once for everything that a page shows of it."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Self
from uuid import UUID

from imagegen.assets.models import Asset
from imagegen.attempts.models import Attempt, Part
from imagegen.billing.corrections import corrections_of
from imagegen.billing.models import Charge
from workflows.models import StepRun


@dataclass(frozen=True)
class Journal:
    step_run: StepRun
    parts: list[Part]
    attempts: list[Attempt]
    assets: list[Asset]
    """Those in the trash, too."""
    charges: list[Charge]
    corrected: Mapping[UUID, int]
    """What corrections added to the charge of a part, by its key; negative was given back."""

    @classmethod
    def of(cls, step_run: StepRun) -> Self:
        parts = list(step_run.parts.all())
        attempts = Attempt.objects.filter(part__in=parts).order_by("part__number", "number")
        charges = Charge.objects.filter(part__in=parts).order_by("part__number")
        assets = list(step_run.assets.all())
        return cls(step_run, parts, list(attempts), assets, list(charges), corrections_of(parts))

    def of_part(self, part: Part) -> Self:
        """What it has about one of its parts."""
        return replace(
            self,
            parts=[part],
            attempts=[each for each in self.attempts if each.part_id == part.pk],
            assets=[each for each in self.assets if each.part_id == part.pk],
            charges=[each for each in self.charges if each.part_id == part.pk],
            corrected={part.pk: self.corrected.get(part.pk, 0)},
        )
