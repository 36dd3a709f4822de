"""What was charged, added up."""

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from django.db.models import QuerySet, Sum

from imagegen.billing.models import Charge
from workflows.kinds import Cost
from workflows.models import StepRun, Workspace

WORKFLOW = "part__step_run__run__workflow_id"
STEP_RUN = "part__step_run_id"


def costs_by_workflow(workspace: Workspace, kind: str, since: datetime) -> dict[UUID, Cost]:
    """Of all workflows that were charged since then, for steps of one kind. Hosted amounts only:
    a personal key costs the wallet nothing."""
    charges = Charge.objects.filter(
        workspace=workspace,
        charge_type="hosted",
        created_at__gte=since,
        part__step_run__kind=kind,
    )
    return _summed(charges, WORKFLOW)


def costs_by_step_run(step_runs: Sequence[StepRun]) -> dict[UUID, Cost]:
    return _summed(Charge.objects.filter(part__step_run__in=step_runs), STEP_RUN)


def _summed(charges: QuerySet[Charge], by: str) -> dict[UUID, Cost]:
    """In one query. Play money of the sandbox stays apart."""
    costs: dict[UUID, Cost] = {}
    for row in charges.values(by, "simulated").annotate(micro=Sum("amount_micro")):
        cost = Cost(simulated=row["micro"]) if row["simulated"] else Cost(charged=row["micro"])
        costs[row[by]] = costs.get(row[by], Cost()) + cost
    return costs
