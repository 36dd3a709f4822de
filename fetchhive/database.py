"""What `manage.py start` asks of the database."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from django.conf import settings
from django.core.management import call_command
from django.db import DatabaseError, connection, connections
from django.db.migrations.executor import MigrationExecutor

from fetchhive.refusal import Refusal

FIRST_START = 7_310_579  # any number that is only ours


def bring_up_to_date() -> str:
    """Apply what is unapplied, and tell what was done."""
    try:
        reach(seconds=5)
        executor = MigrationExecutor(connection)
    except DatabaseError as error:
        raise Refusal(_refusal(error)) from error
    if not executor.migration_plan(executor.loader.graph.leaf_nodes()):
        return "up to date"
    with one_at_a_time():
        call_command("migrate", verbosity=0, interactive=False)
    return "brought up to date" if executor.loader.applied_migrations else "made"


@contextmanager
def one_at_a_time() -> Iterator[None]:
    """Two first starts on one server take turns; a file of SQLite has one start only."""
    if connection.vendor != "postgresql":
        yield
        return
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_lock(%s)", [FIRST_START])
        try:
            yield
        finally:
            cursor.execute("SELECT pg_advisory_unlock(%s)", [FIRST_START])


def reach(seconds: int) -> None:
    """Ask a server once, and not through the pool, which would try for half a minute. Raises
    DatabaseError."""
    backend: Any = connection  # what follows only PostgreSQL's has
    if backend.vendor == "postgresql":
        with backend.wrap_database_errors:
            options = {**backend.get_connection_params(), "connect_timeout": seconds}
            backend.Database.connect(**options).close()


def open_requests() -> int | None:
    """Requests of this machine under way at providers; None when the database does not answer."""
    from imagegen.attempts.models import Attempt, Part  # models load after this module

    held = Part.objects.leased()
    sending = Attempt.objects.filter(state=Attempt.State.SENDING, part__in=held)
    try:
        return sending.filter(part__node=settings.NODE).count()
    except DatabaseError:
        return None


def let_go() -> None:
    """No open connection and no thread of a pool may stay with the supervisor while it forks."""
    connections.close_all()
    if hasattr(connection, "close_pool"):
        connection.close_pool()


def _refusal(error: DatabaseError) -> str:
    database = settings.DATABASES["default"]
    where = f"{database.get('HOST') or 'this machine'}, {database['NAME']}"
    reason = str(error).strip().splitlines()[0] if str(error).strip() else type(error).__name__
    return (
        f"The database ({where}) cannot be used: {reason}; "
        "mend DATABASE_URL, or unset it to use the built-in database"
    )
