from django.db.models import F
from django.utils.timezone import now

from imagegen.attempts.close import give_back
from imagegen.attempts.models import Part
from workflows.models import StepRun


def cancel_what_has_not_left(step_run: StepRun) -> bool:
    """Close the parts that are still due, in the caller's transaction; True when none is open."""
    for part in step_run.parts.filter(state=Part.State.DUE):
        if _take_back(part):
            give_back(part)
    return not step_run.parts.open().exists()


def _take_back(part: Part) -> bool:
    """From a worker that has just claimed it too: sending begins by moving a part that is due."""
    due = Part.objects.filter(pk=part.pk, state=Part.State.DUE)
    taken = due.update(
        state=Part.State.CANCELLED,
        finished_at=now(),
        lease_owner="",
        lease_until=None,
        lease_epoch=F("lease_epoch") + 1,
    )
    return taken == 1
