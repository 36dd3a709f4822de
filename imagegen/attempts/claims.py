"""Claiming: from now on a part is worked on here. Answers come before requests.

Every claim raises the epoch, so that a worker that was taken for dead cannot write any more.
"""

import threading
from collections import deque
from collections.abc import Sequence
from uuid import UUID

from django.conf import settings
from django.db import connection, transaction
from django.db.models import F

from imagegen.attempts.leases import WORKER, held, lease_end
from imagegen.attempts.models import Part, PartQuerySet
from imagegen.attempts.turns import turns

MAX_CLAIMS = 3

_turn = threading.Lock()  # of the threads of this process; the database sees to other processes
_counting = threading.Lock()
_asking = 0
_ready: deque[Part] = deque()  # claimed for threads that are waiting for their turn
_stopped = threading.Event()


def stop_claiming() -> None:
    """For a worker that is asked to end: what it has begun it brings to its end, and no more."""
    _stopped.set()


def release_connection() -> None:
    """For a thread that will wait: there are more threads than connections."""
    if not connection.in_atomic_block:
        connection.close()


def claim_next() -> Part | None:
    """The part whose turn it is; None when none is due or this process has enough to do. Whoever
    is first claims for all threads that ask at this moment: what finds one finds many."""
    release_connection()
    _count(1)
    with _turn:
        try:
            if not _ready:
                _ready.extend(_claimed(_asking))
            return _ready.popleft() if _ready else None
        finally:
            _count(-1)  # before the next one counts: nothing is claimed for who has been served


def _count(more: int) -> None:
    global _asking
    with _counting:
        _asking += more


def _claimed(threads: int) -> list[Part]:
    room = min(threads, settings.WORKER_CONCURRENCY - held())
    if _stopped.is_set() or room <= 0:
        return []
    with transaction.atomic():
        found = _free(claimable().answered(), room)
        found += _to_send(room - len(found))
        _claim(found)
    parts = Part.objects.select_related("step_run__run").defer("step_run__run__snapshot")
    mine = parts.filter(pk__in=found, lease_owner=WORKER)
    return list(mine.order_by("created_at", "number")) if found else []


def claimable() -> PartQuerySet:
    return Part.objects.workable().filter(claims__lt=MAX_CLAIMS)


def _to_send(room: int) -> list[UUID]:
    found: list[UUID] = []
    for group, number in turns(claimable().due(), room).items():
        mine = claimable().due().filter(workspace=group.workspace_id, account=group.account)
        found += _free(mine, number)
    return found


def _free(parts: PartQuerySet, number: int) -> list[UUID]:
    # Who is taking parts back locks them one by one: waiting here could wait in a circle.
    free = parts.select_for_update(skip_locked=True, of=("self",))
    return list(free.order_by("created_at", "number").values_list("pk", flat=True)[:number])


def _claim(found: Sequence[UUID]) -> None:
    Part.objects.workable().filter(pk__in=found).update(
        lease_owner=WORKER,
        lease_until=lease_end(),
        lease_epoch=F("lease_epoch") + 1,
        claims=F("claims") + 1,
    )
