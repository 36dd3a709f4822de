"""One run by its own address: how it went, what it ran with, and what came of each step."""

import json
import secrets
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from workflows import outcomes
from workflows.kinds import Cost
from workflows.models import Run, StepRun
from workflows.progress import progress_of
from workflows.states import State, outcome


@dataclass(frozen=True)
class StepRow:
    """The part of a step in the run, as it was frozen."""

    step_run: StepRun
    cost: Cost | None
    """None when nothing was charged."""
    pictures: list[dict[str, str]]
    is_deleted: bool

    @property
    def state(self) -> State:
        return outcome(self.step_run)

    @property
    def texts(self) -> dict[str, str]:
        """Its prompt and the like, filled once it has begun."""
        return self.step_run.step_kind.texts(self.step_run.filled or self.step_run.settings)

    @property
    def output_text(self) -> str:
        output = self.step_run.output_for_later_steps if self.step_run.is_finished else None
        return json.dumps(output, indent=2, ensure_ascii=False) if output else ""


@dataclass(frozen=True)
class InputRow:
    label: str
    name: str
    text: str


def run_page(run: Run) -> dict[str, Any]:
    progress = progress_of(run)
    return {
        "workflow": run.workflow,
        "workspace": run.workflow.workspace,
        "run": run,
        "progress": progress,
        "rows": _step_rows(run, progress.step_runs, progress.costs),
        "inputs": _input_rows(run.snapshot),
        "sources": _sources(run),
        "again_key": secrets.token_urlsafe(16),
        **_neighbours(run),
    }


def _step_rows(run: Run, step_runs: list[StepRun], costs: dict[UUID, Cost]) -> list[StepRow]:
    pictures = outcomes.pictures(step_runs)
    live = set(run.workflow.steps.values_list("pk", flat=True))
    return [
        StepRow(
            step_run,
            cost=costs.get(step_run.pk),
            pictures=pictures.get(step_run.pk, []),
            is_deleted=step_run.step_id not in live,
        )
        for step_run in step_runs
    ]


def _input_rows(snapshot: dict[str, Any]) -> list[InputRow]:
    """The values that the run was started with, under the labels that their inputs had."""
    labels = {input["name"]: input["label"] for input in snapshot["workflow"]["inputs"]}
    values = snapshot["input_values"].items()
    return [InputRow(labels.get(name, name), name, _text(value)) for name, value in values]


def _text(value: Any) -> str:
    if value is None:
        return ""
    return value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)


def _sources(run: Run) -> list[StepRun]:
    """The earlier runs whose output the tested step used."""
    keys = list(run.snapshot["sources"].values())
    found = StepRun.objects.filter(workspace_id=run.workspace_id, pk__in=keys)
    return list(found.select_related("run").order_by("position")) if keys else []


def _neighbours(run: Run) -> dict[str, int | None]:
    numbers = Run.objects.filter(workflow=run.workflow).values_list("number", flat=True)
    return {
        "previous": numbers.filter(number__lt=run.number).order_by("-number").first(),
        "next": numbers.filter(number__gt=run.number).order_by("number").first(),
    }
