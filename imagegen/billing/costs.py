"""What was charged, added up."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from django.db.models import F, QuerySet, Sum

from imagegen.billing.models import Charge
from imagegen.billing.statement import StatementLine
from workflows.kinds import Cost, StepCharge
from workflows.models import StepRun, Workspace

WORKFLOW = "workflow_id"
STEP_RUN = "step_run_id"


def costs_by_workflow(workspace: Workspace, kind: str, since: datetime) -> dict[UUID, Cost]:
    """Of all workflows that were charged since then, for steps of one kind; what was given back is
    taken off. Hosted amounts only: a personal key costs the wallet nothing."""
    lines = StatementLine.objects.filter(
        workspace=workspace, charge_type="hosted", at__gte=since, step_run__kind=kind
    )
    return _summed(_charged(lines), WORKFLOW)


def costs_by_step_run(step_runs: Sequence[StepRun]) -> dict[UUID, Cost]:
    lines = StatementLine.objects.filter(step_run__in=step_runs)
    return _summed(_charged(lines), STEP_RUN)


def charges_by_step_run(step_runs: Sequence[StepRun]) -> dict[UUID, StepCharge]:
    """Of those that have a charge. The parts of a step run are paid for in one way."""
    lines = StatementLine.objects.filter(step_run__in=step_runs).exclude(corrected_micro=0)
    given = lines.order_by().values_list(STEP_RUN).annotate(Sum("corrected_micro"))
    corrected: dict[UUID, int] = dict(given)
    rows = Charge.objects.filter(part__step_run__in=step_runs).order_by()
    sums = rows.values("part__step_run", "charge_type", "simulated").annotate(
        amount=Sum("amount_micro"), listed=Sum("list_micro")
    )
    return {row["part__step_run"]: _charge(row, corrected) for row in sums}


def _charge(row: Mapping[str, Any], corrected: dict[UUID, int]) -> StepCharge:
    is_hosted, correction = row["charge_type"] == "hosted", corrected.get(row["part__step_run"], 0)
    return StepCharge(
        charge_type=row["charge_type"],
        simulated=row["simulated"],
        amount=row["amount"] + correction,
        corrected=correction,
        list_price=None if is_hosted else row["listed"],
    )


def _charged(lines: QuerySet[StatementLine]) -> QuerySet[StatementLine]:
    """Those of parts that have a charge, be it of nothing: the others cost nothing to speak of."""
    return lines.filter(part__charge__isnull=False)


def _summed(lines: QuerySet[StatementLine], by: str) -> dict[UUID, Cost]:
    """In one query. Play money of the sandbox stays apart."""
    costs: dict[UUID, Cost] = {}
    paid = Sum(F("charged_micro") + F("corrected_micro"))
    for row in lines.values(by, "simulated").annotate(micro=paid):
        cost = Cost(simulated=row["micro"]) if row["simulated"] else Cost(charged=row["micro"])
        costs[row[by]] = costs.get(row[by], Cost()) + cost
    return costs
