"""Whether this process can do what people ask of it. What is told names no host and no secret."""

import os
import threading
import time
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from django.conf import settings
from django.core.files.storage import FileSystemStorage, default_storage
from django.db import DatabaseError, connection
from django.db.migrations.loader import MigrationLoader
from django.db.migrations.recorder import MigrationRecorder

from fetchhive import broker, database
from fetchhive.celery import app
from fetchhive.refusal import Refusal

OK = "ok"
SECONDS = 1  # for a server or a broker to answer


@dataclass(frozen=True)
class Readiness:
    checks: dict[str, str]

    @property
    def status(self) -> str:
        if not self.is_ready:
            return "unready"
        return "ready" if self.checks["broker"] == OK else "degraded"

    @property
    def is_ready(self) -> bool:
        """The broker does not decide: a run is one commit, and is woken when the broker is back."""
        return all(self.checks[name] == OK for name in self.checks if name != "broker")


_lock = threading.Lock()
_last: tuple[float, Readiness] | None = None


def readiness() -> Readiness:
    """Looked at once in READY_SECONDS, however many ask."""
    global _last
    with _lock:
        if _last is None or time.monotonic() - _last[0] >= settings.READY_SECONDS:
            _last = (time.monotonic(), _look())
        return _last[1]


def _look() -> Readiness:
    checks = {"database": _database(), "migrations": "", "broker": _broker(), "files": _files()}
    checks["migrations"] = _migrations() if checks["database"] == OK else "cannot be told"
    return Readiness(checks)


def _database() -> str:
    try:
        database.reach(SECONDS)
        with connection.cursor() as cursor:
            cursor.execute("SELECT 1")
    except DatabaseError:
        return "does not answer"
    return OK


def _migrations() -> str:
    try:
        waiting = _known_migrations() - set(MigrationRecorder(connection).applied_migrations())
    except DatabaseError:
        return "cannot be told"
    return f"{len(waiting)} not applied: run manage.py migrate" if waiting else OK


@cache
def _known_migrations() -> frozenset[tuple[str, str]]:
    loader = MigrationLoader(None, load=False)
    loader.load_disk()
    return frozenset(loader.disk_migrations)


def _broker() -> str:
    """Looked for without the patience that a click on Run has with it."""
    if settings.CELERY_BROKER_URL.startswith("filesystem"):
        return OK if _can_be_written(settings.QUEUE) else "its folder cannot be written"
    patience = {"socket_timeout": SECONDS, "socket_connect_timeout": SECONDS}
    connection = app.connection_for_write(connect_timeout=SECONDS, transport_options=patience)
    try:
        broker.reach(connection, SECONDS)
    except Refusal:
        return "does not answer; runs are accepted and wait for it"
    return OK


def _files() -> str:
    if isinstance(default_storage, FileSystemStorage):
        return OK if _can_be_written(Path(default_storage.location)) else "cannot be written"
    try:
        default_storage.exists("ready")
    except Exception:  # each kind of storage has errors of its own
        return "do not answer"
    return OK


def _can_be_written(folder: Path) -> bool:
    """It, or where it will be made when it is first needed."""
    existing = next(each for each in (folder, *folder.parents) if each.exists())
    return existing.is_dir() and os.access(existing, os.W_OK | os.X_OK)
