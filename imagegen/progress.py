"""How far a step run is, for the header of its step."""

from datetime import datetime

from django.db.models import Q, Sum

from imagegen.attempts.models import Attempt, Part
from imagegen.waits import Wait, wait_of
from workflows.kinds import Activity
from workflows.models import Run, StepRun

SENT = (Part.State.SENDING, Part.State.RECEIVED)


def activity(step_run: StepRun) -> Activity:
    parts = list(step_run.parts.all())
    wanted = sum(part.slots for part in parts)
    wait = wait_of(parts)
    words = activity_of(step_run, parts, step_run.assets.live().count(), wanted, wait)
    return Activity(words, until=wait.until if wait else None, **cancellable(step_run.run))


def cancellable(run: Run) -> dict[str, int]:
    """What a cancel of the run would still find: images on their way, and those not asked for."""
    parts = Part.objects.filter(step_run__run=run)
    counted = parts.aggregate(
        under_way=Sum("slots", filter=Q(state__in=SENT), default=0),
        not_sent=Sum("slots", filter=Q(state=Part.State.DUE), default=0),
    )
    return dict(counted)


def activity_of(
    step_run: StepRun, parts: list[Part], stored: int, wanted: int, wait: Wait | None
) -> str:
    """One of queued, waiting, generating, saving: what is going on right now; empty when nothing
    is."""
    states = {part.state for part in parts}
    if step_run.is_finished:
        return ""
    if wait:
        return wait.words
    if Part.State.RECEIVED in states:
        return f"Saving {min(stored + 1, wanted)} of {wanted}"
    if stored:
        return f"Generating, {stored} of {wanted} stored"
    return "Generating" if Part.State.SENDING in states else "Queued"


def sent_at(step_run: StepRun) -> datetime | None:
    attempts = Attempt.objects.filter(part__step_run=step_run).order_by("started_at")
    return attempts.values_list("started_at", flat=True).first()


def shortfall(step_run: StepRun) -> str:
    output = step_run.output or {"assets": [], "settings": {}}
    came, asked = len(output["assets"]), output["settings"].get("image_count", 0)
    return f"{came} of {asked}" if came < asked else ""
