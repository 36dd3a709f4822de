"""What was charged, added up."""

from datetime import datetime
from uuid import UUID

from django.db.models import Sum

from imagegen.billing.models import Charge
from workflows.kinds import Cost
from workflows.models import Workspace

WORKFLOW = "part__step_run__run__workflow_id"


def costs_by_workflow(workspace: Workspace, kind: str, since: datetime) -> dict[UUID, Cost]:
    """Of all workflows that were charged since then, for steps of one kind. Hosted amounts only:
    a personal key costs the wallet nothing."""
    charges = Charge.objects.filter(
        workspace=workspace,
        charge_type="hosted",
        created_at__gte=since,
        part__step_run__kind=kind,
    )
    costs: dict[UUID, Cost] = {}
    for row in charges.values(WORKFLOW, "simulated").annotate(micro=Sum("amount_micro")):
        micro = row["micro"]
        cost = Cost(simulated=micro) if row["simulated"] else Cost(charged=micro)
        costs[row[WORKFLOW]] = costs.get(row[WORKFLOW], Cost()) + cost
    return costs
