"""What the list of workflows shows of each, by a fixed number of queries."""

from dataclasses import dataclass
from datetime import timedelta
from uuid import UUID

from django.db.models import Count, OuterRef, Subquery
from django.utils.timezone import now

from workflows import kinds
from workflows.kinds import Cost
from workflows.models import Run, Step, Workflow, Workspace
from workflows.money import dollars

COST_DAYS = 30


@dataclass(frozen=True)
class WorkflowRow:
    workflow: Workflow
    steps: int
    last_run: Run | None
    cost: Cost

    @property
    def charged(self) -> str:
        return dollars(self.cost.charged)

    @property
    def simulated(self) -> str:
        """Empty when there is none: it is shown beside what was charged, never in it."""
        return dollars(self.cost.simulated) if self.cost.simulated else ""


def overview(workspace: Workspace, search: str) -> list[WorkflowRow]:
    """The workflows with this in their name, newest first."""
    workflows = Workflow.objects.live().filter(workspace=workspace).order_by("-created_at", "-pk")
    steps, last_runs, costs = _step_counts(workspace), _last_runs(workspace), _costs(workspace)
    return [
        WorkflowRow(
            workflow,
            steps=steps.get(workflow.pk, 0),
            last_run=last_runs.get(workflow.pk),
            cost=costs.get(workflow.pk, Cost()),
        )
        for workflow in workflows
        # Not in the database: SQLite compares only English letters without their case.
        if search.casefold() in workflow.name.casefold()
    ]


def _step_counts(workspace: Workspace) -> dict[UUID, int]:
    steps = Step.objects.filter(workspace=workspace).order_by()
    return dict(steps.values_list("workflow").annotate(Count("pk")))


def _last_runs(workspace: Workspace) -> dict[UUID, Run]:
    """Runs and tests of single steps alike. Without what they froze, which may be long."""
    latest = Run.objects.filter(workflow=OuterRef("pk")).order_by("-number").values("pk")[:1]
    workflows = Workflow.objects.live().filter(workspace=workspace)
    keys = workflows.annotate(latest=Subquery(latest)).values("latest")
    runs = Run.objects.filter(pk__in=keys).only("workflow_id", "number", "status", "created_at")
    return {run.workflow_id: run for run in runs}


def _costs(workspace: Workspace) -> dict[UUID, Cost]:
    since = now() - timedelta(days=COST_DAYS)
    costs: dict[UUID, Cost] = {}
    for name in kinds.names():
        for key, cost in kinds.get(name).costs(workspace, since).items():
            costs[key] = costs.get(key, Cost()) + cost
    return costs
