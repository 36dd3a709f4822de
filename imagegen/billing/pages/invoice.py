"""What stands on the vendors' invoices, beside what was charged: provider × model × key × day."""

from dataclasses import dataclass
from datetime import date

from django.db.models import Sum

from imagegen.billing.pages.filters import Filter

MOST_ROWS = 1_000


@dataclass(frozen=True)
class InvoiceRow:
    day: date
    provider: str
    model: str
    key_label: str
    parts: int
    images: int
    cost_micro: int
    net_micro: int
    """What was charged, with all corrections."""
    query: str

    @property
    def difference_micro(self) -> int:
        """What is left to us; negative is our loss."""
        return self.net_micro - self.cost_micro


def invoice_of(filter: Filter) -> list[InvoiceRow]:
    names = ("day", "provider", "model", "key_label")
    amounts = ("parts", "images", "cost_micro", "charged_micro", "corrected_micro")
    sums = filter.days().values_list(*names).annotate(*(Sum(name) for name in amounts))
    newest_first = sums.order_by("-day", "provider", "model", "key_label")[:MOST_ROWS]
    return [
        InvoiceRow(
            *(day, provider, model, key_label, parts, images, cost),
            net_micro=charged + corrected,
            query=filter.on(day, provider=provider, model=model, key=key_label).query(),
        )
        for day, provider, model, key_label, parts, images, cost, charged, corrected in newest_first
    ]
