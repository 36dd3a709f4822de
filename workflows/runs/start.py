"""Starting a run: validate, freeze and queue, in the caller's transaction."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import partial
from typing import Any
from uuid import UUID

from django.conf import settings
from django.db import IntegrityError, transaction
from structlog.stdlib import get_logger

from workflows import inputs
from workflows.kinds import Problem
from workflows.models import ApiKey, Input, Run, Step, StepRun, User, Workflow
from workflows.problems import problems_of, used_roots
from workflows.runs.snapshot import narrowed, snapshot
from workflows.runs.sources import runs_used_by_later_steps
from workflows.runs.wake import wake_run

logger = get_logger(__name__)

USED_ELSEWHERE = "This form has started another run already. Reload the page and press Run again."


# What a step run keeps of its step.
FROZEN = ("identifier", "position", "name", "kind", "failure_policy", "settings")


class CannotRun(Exception):
    """Refused before any row was written. Carries a sentence per thing to mend."""

    def __init__(self, problems: list[Problem], missing: Sequence[Input] = ()) -> None:
        """`missing`: the inputs without a value, when nothing else stands in the way."""
        super().__init__("; ".join(problem.sentence for problem in problems))
        self.problems = problems
        self.missing = missing


class TooManyAtOnce(CannotRun):
    """Nothing is to be mended: it is a matter of waiting."""


class KeyUsedElsewhere(CannotRun):
    """The form key has started a run of something else."""


@dataclass(frozen=True)
class Call:
    """Somebody's program that asks for a run."""

    api_key: ApiKey
    inputs: Mapping[str, Any]
    """As it gave them, by name."""
    digest: str
    """Of all that it asked for."""


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


def earlier_run(workspace_id: UUID, step_id: UUID | None, form_key: str) -> Run | None:
    """The run of the step that this form key has started already: one click is one run."""
    runs = Run.objects.filter(workspace_id=workspace_id, form_key=form_key)
    return runs.filter(step_runs__step=step_id).first()


def run_step(step: Step, user: User, form_key: str) -> Run:
    """Test one step with the last output of the steps it refers to. Raises CannotRun."""
    _refuse_too_many_at_once(step.workflow, step)
    sources = _sources(step)
    values = _refuse_what_can_be_mended([step], step.workflow, sources)
    return _plan_run(RunPlan(step.workflow, [step], values, sources, step), user, form_key)


def run_workflow(workflow: Workflow, by: User | Call, form_key: str) -> Run:
    """Run every step in order: with the test values of the inputs, or with what a program gave.
    Raises CannotRun."""
    steps = list(workflow.steps.all())
    if not steps:
        raise CannotRun([Problem("", "This workflow has no step yet. Add one, then run it.")])
    _refuse_too_many_at_once(workflow, None)
    given = by.inputs if isinstance(by, Call) else None
    values = _refuse_what_can_be_mended(steps, workflow, None, given)
    return _plan_run(RunPlan(workflow, steps, values), by, form_key)


def _sources(step: Step) -> dict[str, StepRun]:
    """A finished run of each earlier step that this one refers to, by its identifier."""
    used = runs_used_by_later_steps(step.earlier().filter(identifier__in=used_roots([step])))
    return {step_run.identifier: step_run for step_run in used.values()}


