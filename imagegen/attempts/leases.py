"""Leases: who works on a part, and for how long nobody else may. Times are the database's."""

import logging
import secrets
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from typing import Any
from uuid import UUID

from django.conf import settings
from django.db import Error, connection, transaction
from django.db.models.functions import Now

from imagegen.attempts.models import Part

logger = logging.getLogger(__name__)

WORKER = f"{settings.NODE}:{secrets.token_hex(8)}"

_held: set[UUID] = set()
_held_lock = threading.Lock()


def lease_end() -> Any:
    return Now() + timedelta(seconds=settings.LEASE_SECONDS)


@contextmanager
def kept_alive(part: Part) -> Iterator[None]:
    """While inside, the heartbeat of this process prolongs the lease."""
    with _held_lock:
        _held.add(part.pk)
    try:
        yield
    finally:
        with _held_lock:
            _held.discard(part.pk)


def held() -> int:
    """How many parts this process works on."""
    return len(_held)


def beat() -> int:
    """One statement for all this process holds. A lease that ran out while the database was away
    is taken up again, unless somebody has taken the part over and cleared its owner. A part that a
    thread of ours is just closing is left out: waiting for it would cost all others their leases.
    """
    with _held_lock:
        under_way = list(_held)
    if not under_way:
        return 0
    ours = Part.objects.filter(pk__in=under_way, lease_owner=WORKER).order_by()
    with transaction.atomic(savepoint=False):
        free = ours.select_for_update(skip_locked=True).values("pk")
        return Part.objects.filter(pk__in=free).update(lease_until=lease_end())


def start_heartbeat() -> None:
    """Called once when a worker process starts."""
    threading.Thread(target=_beat_for_ever, name="heartbeat", daemon=True).start()


def _beat_for_ever() -> None:
    pause = threading.Event()
    while not pause.wait(settings.HEARTBEAT_SECONDS):
        try:
            beat()
        except Error as error:
            logger.warning("no heartbeat: %s", error)
            connection.close()
