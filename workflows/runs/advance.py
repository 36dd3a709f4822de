"""Moving a run on: reads the rows, does the next thing. May be called by anybody, any time."""

import logging
from typing import Any
from uuid import UUID

from django.db import transaction
from structlog.contextvars import bound_contextvars

from workflows import references
from workflows.kinds import Finished, StepFailed
from workflows.models import Run, StepRun

logger = logging.getLogger(__name__)


def advance(run_id: UUID) -> None:
    """Go on until the run waits for something or has ended."""
    with bound_contextvars(run=str(run_id)):
        while _do_next_thing(run_id):
            pass


@transaction.atomic
def _do_next_thing(run_id: UUID) -> bool:
    """True when there may be more to do. The lock on the run makes callers take turns."""
    run = Run.objects.select_for_update().defer("snapshot").get(pk=run_id)
    step_runs = list(run.step_runs.all())
    if run.is_finished or any(each.status == StepRun.Status.RUNNING for each in step_runs):
        return False
    if status := _verdict(run, step_runs):
        _end(run, step_runs, status)
        return False
    run.begin()
    upcoming = next(each for each in step_runs if each.status == StepRun.Status.QUEUED)
    return _start(upcoming, step_runs)


def _verdict(run: Run, step_runs: list[StepRun]) -> str:
    """The status the run ends with now; empty while a step is still to be started."""
    failed = [each for each in step_runs if each.status == StepRun.Status.FAILED]
    if run.cancel_requested_at:
        return Run.Status.CANCELLED
    if any(not each.continues for each in failed):
        return Run.Status.FAILED
    if any(each.status == StepRun.Status.QUEUED for each in step_runs):
        return ""
    if failed:
        return Run.Status.COMPLETED_WITH_ERRORS
    return Run.Status.SUCCEEDED


def _end(run: Run, step_runs: list[StepRun], status: str) -> None:
    cancelled = status == Run.Status.CANCELLED
    for each in step_runs:
        if not each.is_finished:
            each.end_as(StepRun.Status.CANCELLED if cancelled else StepRun.Status.SKIPPED)
    run.finish(status)


def _start(step_run: StepRun, step_runs: list[StepRun]) -> bool:
    """Begin one step; True when it has ended at once."""
    step_run.begin()
    try:
        with transaction.atomic():
            _fill(step_run, step_runs)
        with transaction.atomic():
            outcome = step_run.step_kind.start(step_run)
    except StepFailed as failure:
        return step_run.fail(failure)
    except Exception:
        logger.exception("step run %s could not start", step_run.pk)
        return step_run.fail(OURS)
    if isinstance(outcome, Finished):
        return step_run.succeed(outcome.output, [])
    return False


OURS = StepFailed(
    "internal_error",
    "Something went wrong on our side before the step began. Nothing was sent and nothing was"
    " charged. It was logged; press Run to try again.",
    retryable=True,
)


def _fill(step_run: StepRun, step_runs: list[StepRun]) -> None:
    """Replace the references of the frozen settings, and keep what came of it."""
    values, failed = _values(step_run, step_runs)
    kind = step_run.step_kind
    texts: dict[str, str] = {}
    warnings: list[str] = []
    for field, text in kind.texts(step_run.settings).items():
        try:
            texts[field], said = references.fill(text, values, failed)
        except references.MissingValue as missing:
            raise StepFailed("variable_not_found", _not_found(missing)) from missing
        warnings += said
    step_run.filled = kind.with_texts(step_run.settings, texts)
    step_run.warnings = warnings
    step_run.save(update_fields=["filled", "warnings"])


def _not_found(missing: references.MissingValue) -> str:
    return (
        f"{missing.reference.text} {missing.reason}. Open Insert Variable to choose a path that"
        " exists. Nothing was sent and nothing was charged."
    )


def _values(step_run: StepRun, step_runs: list[StepRun]) -> tuple[dict[str, Any], set[str]]:
    """What references may walk through, and which of the steps failed under Continue."""
    values: dict[str, Any] = dict(step_run.run.snapshot["input_values"])
    before = [each for each in step_runs if each.position < step_run.position]
    sources = step_run.run.snapshot["sources"].values()
    before += StepRun.objects.filter(workspace_id=step_run.workspace_id, pk__in=list(sources))
    for each in before:
        values[each.identifier] = {"output": each.output_for_later_steps}
    return values, {each.identifier for each in before if each.status == StepRun.Status.FAILED}
