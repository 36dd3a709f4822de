"""One paid request with everything that is known of its money."""

from dataclasses import dataclass
from functools import cached_property
from uuid import UUID

from django.db.models import F, QuerySet, Sum
from django.shortcuts import get_object_or_404

from imagegen.assets.models import Asset
from imagegen.attempts.models import Attempt, Part
from imagegen.billing.corrections import standing
from imagegen.billing.ledger import LedgerTransaction
from imagegen.billing.models import Charge
from imagegen.billing.pages.lines import Row, with_names
from imagegen.billing.prices import Line, in_micro
from imagegen.billing.reviews import Review, loss_of
from imagegen.billing.statement import StatementLine
from workflows.access import billing_workspace_for
from workflows.models import User


@dataclass(frozen=True)
class RunRequest:
    """One of the paid requests of a run."""

    part_id: UUID
    step_identifier: str
    number: int
    outcome: str
    net_micro: int
    """With its corrections."""


@dataclass(frozen=True)
class PaidRequest:
    part: Part
    attempts: list[Attempt]
    assets: list[Asset]
    """Those in the trash, too."""
    charge: Charge | None
    review: Review | None
    rows: list[Row]
    transactions: QuerySet[LedgerTransaction]
    of_run: list[RunRequest]
    """All that the run has closed, itself among them."""

    @property
    def run_micro(self) -> int:
        return sum(each.net_micro for each in self.of_run)

    @property
    def lines(self) -> list[Line]:
        return [Line(**line) for line in self.charge.lines] if self.charge else []

    @property
    def our_lines(self) -> list[Line]:
        return [Line(**line) for line in self.charge.our_lines] if self.charge else []

    @cached_property
    def standing_micro(self) -> int:
        """What it comes to now."""
        return standing(self.charge) if self.charge else 0

    @cached_property
    def loss_micro(self) -> int:
        return loss_of(self.part)

    @property
    def reported_micro(self) -> int | None:
        """By the provider's own figure; None where it names none."""
        ticks = [each.provider_ticks for each in self.attempts if each.provider_ticks is not None]
        return in_micro(sum(ticks)) if ticks else None

    @property
    def difference_micro(self) -> int | None:
        """Of the provider's figure from our prices."""
        if self.reported_micro is None or self.charge is None:
            return None
        return self.reported_micro - self.charge.list_micro

    @property
    def is_correctable(self) -> bool:
        return self.charge is not None and self.charge.amount_micro > 0

    @property
    def is_open(self) -> bool:
        return self.review is not None and self.review.state == Review.State.OPEN


def part_for(user: User, part_id: UUID) -> Part:
    """Of a workspace whose money the person may see."""
    parts = Part.objects.select_related("workspace", "step_run__run__workflow", "step_run__step")
    part = get_object_or_404(parts, pk=part_id)
    billing_workspace_for(user, part.workspace.slug)
    return part


def paid_request(part: Part) -> PaidRequest:
    lines = with_names(part.statement_lines.order_by("at", "id"))
    return PaidRequest(
        part,
        attempts=list(part.attempts.all()),
        assets=list(part.assets.all()),
        charge=Charge.objects.filter(part=part).first(),
        review=Review.objects.filter(part=part).select_related("settled_by").first(),
        rows=[Row(line) for line in lines],
        transactions=part.ledger_transactions.select_related("by")
        .prefetch_related("entries")
        .order_by("created_at", "id"),
        of_run=_of_run(part),
    )


def _of_run(part: Part) -> list[RunRequest]:
    lines = StatementLine.objects.filter(step_run__run=part.step_run.run_id)
    net = Sum(F("charged_micro") + F("corrected_micro"))
    rows = lines.values_list("part", "step_identifier", "part__number", "part__state")
    ordered = rows.annotate(net=net).order_by("step_run__position", "part__number")
    return [
        RunRequest(key, identifier, number, Part.State(state).label, micro)
        for key, identifier, number, state, micro in ordered
    ]
