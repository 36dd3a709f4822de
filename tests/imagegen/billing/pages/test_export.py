"""The CSV: exactly the filtered set, and the same total to the micro-dollar."""

import csv
import tracemalloc

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from imagegen.billing.pages.export import exact
from imagegen.billing.statement import DayTotal, StatementLine

DAYS = "?period=days&from=2026-11-01&to=2026-11-30"
STAFF = reverse("imagegen:billing-csv") + DAYS


@pytest.fixture
def exported(staff, browser_of):
    def export(address=STAFF, client=None):
        response = (client or browser_of(staff)).get(address)
        assert response.streaming
        return list(csv.DictReader(response.getvalue().decode().splitlines()))

    return export


def test_it_ends_in_the_total_of_the_page_to_the_micro_dollar(stated, exported):
    stated(micro=211_001)
    stated(micro=77_400, amounts={"corrected_micro": -400, "charged_micro": 77_400})
    *lines, total = exported()
    assert len(lines) == 2
    assert total["time_utc"] == "Total"
    assert total["charged_micro"] == str(sum(DayTotal.objects.values_list("charged_micro", flat=1)))
    assert (total["charged_usd"], total["net_usd"]) == ("0.288401", "0.288001")
    assert int(total["net_micro"]) == sum(int(line["net_micro"]) for line in lines)
    assert total["images"] == "2"


def test_it_holds_exactly_what_the_filter_asks_for(stated, exported):
    stated(micro=1_000)
    stated(micro=20, model="grok-imagine-image", provider="xai")
    stated("2026-10-31", micro=300)
    line, total = exported(STAFF + "&provider=xai")
    assert (line["model"], line["step"], line["user"]) == (
        "grok-imagine-image",
        "step_2",
        "alice@example.org",
    )
    assert total["net_micro"] == "20"


def test_an_empty_period_has_a_total_of_nothing(exported, db):
    (total,) = exported()
    assert total["net_usd"] == "0.000000"


@pytest.mark.parametrize("start", ["=", "+", "-", "@", "\t"])
def test_what_people_typed_is_no_formula(stated, exported, workflow, start):
    workflow.name = f'{start}HYPERLINK("https://evil.example")'
    workflow.save()
    stated(amounts={"corrected_micro": -5})
    line, _ = exported()
    assert line["workflow"] == f"'{workflow.name}"
    assert line["corrected_micro"] == "-5"


def test_an_owner_exports_the_own_workspace_only(stated, exported, page, stranger, browser_of):
    stated(micro=1_000)
    address = reverse("imagegen:workspace-billing-csv", args=["acme-shop"]) + DAYS
    assert len(exported(address, page)) == 2
    elsewhere = reverse("imagegen:workspace-billing-csv", args=["elsewhere"]) + DAYS
    assert len(exported(elsewhere + "&workspace=acme-shop", browser_of(stranger))) == 1


def test_many_lines_take_no_more_queries_and_no_more_memory(stated, staff, browser_of):
    line, client = stated(), browser_of(staff)
    _copy(line, 50)
    few, small = _cost(client)
    _copy(line, 6_000)
    many, large = _cost(client)
    assert many == few
    assert large < small + 2_000_000  # all of them together would be more than 10 MB


def _copy(line, number):
    """Lines are bulky: what is kept of them would be seen."""
    copies = []
    for each in range(number):
        fields = {name: getattr(line, name) for name in COPIED}
        copies.append(StatementLine(key=f"copy:{number}:{each}", reason="r" * 500, **fields))
    StatementLine.objects.bulk_create(copies, batch_size=500)


COPIED = [
    field.attname
    for field in StatementLine._meta.concrete_fields
    if field.attname not in {"id", "key", "reason"}
]


def _cost(client):
    with CaptureQueriesContext(connection) as queries:
        response = client.get(STAFF)
        tracemalloc.start()
        for _ in response:
            pass
        _, peak = tracemalloc.get_traced_memory()
        tracemalloc.stop()
    return len(queries), peak


@pytest.mark.parametrize(
    ("micro", "text"),
    [(0, "0.000000"), (1, "0.000001"), (-84_000, "-0.084000"), (1_234_500_000, "1234.500000")],
)
def test_dollars_are_written_exactly(micro, text):
    assert exact(micro) == text
