"""Cancel: free and at once before a request has begun; afterwards its answer is kept and paid."""

from uuid import UUID

from django.db import transaction

from workflows.models import Run, StepRun
from workflows.runs.advance import advance


def cancel(run_id: UUID) -> None:
    """Idempotent. No later step starts; what has been sent to a provider is never cut off."""
    with transaction.atomic():
        run = Run.objects.select_for_update().get(pk=run_id)
        run.request_cancel()
        for step_run in run.step_runs.filter(status=StepRun.Status.RUNNING):
            if step_run.step_kind.cancel(step_run):
                step_run.end_as(StepRun.Status.CANCELLED)
    advance(run_id)
