"""Server time of the pages of Billing over a million paid requests, and their export."""

from functools import partial
from typing import Any

from django.db import connection
from django.db.models import Sum
from django.test import Client
from django.urls import reverse

from benchmarks import billed, exporting
from benchmarks.asking import Ask, asked_in_turn, browser_of, empty_page
from benchmarks.figures import EMPTY, Figure, rate, server_times
from imagegen.billing.statement import DayTotal, StatementLine
from workflows.models import User

LIMIT = 300  # milliseconds
ROUNDS = 7
PAID_REQUESTS = 1_000_000
OF_WHAT = f"Billing of {PAID_REQUESTS:,} paid requests"
FILTERS = {
    "user": "one user",
    "provider": "one provider",
    "model": "one model",
    "charge_type": "one charge type",
    "outcome": "one state",
    "simulated": "simulated ones",
}
"""Each by the value of which there are the fewest lines: they are the hardest to find."""
ROWS_A_SECOND = 20_000
MEGABYTES = 50


def measured(staff: User) -> list[Figure]:
    if connection.vendor != "postgresql":
        return [Figure(OF_WHAT, None, "ms", LIMIT, needs="PostgreSQL")]
    billed.fill(PAID_REQUESTS)
    with connection.cursor() as cursor:
        cursor.execute("VACUUM ANALYZE")
    browser = browser_of(staff)
    pages = _pages(browser)
    taken = asked_in_turn({EMPTY: empty_page(browser), **pages}, warm_ups=2, rounds=ROUNDS)
    empty, *times = server_times(taken, dict.fromkeys(pages, LIMIT))
    assert empty.value
    export = exporting.in_a_process_of_its_own(staff.email)
    return [
        *times,
        rate("… rows exported", export.rows / export.seconds, ROWS_A_SECOND, empty.value / 1000),
        Figure("… memory that the export takes", export.megabytes, "MB", MEGABYTES),
    ]


def _pages(browser: Client) -> dict[str, Ask]:
    billing = partial(_get, browser, reverse("imagegen:billing"))
    oldest = StatementLine.objects.order_by("at", "id")[1_000]
    newest = StatementLine.objects.latest("at")
    house = newest.workspace.slug
    return {
        OF_WHAT: billing,
        "… last 90 days": partial(billing, period="90"),
        "… last month": partial(billing, period="last_month"),
        "… of one workspace": partial(billing, workspace=house),
        **{
            f"… of {what}": partial(billing, **{name: _rarest(name)})
            for name, what in FILTERS.items()
        },
        "… of what hardly happens": partial(
            billing, workspace=house, charge_type="personal", outcome="billed_empty", period="90"
        ),
        "… a page deep down": partial(billing, period="90", before=str(oldest.pk)),
        "… and back": partial(billing, period="90", after=str(oldest.pk)),
        "… compared with invoices": partial(
            _get, browser, reverse("imagegen:billing-invoice"), period="90"
        ),
        "… of its owner": partial(
            _get, browser, reverse("imagegen:workspace-billing", args=[house])
        ),
        "… plan of a workspace": partial(
            _get, browser, reverse("imagegen:billing-plan", args=[house])
        ),
        "… one paid request": partial(
            _get, browser, reverse("imagegen:billing-part", args=[newest.part_id])
        ),
    }


def _rarest(name: str) -> str:
    if name == "simulated":
        return "only"
    column = "user_id" if name == "user" else name
    days = DayTotal.objects.filter(simulated=False).values_list(column)
    value, _ = days.annotate(number=Sum("parts")).order_by("number")[0]
    return str(value)


def _get(browser: Client, address: str, **query: str) -> Any:
    return browser.get(address, query)
