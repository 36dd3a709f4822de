"""How much time we add to that of the providers."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from statistics import quantiles
from typing import Any
from zoneinfo import ZoneInfo

from django.db.models import F

from imagegen.attempts.models import Attempt

MOST = 1000  # of the newest: their percentiles are those of all, near enough
UTC = ZoneInfo("UTC")
TIMES = (
    "part__step_run__run__created_at",
    "part__step_run__started_at",
    "part__step_run__run__step_id",
    "started_at",
    "received_at",
    "finished_at",
)


@dataclass(frozen=True)
class Overhead:
    """In milliseconds; None of nothing."""

    number: int
    p50: int | None = None
    p95: int | None = None


@dataclass(frozen=True)
class Day:
    day: date
    overhead: Overhead


def overhead_between(since: datetime, until: datetime) -> Overhead:
    """Of the requests that brought images. Those that had to wait for others of their own step are
    left out: their waiting is the provider's time, too."""
    settled = Attempt.objects.filter(
        state=Attempt.State.SETTLED,
        finished_at__gte=since,
        finished_at__lt=until,
        received_at__isnull=False,
        part__number__lte=F("part__at_once"),
    )
    return _of(settled.order_by("-finished_at").values_list(*TIMES)[:MOST])


def last_week(until: datetime) -> list[Day]:
    """Each day, UTC, the newest first."""
    midnight = datetime.combine(until.astimezone(UTC), time(), UTC)
    begins = [midnight - timedelta(days=ago) for ago in range(7)]
    return [
        Day(begin.date(), overhead_between(begin, begin + timedelta(days=1))) for begin in begins
    ]


def _of(rows: Iterable[tuple[Any, ...]]) -> Overhead:
    ours = [_milliseconds(*row) for row in rows]
    if not ours:
        return Overhead(0)
    twentieths = quantiles(ours, n=20, method="inclusive") if len(ours) > 1 else ours * 19
    return Overhead(len(ours), round(twentieths[9]), round(twentieths[18]))


def _milliseconds(
    clicked: datetime,
    began: datetime,
    tested: object,
    sent: datetime,
    came: datetime,
    end: datetime,
) -> float:
    """From the click, or in a run of the whole workflow from the beginning of the step, to the end
    of the last transaction; less the time from the first byte sent to the last received."""
    accepted = clicked if tested else began
    return 1000 * ((end - accepted) - (came - sent)).total_seconds()
