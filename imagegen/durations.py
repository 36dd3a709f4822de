"""How long runs usually take, from those that went well."""

import math
from dataclasses import dataclass
from datetime import datetime
from statistics import quantiles
from typing import Any
from uuid import UUID

from django.db.models import QuerySet

from imagegen.attempts.models import Part
from imagegen.slots import image_count
from workflows.models import StepRun

FEWEST, MOST = 3, 20
LOOKED_AT = 200  # of the newest runs of the model: those of other counts are among them


@dataclass(frozen=True)
class Usual:
    """Half of the runs took as long, in whole seconds."""

    shortest: int
    longest: int

    @property
    def text(self) -> str:
        unit, size = ("s", 1) if self.longest <= 120 else ("min", 60)
        low, high = self.shortest // size, -(-self.longest // size)
        if not low:
            return f"up to {high} {unit}"
        return f"{high} {unit}" if low == high else f"{low}\u2013{high} {unit}"


def usual(step_run: StepRun, part: Part) -> Usual | None:
    """By the newest runs of the same model for as many images in the workspace; None while there
    are too few. `part`: the first of the step run. One query, however many runs there are."""
    runs = runs_alike(step_run, part).order_by("-finished_at")
    times = runs.values_list("started_at", "finished_at")[:MOST]
    seconds = [_seconds(began, ended) for began, ended in times if began and ended]
    return usual_of(seconds) if len(seconds) >= FEWEST else None


def runs_alike(step_run: StepRun, part: Part) -> QuerySet[StepRun]:
    """Among the newest of the model."""
    newest = newest_of_model(part.workspace_id, part.model, simulated=part.simulated)
    return StepRun.objects.filter(
        pk__in=newest,
        status=StepRun.Status.SUCCEEDED,
        settings__image_count=image_count(step_run.settings),
    )


def newest_of_model(workspace_id: UUID, model: str, *, simulated: bool) -> QuerySet[Any, Any]:
    """The keys of its newest step runs: a bounded number, found by an index."""
    firsts = Part.objects.filter(
        workspace_id=workspace_id, model=model, number=1, simulated=simulated
    )
    return firsts.order_by("-created_at").values("step_run")[:LOOKED_AT]


def usual_of(seconds: list[float]) -> Usual:
    """The middle half, rounded outwards to what people say."""
    shortest, _, longest = quantiles(seconds, n=4, method="inclusive")
    step = 1 if longest < 10 else 5 if longest < 120 else 60
    low, high = math.floor(shortest / step) * step, math.ceil(longest / step) * step
    return Usual(low, max(high, 1))


def _seconds(began: datetime, ended: datetime) -> float:
    return (ended - began).total_seconds()
