"""Leases: who works on a part. Times are the database's; every claim raises the epoch, so that
a worker that was taken for dead cannot write any more."""

import logging
import secrets
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from typing import Any
from uuid import UUID

from django.conf import settings
from django.db import Error, connection
from django.db.models import Count, F, OuterRef, QuerySet, Subquery
from django.db.models.functions import Coalesce, Now

from imagegen.attempts.models import Part

logger = logging.getLogger(__name__)

WORKER = f"{settings.NODE}:{secrets.token_hex(8)}"
MAX_CLAIMS = 3
CANDIDATES = 20

_held: set[UUID] = set()
_held_lock = threading.Lock()


def lease_end() -> Any:
    return Now() + timedelta(seconds=settings.LEASE_SECONDS)


def claim_next() -> Part | None:
    """The part whose turn it is, fewest under way per workspace first; None when none is due."""
    for part_id in _claimable()[:CANDIDATES]:
        if _claim(part_id):
            return Part.objects.select_related("step_run__run").get(pk=part_id)
    return None


def _claimable() -> "QuerySet[Part, UUID]":
    busy = (
        Part.objects.filter(workspace_id=OuterRef("workspace_id"))
        .leased()
        .order_by()
        .values("workspace_id")
        .annotate(number=Count("pk"))
        .values("number")
    )
    fair = (
        Part.objects.workable()
        .filter(claims__lt=MAX_CLAIMS)
        .annotate(busy=Coalesce(Subquery(busy), 0))
    )
    return fair.order_by("busy", "created_at", "number").values_list("pk", flat=True)


def _claim(part_id: UUID) -> bool:
    free = Part.objects.workable().filter(pk=part_id)
    return (
        free.update(
            lease_owner=WORKER,
            lease_until=lease_end(),
            lease_epoch=F("lease_epoch") + 1,
            claims=F("claims") + 1,
        )
        == 1
    )


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


def beat() -> int:
    """One statement for all this process holds. A lease that ran out while the database was away
    is taken up again, unless somebody has taken the part over and cleared its owner."""
    with _held_lock:
        held = list(_held)
    if not held:
        return 0
    ours = Part.objects.filter(pk__in=held, lease_owner=WORKER)
    return ours.update(lease_until=lease_end())


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
