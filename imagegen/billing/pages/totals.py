"""What a filter comes to. Amounts are micro-dollars."""

from dataclasses import dataclass

from django.db.models import Count, QuerySet, Sum

from imagegen.billing.pages.filters import Filter
from imagegen.billing.statement import AMOUNTS, DayTotal


@dataclass(frozen=True)
class Totals:
    parts: int
    images: int
    charged_micro: int
    corrected_micro: int
    released_micro: int
    loss_micro: int
    list_micro: int
    cost_micro: int

    @property
    def net_micro(self) -> int:
        """What was charged, with all corrections."""
        return self.charged_micro + self.corrected_micro

    @property
    def margin_micro(self) -> int:
        """What is left to us; negative is our loss."""
        return self.net_micro - self.cost_micro

    @property
    def back_micro(self) -> int:
        return self.released_micro + abs(self.corrected_micro) + self.loss_micro

    @property
    def each_micro(self) -> int | None:
        """On average; None where nothing was charged or nothing came."""
        return self.charged_micro // self.images if self.images and self.charged_micro else None


def totals_of(days: QuerySet[DayTotal]) -> Totals:
    sums = days.aggregate(**{name: Sum(name) for name in AMOUNTS})
    return Totals(**{name: amount or 0 for name, amount in sums.items()})


@dataclass(frozen=True)
class Standing:
    """The totals of a period, beside those of the period before and what is open now."""

    totals: Totals
    before: Totals
    held_micro: int
    reviews: int
    possible_micro: int
    """What the vendors may yet bill for what needs review."""

    @property
    def change(self) -> str:
        """In per cent of the period before; empty where there is nothing to compare with."""
        before = self.before.charged_micro
        if not before:
            return ""
        return f"{(self.totals.charged_micro - before) * 100 / before:+,.0f}%"


def standing_of(filter: Filter) -> Standing:
    held = filter.under_way().aggregate(micro=Sum("hold_micro"))
    review = filter.needing_review().aggregate(number=Count("pk"), micro=Sum("possible_micro"))
    return Standing(
        totals=totals_of(filter.days()),
        before=totals_of(filter.before().days()),
        held_micro=held["micro"] or 0,
        reviews=review["number"],
        possible_micro=review["micro"] or 0,
    )
