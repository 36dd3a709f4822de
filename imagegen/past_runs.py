"""What runs like the one to come have cost and taken in the workspace, and how right their
estimates were."""

from dataclasses import dataclass
from datetime import UTC, datetime, time
from typing import Any
from uuid import UUID

from django.db.models import F, Max, Min, Q, QuerySet, Sum
from django.db.models.functions import Coalesce
from django.utils.timezone import now

from imagegen.billing.keys import is_simulated
from imagegen.billing.statement import StatementLine
from imagegen.config import Config
from imagegen.durations import FEWEST, MOST, newest_of_model, usual_of
from workflows.models import StepRun
from workflows.money import Figure, between

DECIDE_THE_COST = ("image_size", "image_quality")


@dataclass(frozen=True)
class PastRun:
    cost: int
    """With its corrections, in micro-dollars."""
    expected: Figure
    seconds: float


@dataclass(frozen=True)
class PastRuns:
    runs: tuple[PastRun, ...]
    simulated: bool
    is_personal: bool

    @property
    def text(self) -> str:
        kind = "simulated runs" if self.simulated else "runs"
        listed = " at list price" if self.is_personal else ""
        costs = [run.cost for run in self.runs]
        took = usual_of([run.seconds for run in self.runs]).text
        return (
            f"Your last {len(costs)} {kind} like this cost {between(min(costs), max(costs))}"
            f"{listed} and took {took}. {self._error}"
        ).strip()

    @property
    def _error(self) -> str:
        """How far the estimates were off, all in all."""
        if any(run.expected.is_range for run in self.runs):
            return self._within
        charged = sum(run.cost for run in self.runs)
        if not charged:
            return ""
        estimated = sum(run.expected.likely for run in self.runs)
        percent = round(100 * (estimated - charged) / charged)
        if not percent:
            return "The estimates were right to the percent."
        return f"The estimates were {abs(percent)} % {'high' if percent > 0 else 'low'}."

    @property
    def _within(self) -> str:
        within = sum(run.expected.low <= run.cost <= run.expected.high for run in self.runs)
        if within == len(self.runs):
            return "Each was within the range of its estimate."
        return f"{within} of them were within the range of their estimate."


def past_runs(workspace_id: UUID, config: Config, charge_type: str) -> PastRuns | None:
    """The newest with the same model, number, size and quality at today's price, paid for in the
    same way; None while there are too few. One query, of a bounded number of rows."""
    is_personal = charge_type == "personal"
    simulated = not is_personal and is_simulated(config.record.route.name)
    newest = newest_of_model(workspace_id, config.model, simulated=simulated)
    lines = StatementLine.objects.filter(**_alike(config, charge_type), step_run__in=newest)
    rows = _complete(lines, config.image_count)[:MOST]
    if len(rows) < FEWEST:
        return None
    return PastRuns(tuple(_run(row, is_personal) for row in rows), simulated, is_personal)


def _alike(config: Config, charge_type: str) -> dict[str, Any]:
    since = config.record.price_on(now().date()).valid_from
    asked = {"image_count": config.image_count, "charge_type": charge_type}
    asked |= {
        f"by_provider__{config.provider}__{name}": config.chosen(name)
        for name in DECIDE_THE_COST
        if name in config.record.settings
    }
    return {
        "step_run__status": StepRun.Status.SUCCEEDED,
        "step_run__started_at__gte": datetime.combine(since, time(), UTC),
        **{f"step_run__settings__{name}": value for name, value in asked.items()},
    }


def _complete(lines: QuerySet[StatementLine], images: int) -> QuerySet[StatementLine, Any]:
    """A row for each step run that brought all of its images. A part has one line that closes it,
    and more when it was corrected."""
    likely = F("part__estimate_micro")
    closes = Q(key__startswith="part:")
    return (
        lines.order_by()
        .values("step_run")
        .annotate(
            charged=Sum(F("charged_micro") + F("corrected_micro")),
            listed=Sum("list_micro"),
            came=Sum("images"),
            likely=Sum(likely, filter=closes),
            low=Sum(Coalesce("part__estimate_low_micro", likely), filter=closes),
            high=Sum(Coalesce("part__estimate_high_micro", likely), filter=closes),
            began=Min("step_run__started_at"),
            ended=Max("step_run__finished_at"),
        )
        .filter(came=images)
        .order_by("-ended")
    )


def _run(row: dict[str, Any], is_personal: bool) -> PastRun:
    return PastRun(
        cost=row["listed"] if is_personal else row["charged"],
        expected=Figure(row["likely"], row["low"], row["high"]),
        seconds=(row["ended"] - row["began"]).total_seconds(),
    )
