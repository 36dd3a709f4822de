"""What `make bench` fills Billing with is what the program would have left."""

import pytest
from django.db import connection

from benchmarks import billed
from imagegen.billing.statement import DIMENSIONS, DayTotal, StatementLine, digest_of
from imagegen.books.check import ledger, parts, statement, tenants

LAWS = (
    ledger.entries_add_up,
    ledger.holds_end_once,
    ledger.holds_are_single,
    ledger.accounts_come_to_zero,
    parts.personal_is_personal,
    parts.closed_parts_are_stated,
    parts.costs_are_covered,
    statement.charges_add_up,
    statement.days_add_up,
    statement.statement_is_the_ledger,
    tenants.children_stay_at_home,
)


@pytest.mark.skipif(connection.vendor != "postgresql", reason="only PostgreSQL can run it")
def test_bills_made_by_sql_keep_the_laws_of_the_books(db):
    billed.fill(4_000)
    assert StatementLine.objects.count() == 4_000
    assert [breach for law in LAWS for breach in law()] == []
    total = DayTotal.objects.latest("id")
    dimensions = {name: getattr(total, name) for name in DIMENSIONS}
    assert total.digest == digest_of(total.day, dimensions)  # the next line finds its day
