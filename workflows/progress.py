"""How far a run has come: for the page of the run, and for the editor while one of the whole
workflow is on."""

from dataclasses import dataclass
from datetime import timedelta
from functools import cached_property
from uuid import UUID

from django.utils.timezone import now

from workflows import outcomes
from workflows.kinds import Activity, Cost
from workflows.models import Run, StepRun, Workflow

TELLS_THE_END = timedelta(minutes=10)


@dataclass(frozen=True)
class Progress:
    run: Run
    step_runs: list[StepRun]

    @property
    def done(self) -> int:
        return sum(1 for each in self.step_runs if each.is_finished)

    @cached_property
    def current(self) -> StepRun | None:
        """The step that is under way or comes next."""
        return next((each for each in self.step_runs if not each.is_finished), None)

    @property
    def place(self) -> int:
        """Of the current step, counted from 1."""
        return self.step_runs.index(self.current) + 1 if self.current else len(self.step_runs)

    @cached_property
    def activity(self) -> Activity:
        step_run = self.current
        if step_run is None or step_run.status == StepRun.Status.QUEUED:
            return Activity("" if step_run is None else "Queued")
        return step_run.step_kind.activity(step_run)

    @property
    def stopped_at(self) -> StepRun | None:
        """The step whose failure ended the run."""
        failed = (each for each in self.step_runs if each.error and not each.continues)
        return next(failed, None)

    @cached_property
    def costs(self) -> dict[UUID, Cost]:
        return outcomes.costs(self.step_runs)

    @property
    def cost(self) -> Cost | None:
        """Of all steps; None when nothing was charged."""
        return sum(self.costs.values(), Cost()) if self.costs else None

    @property
    def sentence(self) -> str:
        """To be said aloud."""
        words = f"Run {self.run.number}"
        if self.run.is_finished or self.current is None:
            return f"{words}: {self.run.get_status_display()}"
        place = f"step {self.place} of {len(self.step_runs)}"
        return f"{words}, {place}: {self.current.name}, {self.activity.words}"


def progress_of(run: Run) -> Progress:
    step_runs = list(run.step_runs.all())
    for step_run in step_runs:
        step_run.run = run
    return Progress(run, step_runs)


def shown_progress(workflow: Workflow) -> Progress | None:
    """Of the run of the whole workflow that is on; of one that has just ended, while no other has
    been started since."""
    runs = workflow.runs.filter(step=None).defer("snapshot")
    run = runs.unfinished().order_by("-number").first() or _just_ended(workflow)
    return progress_of(run) if run else None


def _just_ended(workflow: Workflow) -> Run | None:
    runs = workflow.runs.filter(step=None, number=workflow.last_run_number).defer("snapshot")
    return runs.filter(finished_at__gt=now() - TELLS_THE_END).first()
