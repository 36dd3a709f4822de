"""Which run of a step gives its output to later steps, when these are tested alone."""

from uuid import UUID

from django.db.models import OuterRef, QuerySet, Subquery
from django.db.models.functions import Coalesce

from workflows.models import Step, StepRun


def runs_used_by_later_steps(steps: QuerySet[Step]) -> dict[UUID | None, StepRun]:
    """By the key of the step: the run that a person chose for it, else the newest that succeeded.
    One that only completes such a run brings too little to stand for it. Two questions, however
    many steps and runs there are."""
    succeeded = StepRun.objects.filter(step=OuterRef("pk"), status=StepRun.Status.SUCCEEDED)
    whole = succeeded.exclude(completes__status=StepRun.Status.SUCCEEDED)
    newest = Subquery(whole.order_by("-run_number").values("pk")[:1])
    ids = steps.annotate(used=Coalesce("used_run", newest)).values_list("used", flat=True)
    found = StepRun.objects.filter(pk__in=list(ids))
    return {step_run.step_id: step_run for step_run in found}
