"""Starting a run: validate, freeze and queue, in the caller's transaction."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from django.conf import settings
from django.db import IntegrityError, transaction

from workflows import inputs
from workflows.kinds import Problem
from workflows.models import Input, Run, Step, StepRun, User, Workflow
from workflows.problems import problems_of, used_roots
from workflows.runs.snapshot import snapshot
from workflows.runs.wake import wake_run

USED_ELSEWHERE = "This form has started another run already. Reload the page and press Run again."


class CannotRun(Exception):
    """Refused before any row was written. Carries a sentence per thing to mend."""

    def __init__(self, problems: list[Problem], missing: Sequence[Input] = ()) -> None:
        """`missing`: the inputs without a value, when nothing else stands in the way."""
        super().__init__("; ".join(problem.sentence for problem in problems))
        self.problems = problems
        self.missing = missing


@dataclass(frozen=True)
class RunPlan:
    """What a run will execute, checked."""

    workflow: Workflow
    steps: list[Step]
    values: dict[str, Any]
    """Of the inputs, by name."""
    sources: dict[str, StepRun] = field(default_factory=dict)
    """The earlier runs whose outputs are used, by the identifier of their step."""
    tested: Step | None = None
    """None when the whole workflow runs."""


def earlier_run(step: Step, form_key: str) -> Run | None:
    """The run that this form key has started already: one click is one run."""
    runs = Run.objects.filter(workspace_id=step.workspace_id, form_key=form_key)
    return runs.filter(step_runs__step=step).first()


def run_step(step: Step, user: User, form_key: str) -> Run:
    """Test one step with the last output of the steps it refers to. Raises CannotRun."""
    _refuse_too_many_at_once(step.workflow, step)
    sources = _sources(step)
    values = _refuse_what_can_be_mended([step], step.workflow, sources)
    return _queue(RunPlan(step.workflow, [step], values, sources, step), user, form_key)


def run_workflow(workflow: Workflow, user: User, form_key: str) -> Run:
    """Run every step in order. Raises CannotRun."""
    steps = list(workflow.steps.all())
    if not steps:
        raise CannotRun([Problem("", "This workflow has no step yet. Add one, then run it.")])
    _refuse_too_many_at_once(workflow, None)
    values = _refuse_what_can_be_mended(steps, workflow, None)
    return _queue(RunPlan(workflow, steps, values), user, form_key)


def _sources(step: Step) -> dict[str, StepRun]:
    """The last successful run of each earlier step that this one refers to."""
    roots = used_roots([step])
    succeeded = StepRun.objects.filter(
        step__in=step.earlier().filter(identifier__in=roots), status=StepRun.Status.SUCCEEDED
    )
    latest: dict[str, StepRun] = {}
    for step_run in succeeded.order_by("run__number"):
        latest[step_run.identifier] = step_run
    return latest


def _refuse_what_can_be_mended(
    steps: list[Step], workflow: Workflow, sources: dict[str, StepRun] | None
) -> dict[str, Any]:
    """The input values of the run, or CannotRun with everything that stands in its way."""
    everything = list(workflow.steps.all())
    declared = list(workflow.inputs.all())
    names = {input.name for input in declared}
    roots = used_roots(steps)
    found = [
        problem if sources is not None else _named(problem, step)
        for step in steps
        for problem in problems_of(step, everything, names)
    ]
    if sources is not None and not found:
        found += _without_output(steps[0], roots, sources)
    used = [input for input in declared if sources is None or input.name in roots]
    values, without = inputs.values_for_a_test(used)
    found += [Problem("inputs", sentence) for sentence in without]
    if found:
        missing = [input for input in used if inputs.misses(input)]
        raise CannotRun(found, missing if len(missing) == len(found) else ())
    return values


def _named(problem: Problem, step: Step) -> Problem:
    """In a run of many steps: which one it is."""
    return Problem("", f"{step.name} ({step.identifier}): {problem.sentence}")


def _without_output(step: Step, roots: set[str], sources: dict[str, StepRun]) -> list[Problem]:
    waiting = step.earlier().filter(identifier__in=roots - set(sources))
    return [
        Problem(
            "sources",
            f"Run {other.identifier} first: this step uses its output, and it has none yet."
            " Or press Run workflow.",
        )
        for other in waiting
    ]


def _refuse_too_many_at_once(workflow: Workflow, tested: Step | None) -> None:
    going = Run.objects.unfinished().filter(workflow=workflow, step=tested).count()
    if going >= settings.RUNS_AT_ONCE:
        what = "this step" if tested else "this workflow"
        sentence = f"{going} runs of {what} are going already. Wait until one ends, or cancel one."
        raise CannotRun([Problem("runs", sentence)])


def _queue(plan: RunPlan, user: User, form_key: str) -> Run:
    """Write the run and its step runs. Two posts with one form key leave one run."""
    try:
        with transaction.atomic():
            run = Run.objects.create(
                workspace_id=plan.workflow.workspace_id,
                workflow=plan.workflow,
                number=plan.workflow.next_run_number(),
                step=plan.tested,
                snapshot=snapshot(plan.workflow, plan.steps, plan.values, plan.sources),
                form_key=form_key,
                started_by=user,
            )
            StepRun.objects.bulk_create(_frozen(run, each) for each in plan.steps)
    except IntegrityError:
        if existing := earlier_run(plan.steps[0], form_key):
            return existing
        raise CannotRun([Problem("", USED_ELSEWHERE)]) from None
    wake_run(run.pk)
    return run


def _frozen(run: Run, step: Step) -> StepRun:
    return StepRun(
        workspace_id=run.workspace_id,
        run=run,
        step=step,
        identifier=step.identifier,
        position=step.position,
        name=step.name,
        kind=step.kind,
        failure_policy=step.failure_policy,
        settings=step.settings,
    )
