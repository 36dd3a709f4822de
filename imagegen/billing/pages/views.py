"""The pages of billing: of all workspaces for staff, of one for its owners and for Billing."""

from dataclasses import dataclass
from functools import cached_property
from typing import Any

from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse, StreamingHttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.http import require_GET

from imagegen.billing.pages.accounts import accounts_of
from imagegen.billing.pages.bars import chart_of
from imagegen.billing.pages.export import csv_of
from imagegen.billing.pages.filters import Choices, Filter, choices_for, filter_of
from imagegen.billing.pages.invoice import MOST_ROWS, invoice_of
from imagegen.billing.pages.lines import lines_of
from imagegen.billing.pages.periods import NAMES
from imagegen.billing.pages.totals import standing_of, totals_of
from workflows.access import billing_workspace_for, staff_only
from workflows.models import Workspace

MOST_REVIEWS = 20


@dataclass(frozen=True)
class Desk:
    """Whose billing somebody looks at, and what of it."""

    workspace: Workspace | None
    """None is all of them."""
    choices: Choices
    filter: Filter

    @cached_property
    def addresses(self) -> dict[str, str]:
        prefix, args = ("workspace-", [self.workspace.slug]) if self.workspace else ("", [])
        names = ("billing", "billing-invoice", "billing-csv")
        return {
            name.removeprefix("billing-"): reverse(f"imagegen:{prefix}{name}", args=args)
            for name in names
        }

    @property
    def selects(self) -> list[dict[str, Any]]:
        """Those of the filter bar that have something to choose."""
        every = (
            ("workspace", "Workspace", "All workspaces"),
            ("user", "User", "All users"),
            ("provider", "Provider", "All providers"),
            ("model", "Model", "All models"),
            ("charge_type", "Charge Type", "Hosted + Personal"),
            ("key", "Key", "All keys"),
            ("outcome", "State", "Any state"),
            ("simulated", "Simulated", "Without simulated"),
        )
        return [
            {"name": name, "label": label, "all": all, "options": options, "value": value}
            for name, label, all in every
            if (options := getattr(self.choices, name))
            for value in [getattr(self.filter, name)]
        ]


def desk_for(request: HttpRequest, slug: str | None) -> Desk:
    """The one place where it is decided who sees whose money."""
    if slug is None:
        staff_only(request.user)
        workspace = None
    else:
        workspace = billing_workspace_for(request.user, slug)
    choices = choices_for(workspace)
    return Desk(workspace, choices, filter_of(request.GET.dict(), choices, workspace))


@require_GET
@login_required
def billing(request: HttpRequest, slug: str | None = None) -> HttpResponse:
    desk = desk_for(request, slug)
    before, after = request.GET.get("before", ""), request.GET.get("after", "")
    context = _context(desk) | {
        "standing": standing_of(desk.filter),
        "chart": chart_of(desk.filter),
        "page": lines_of(desk.filter.lines(), before, after),
        "reviews": desk.filter.needing_review()
        .select_related("part__step_run__run__workflow", "workspace")
        .order_by("created_at")[:MOST_REVIEWS],
        "accounts": accounts_of(desk.workspace) if desk.workspace else None,
    }
    return render(request, "imagegen/billing/billing.html", context)


@require_GET
@login_required
def invoice(request: HttpRequest, slug: str | None = None) -> HttpResponse:
    desk = desk_for(request, slug)
    context = _context(desk) | {
        "rows": invoice_of(desk.filter),
        "most_rows": MOST_ROWS,
        "totals": totals_of(desk.filter.days()),
    }
    return render(request, "imagegen/billing/invoice.html", context)


@require_GET
@login_required
def export(request: HttpRequest, slug: str | None = None) -> StreamingHttpResponse:
    """Exactly what the page with the same address shows."""
    desk = desk_for(request, slug)
    period, whose = desk.filter.period, desk.workspace.slug if desk.workspace else "all"
    response = StreamingHttpResponse(csv_of(desk.filter), content_type="text/csv; charset=utf-8")
    name = f"billing-{whose}-{period.first}-{period.last}.csv"
    response["Content-Disposition"] = f'attachment; filename="{name}"'
    return response


def _context(desk: Desk) -> dict[str, Any]:
    return {
        "desk": desk,
        "filter": desk.filter,
        "workspace": desk.workspace,
        "query": desk.filter.query(),
        "periods": NAMES,
    }
