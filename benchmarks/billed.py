"""The bills of a busy house over 90 days, by a statement of SQL for each table. Only PostgreSQL can
run it."""

import re
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from uuid import UUID

from django.db import connection, transaction
from django.db.backends.utils import CursorWrapper

from imagegen.billing import wallet
from workflows.first_start import make_workflow, make_workspace
from workflows.models import Membership, User

A_RUN = 4
WORKSPACES, PEOPLE = 12, 8
"""So many workspaces, of so many people each."""
MONEY = 100_000_000_000  # micro-dollars
SQL = Path(__file__).with_suffix(".sql")
INDEXES = """
    SELECT indexname, indexdef FROM pg_indexes
    WHERE tablename = ANY(%s) AND indexname NOT IN (SELECT conname FROM pg_constraint)
"""
SOMEONE = """
    CREATE TEMP TABLE someone
    (who int, workspace_id uuid, user_id uuid, workflow_id uuid, step_id uuid)
"""


def fill(requests: int) -> None:
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(SOMEONE)
        cursor.executemany("INSERT INTO someone VALUES (%s, %s, %s, %s, %s)", list(_people()))
        cursor.execute("SHOW is_superuser")
        if cursor.fetchone() == ("on",):  # foreign keys are right, and take long to check
            cursor.execute("SET LOCAL session_replication_role = replica")
        cursor.execute("SELECT set_config('bench.runs', %s, true)", [str(requests // A_RUN)])
        with _no_indexes(cursor):
            cursor.execute(SQL.read_text())


@contextmanager
def _no_indexes(cursor: CursorWrapper) -> Iterator[None]:
    """Made once all rows are there, which takes a fifth of the time. Those of constraints stay."""
    cursor.execute(INDEXES, [re.findall(r"INSERT INTO (\w+)", SQL.read_text())])
    indexes = cursor.fetchall()
    for name, _ in indexes:
        cursor.execute(f'DROP INDEX "{name}"')
    yield
    cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")  # nothing may be left to check then
    for _, definition in indexes:
        cursor.execute(definition)


def _people() -> Iterator[tuple[int, UUID, UUID, UUID, UUID]]:
    for house in range(WORKSPACES):
        members = [
            User.objects.create_user(f"person-{house}-{number}@example.org")
            for number in range(PEOPLE)
        ]
        workspace = make_workspace(f"House {house}", f"house-{house}", members[0])
        for member in members[1:]:
            Membership.objects.create(workspace=workspace, user=member, role=Membership.Role.EDITOR)
        for purse in workspace.wallets.all():
            wallet.grant(purse, MONEY, key=f"bench:{purse.pk}", reason="for a million images")
        workflow = make_workflow(workspace)
        for number, member in enumerate(members):
            who = house * PEOPLE + number
            yield who, workspace.pk, member.pk, workflow.pk, workflow.steps.get().pk
