"""What runs like the one to come have cost and taken in the workspace, and how right their
estimates were."""

from dataclasses import dataclass
from datetime import UTC, datetime, time
from typing import Any
from uuid import UUID

from django.db.models import Count, Q, QuerySet, Sum
from django.utils.timezone import now

from imagegen.attempts.models import Part
from imagegen.billing.keys import is_simulated
from imagegen.config import Config
from imagegen.durations import FEWEST, MOST, newest_of_model, usual_of
from workflows.models import StepRun
from workflows.money import between

DECIDE_THE_COST = ("image_size", "image_quality")


@dataclass(frozen=True)
class PastRuns:
    """Each by what it cost and what was estimated for it, in micro-dollars, and its seconds."""

    costs: tuple[int, ...]
    estimates: tuple[int, ...]
    seconds: tuple[float, ...]
    simulated: bool
    is_personal: bool

    @property
    def text(self) -> str:
        kind = "simulated runs" if self.simulated else "runs"
        listed = " at list price" if self.is_personal else ""
        cost = between(min(self.costs), max(self.costs))
        took = usual_of(list(self.seconds)).text
        return (
            f"Your last {len(self.costs)} {kind} like this cost {cost}{listed} and took {took}."
            f" {self._error}"
        ).strip()

    @property
    def _error(self) -> str:
        """How far the estimates were off, all in all."""
        charged, estimated = sum(self.costs), sum(self.estimates)
        if not charged:
            return ""
        percent = round(100 * (estimated - charged) / charged)
        if not percent:
            return "The estimates were right to the percent."
        return f"The estimates were {abs(percent)} % {'high' if percent > 0 else 'low'}."


def past_runs(workspace_id: UUID, config: Config, charge_type: str) -> PastRuns | None:
    """The newest with the same model, number, size and quality at today's price, paid for in the
    same way; None while there are too few. One query, of a bounded number of rows."""
    is_personal = charge_type == "personal"
    simulated = not is_personal and is_simulated(config.record.route.name)
    newest = newest_of_model(workspace_id, config.model, simulated=simulated)
    paid = "parts__charge__list_micro" if is_personal else "parts__charge__amount_micro"
    found = _settled(config, charge_type).filter(pk__in=newest).annotate(cost=Sum(paid))
    rows = found.values_list("cost", "expected", "started_at", "finished_at")[:MOST]
    if len(rows) < FEWEST:
        return None
    costs, estimates, began, ended = zip(*rows, strict=True)
    seconds = tuple((b - a).total_seconds() for a, b in zip(began, ended, strict=True))
    return PastRuns(costs, estimates, seconds, simulated, is_personal)


def _settled(config: Config, charge_type: str) -> QuerySet[StepRun, Any]:
    """Those of which each request brought what it was asked for."""
    since = config.record.price_on(now().date()).valid_from
    alike = StepRun.objects.filter(
        status=StepRun.Status.SUCCEEDED,
        settings__image_count=config.image_count,
        settings__charge_type=charge_type,
        started_at__gte=datetime.combine(since, time(), UTC),
        **_same_choices(config),
    )
    others = Count("parts", filter=~Q(parts__state=Part.State.SETTLED))
    grouped = alike.order_by("-finished_at").values("pk", "started_at", "finished_at")
    return grouped.annotate(expected=Sum("parts__estimate_micro"), others=others).filter(others=0)


def _same_choices(config: Config) -> dict[str, Any]:
    return {
        f"settings__by_provider__{config.provider}__{name}": config.chosen(name)
        for name in DECIDE_THE_COST
        if name in config.record.settings
    }