def _refuse_what_can_be_mended(
    steps: list[Step],
    workflow: Workflow,
    sources: dict[str, StepRun] | None,
    given: Mapping[str, Any] | None = None,
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
    if given is None:
        values, without = inputs.values_for_a_test(used)
        found += [Problem("inputs", sentence) for sentence in without]
    else:
        values, wrong = inputs.values_given(used, given)
        found += [Problem(f"inputs.{name}", sentence) for name, sentence in wrong.items()]
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
        raise TooManyAtOnce([Problem("runs", sentence)])


def once(workflow: Workflow, step_id: UUID | None, form_key: str, start: Callable[[], Run]) -> Run:
    """A new run, or the one that this form key has started already: posts of one click take turns.
    Raises CannotRun."""
    with transaction.atomic():
        workflow.take_turns()
        return earlier_run(workflow.workspace_id, step_id, form_key) or start()


def run_again_once(run: Run, user: User, form_key: str) -> Run:
    step_id = run.step_runs.values_list("step_id", flat=True).first()
    return once(run.workflow, step_id, form_key, partial(run_again, run, user, form_key))


def run_again(run: Run, user: User, form_key: str) -> Run:
    """The snapshot of a run once more: its settings, values and sources, whatever has changed
    since. Raises CannotRun."""
    _refuse_too_many_at_once(run.workflow, run.step)
    copies = [_copied(step_run) for step_run in run.step_runs.all()]
    return _queue(_new_run(run.workflow, run.step, run.snapshot, user, form_key), copies)


def run_missing_once(step_run: StepRun, user: User, form_key: str) -> Run:
    start = partial(run_missing, step_run, user, form_key)
    return once(step_run.run.workflow, step_run.step_id, form_key, start)


def run_missing(step_run: StepRun, user: User, form_key: str) -> Run:
    """A test of the step for what an earlier run of it did not bring, with what that one was given.
    Raises CannotRun."""
    wanted = step_run.step_kind.settings_for_missing(step_run)
    if wanted is None:
        raise CannotRun([Problem("", "Nothing that can be made anew is missing in this run.")])
    run = step_run.run
    _refuse_too_many_at_once(run.workflow, step_run.step)
    copy = _copied(step_run)
    copy.settings = wanted
    copy.completes_id = step_run.completes_id or step_run.pk
    frozen = narrowed(run, step_run, wanted)
    return _queue(_new_run(run.workflow, step_run.step, frozen, user, form_key), [copy])


def _plan_run(plan: RunPlan, by: User | Call, form_key: str) -> Run:
    frozen = snapshot(plan.workflow, plan.steps, plan.values, plan.sources)
    run = _new_run(plan.workflow, plan.tested, frozen, by, form_key)
    return _queue(run, [_frozen(step) for step in plan.steps])


def _new_run(
    workflow: Workflow,
    tested: Step | None,
    frozen: dict[str, Any],
    by: User | Call,
    form_key: str,
) -> Run:
    if isinstance(by, Call):
        origin: dict[str, Any] = {"api_key": by.api_key, "request_digest": by.digest}
    else:
        origin = {"started_by": by}
    return Run(
        workspace_id=workflow.workspace_id,
        workflow=workflow,
        step=tested,
        snapshot=frozen,
        form_key=form_key,
        **origin,
    )


def _queue(run: Run, step_runs: list[StepRun]) -> Run:
    """Write the run and its step runs. Two posts with one form key leave one run."""
    try:
        with transaction.atomic():
            run.number = run.workflow.next_run_number()
            run.save(force_insert=True)
            for step_run in step_runs:
                step_run.run, step_run.run_number = run, run.number
            StepRun.objects.bulk_create(step_runs)
            transaction.on_commit(partial(_tell, run, len(step_runs)))
    except IntegrityError:
        if existing := earlier_run(run.workspace_id, step_runs[0].step_id, run.form_key):
            return existing
        raise KeyUsedElsewhere([Problem("", USED_ELSEWHERE)]) from None
    wake_run(run.pk)
    return run


def _tell(run: Run, steps: int) -> None:
    logger.info("run accepted", run=str(run.pk), workspace=str(run.workspace_id), steps=steps)


def _frozen(step: Step) -> StepRun:
    return StepRun(
        workspace_id=step.workspace_id,
        step=step,
        **{name: getattr(step, name) for name in FROZEN},
    )


def _copied(step_run: StepRun) -> StepRun:
    return StepRun(
        workspace_id=step_run.workspace_id,
        step_id=step_run.step_id,
        completes_id=step_run.completes_id,
        **{name: getattr(step_run, name) for name in FROZEN},
    )
