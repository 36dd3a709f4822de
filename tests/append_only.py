"""The ledger and the statement cannot be edited or deleted: in tests every connection refuses."""

import re

from django.db.backends.signals import connection_created

from imagegen.billing.ledger import LedgerEntry, LedgerTransaction
from imagegen.billing.models import Charge
from imagegen.billing.reviews import ReviewNote
from imagegen.billing.statement import StatementLine

TABLES = [
    model._meta.db_table
    for model in (Charge, LedgerEntry, LedgerTransaction, ReviewNote, StatementLine)
]
NAMES = "|".join(TABLES)
CHANGE = re.compile(
    rf'\s*(?:WITH\b.*)?\b(?:UPDATE|DELETE\s+FROM)\s+"?(?:{NAMES})"?(?P<rest>.*)', re.I | re.S
)
REPLACED = re.compile(
    rf'\s*(?:REPLACE\s+INTO|INSERT\s.*?INTO)\s+"?(?:{NAMES})"?\b.*\bDO\s+UPDATE\b', re.I | re.S
)


class LedgerChanged(AssertionError):
    pass


def refuse_changes(execute, sql, params, many, context):
    """Django empties whole tables between tests, without a WHERE; the program never does."""
    change = CHANGE.match(sql)
    if (change and change["rest"].strip(" ;\n")) or REPLACED.match(sql):
        raise LedgerChanged(f"the ledger is append-only: {sql[:200]}")
    return execute(sql, params, many, context)


def _guard(connection, **_):
    if refuse_changes not in connection.execute_wrappers:
        connection.execute_wrappers.append(refuse_changes)


def guard_every_connection():
    connection_created.connect(_guard)
