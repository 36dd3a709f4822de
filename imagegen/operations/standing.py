"""How things stand now, in all workspaces: a few questions, each answered by an index."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import cached_property
from typing import Any

from django.db.models import Count, Min, Q, Sum
from django.db.models.functions import Now
from django.utils.timezone import now

from imagegen.attempts.models import Part
from imagegen.attempts.sweeps import Sweep
from imagegen.operations.overhead import Overhead, overhead_between
from workflows.models import StepRun

OLDEST = 200
HOUR, DAY = timedelta(hours=1), timedelta(days=1)


@dataclass(frozen=True)
class OpenParts:
    """Those of one state, provider and purse."""

    state: str
    provider: str
    simulated: bool
    number: int
    holds: int
    held_micro: int
    oldest_hold: datetime | None
    silent_since: datetime | None
    """When the lease of the first ended whose worker says nothing any more."""


class Standing:
    def __init__(self) -> None:
        self.at = now()

    @cached_property
    def open(self) -> Sequence[OpenParts]:
        held = Q(hold_micro__gt=0)
        rows = (
            Part.objects.open()
            .order_by()
            .values("state", "provider", "simulated")
            .annotate(
                number=Count("pk"),
                holds=Count("pk", filter=held),
                held_micro=Sum("hold_micro"),
                oldest_hold=Min("created_at", filter=held),
                silent_since=Min("lease_until", filter=Q(lease_until__lt=Now())),
            )
        )
        return [OpenParts(**row) for row in rows]

    def of_state(self, state: str) -> list[OpenParts]:
        return [each for each in self.open if each.state == state]

    @cached_property
    def due_since(self) -> datetime | None:
        """Of what nobody has taken, although nothing of its own step run is in its way. That takes
        a look at the step run of each, so it is asked of the oldest only."""
        oldest = Part.objects.due().unleased().order_by("created_at").values("pk")[:OLDEST]
        return _least(Part.objects.filter(pk__in=oldest).in_turn(), "created_at")

    @cached_property
    def received_since(self) -> datetime | None:
        unsaved = Part.objects.filter(state=Part.State.RECEIVED)
        return _least(unsaved, "attempts__received_at")

    @cached_property
    def unknown(self) -> dict[bool, int]:
        """How many, by whether they were simulated."""
        ended = Part.objects.filter(state=Part.State.UNKNOWN, finished_at__gte=self.at - DAY)
        by_kind = ended.order_by().values_list("simulated").annotate(number=Count("pk"))
        return dict(by_kind)

    @cached_property
    def workers(self) -> dict[str, int]:
        """How much each holds, by the name that its leases have."""
        held = Part.objects.open().leased().exclude(lease_owner="").order_by("lease_owner")
        return dict(held.values_list("lease_owner").annotate(number=Count("pk")))

    @cached_property
    def sweeps(self) -> Sequence[Sweep]:
        return list(Sweep.objects.order_by("-last_round_at"))

    @cached_property
    def failures(self) -> dict[str, int]:
        """Of step runs, by error code, the most frequent first."""
        failed = StepRun.objects.filter(
            status=StepRun.Status.FAILED, finished_at__gte=self.at - HOUR
        )
        by_code = failed.order_by().values_list("error__error_code").annotate(number=Count("pk"))
        return dict(by_code.order_by("-number", "error__error_code"))

    @cached_property
    def overhead(self) -> Overhead:
        return overhead_between(self.at - HOUR, self.at)


def _least(parts: Any, field: str) -> datetime | None:
    least: datetime | None = parts.order_by().aggregate(least=Min(field))["least"]
    return least
