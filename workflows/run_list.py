"""The runs of a workflow, page by page, by a fixed number of queries."""

from dataclasses import dataclass
from typing import Any

from django.http import QueryDict

from workflows import outcomes
from workflows.kinds import Cost
from workflows.models import Run, StepRun, Workflow
from workflows.pages import Page, page_of

SHOWN_PICTURES = 4
WHAT = {"workflow": "Whole workflow", "step": "One step"}


@dataclass(frozen=True)
class RunRow:
    run: Run
    step_runs: list[StepRun]
    cost: Cost | None
    """None when nothing was charged."""
    pictures: list[dict[str, str]]

    @property
    def tested(self) -> StepRun | None:
        """The one step that was tested, under the name that it had."""
        return None if self.run.is_whole or not self.step_runs else self.step_runs[0]


@dataclass(frozen=True)
class Filters:
    """What of the runs is shown. An address may hold anything: what is unknown filters nothing."""

    what: str
    status: str

    @classmethod
    def of(cls, asked: QueryDict) -> "Filters":
        what, status = asked.get("what", ""), asked.get("status", "")
        return cls(what if what in WHAT else "", status if status in Run.Status.values else "")

    @property
    def conditions(self) -> dict[str, Any]:
        what = {"step__isnull": self.what == "workflow"} if self.what else {}
        return what | ({"status": self.status} if self.status else {})

    @property
    def whats(self) -> dict[str, str]:
        return WHAT

    @property
    def statuses(self) -> list[tuple[str, str]]:
        return Run.Status.choices


def run_list(workflow: Workflow, filters: Filters, before: str, after: str) -> dict[str, Any]:
    runs = workflow.runs.filter(**filters.conditions).defer("snapshot")
    page = page_of(runs.select_related("started_by", "api_key"), "number", before, after)
    return {"page": page, "rows": _rows(page)}


def _rows(page: Page[Run]) -> list[RunRow]:
    step_runs: dict[Any, list[StepRun]] = {run.pk: [] for run in page.rows}
    found = StepRun.objects.filter(run__in=page.rows)
    for step_run in found.only("run_id", "kind", "identifier", "name", "position", "status"):
        step_runs[step_run.run_id].append(step_run)
    costs = outcomes.costs(each for those in step_runs.values() for each in those)
    last = {run: _last_that_succeeded(those) for run, those in step_runs.items()}
    pictures = outcomes.pictures(each for each in last.values() if each)
    rows = []
    for run in page.rows:
        those, shown = step_runs[run.pk], last[run.pk]
        charged = [costs[each.pk] for each in those if each.pk in costs]
        cost = sum(charged, Cost()) if charged else None
        few = pictures.get(shown.pk, [])[:SHOWN_PICTURES] if shown else []
        rows.append(RunRow(run, those, cost, few))
    return rows


def _last_that_succeeded(step_runs: list[StepRun]) -> StepRun | None:
    """Its pictures stand for the run: one step's for each row, however many steps there are."""
    succeeded = [each for each in step_runs if each.status == StepRun.Status.SUCCEEDED]
    return succeeded[-1] if succeeded else None
