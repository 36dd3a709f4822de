"""What the list of workflows shows of each, by a fixed number of queries."""

from dataclasses import dataclass
from datetime import timedelta
from uuid import UUID

from django.core.paginator import Page, Paginator
from django.db.models import Count, OuterRef, QuerySet, Subquery
from django.utils.timezone import now

from workflows import kinds
from workflows.kinds import Cost
from workflows.models import Run, Step, Workflow, Workspace

COST_DAYS = 30
ROWS_PER_PAGE = 50


@dataclass(frozen=True)
class WorkflowRow:
    workflow: Workflow
    steps: int
    last_run: Run | None
    cost: Cost


def overview(
    workspace: Workspace, search: str, number: str
) -> tuple[list[WorkflowRow], Page[Workflow]]:
    """A page of the workflows with this in their name, newest first. A number that means no page is
    as good as the next one that does."""
    workflows = Workflow.objects.live().filter(workspace=workspace).order_by("-created_at", "-pk")
    if search:
        workflows = workflows.filter(pk__in=_named(workflows, search))
    page = Paginator(workflows, ROWS_PER_PAGE).get_page(number)
    return _rows(workspace, list(page)), page


def _named(workflows: QuerySet[Workflow], search: str) -> list[UUID]:
    """Not in the database: SQLite compares only English letters without their case."""
    names = workflows.values_list("pk", "name")
    return [key for key, name in names if search.casefold() in name.casefold()]


def _rows(workspace: Workspace, workflows: list[Workflow]) -> list[WorkflowRow]:
    steps, last_runs, costs = _step_counts(workflows), _last_runs(workflows), _costs(workspace)
    return [
        WorkflowRow(
            workflow,
            steps=steps.get(workflow.pk, 0),
            last_run=last_runs.get(workflow.pk),
            cost=costs.get(workflow.pk, Cost()),
        )
        for workflow in workflows
    ]


def _step_counts(workflows: list[Workflow]) -> dict[UUID, int]:
    steps = Step.objects.filter(workflow__in=workflows).order_by()
    return dict(steps.values_list("workflow").annotate(Count("pk")))


def _last_runs(workflows: list[Workflow]) -> dict[UUID, Run]:
    """Runs and tests of single steps alike. Without what they froze, which may be long."""
    latest = Run.objects.filter(workflow=OuterRef("pk")).order_by("-number").values("pk")[:1]
    shown = Workflow.objects.filter(pk__in=[each.pk for each in workflows])
    keys = shown.annotate(latest=Subquery(latest)).values("latest")
    runs = Run.objects.filter(pk__in=keys).only("workflow_id", "number", "status", "created_at")
    return {run.workflow_id: run for run in runs}


def _costs(workspace: Workspace) -> dict[UUID, Cost]:
    since = now() - timedelta(days=COST_DAYS)
    costs: dict[UUID, Cost] = {}
    for name in kinds.names():
        for key, cost in kinds.get(name).costs(workspace, since).items():
            costs[key] = costs.get(key, Cost()) + cost
    return costs
