"""Whose turn it is. Answers come before requests; requests go round the workspaces, fewest under
way first, as many together as settings and the accounts at the providers allow.

Every claim raises the epoch, so that a worker that was taken for dead cannot write any more.
"""

import threading
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from uuid import UUID

from django.conf import settings
from django.db import connection, transaction
from django.db.models import F, Min

from imagegen.attempts import accounts
from imagegen.attempts.leases import WORKER, held, lease_end
from imagegen.attempts.models import Part, PartQuerySet

MAX_CLAIMS = 3

_turn = threading.Lock()  # of the threads of this process; the database sees to other processes
_stopped = threading.Event()


def stop_claiming() -> None:
    """For a worker that is asked to end: what it has begun it brings to its end, and no more."""
    _stopped.set()


def release_connection() -> None:
    """For a thread that will wait: there are more threads than connections."""
    if not connection.in_atomic_block:
        connection.close()


def claim_next() -> Part | None:
    """The part whose turn it is; None when none is due or this process has enough to do."""
    release_connection()
    with _turn:
        if _stopped.is_set() or held() >= settings.WORKER_CONCURRENCY:
            return None
        with transaction.atomic():
            found = _first(claimable().answered()) or _next_to_send()
            if found is None or not _claim(found):
                return None
    parts = Part.objects.select_related("step_run__run").defer("step_run__run__snapshot")
    return parts.get(pk=found)


def claimable() -> PartQuerySet:
    return Part.objects.workable().filter(claims__lt=MAX_CLAIMS)


def _first(parts: PartQuerySet) -> UUID | None:
    # Who is taking parts back locks them one by one: waiting here could wait in a circle.
    free = parts.select_for_update(skip_locked=True, of=("self",))
    return free.order_by("created_at", "number").values_list("pk", flat=True).first()


@dataclass(frozen=True)
class _Group:
    """What waits for one account on behalf of one workspace."""

    workspace_id: UUID
    account: str


def _next_to_send() -> UUID | None:
    for group in _in_fair_order():
        mine = claimable().due().filter(workspace=group.workspace_id, account=group.account)
        if found := _first(mine):
            return found
    return None


def _in_fair_order() -> Iterator[_Group]:
    waiting = claimable().due().order_by().values_list("workspace_id", "account")
    since = {_Group(*group): first for *group, first in waiting.annotate(Min("created_at"))}
    if not since:
        return
    usable = accounts.locked({group.account for group in since})
    busy, used = _under_way()
    for group in sorted(since, key=lambda group: (busy[group.workspace_id], since[group])):
        account = usable.get(group.account)
        has_room = account is not None and used[group.account] < account.room
        if has_room and busy[group.workspace_id] < settings.REQUESTS_PER_WORKSPACE:
            yield group


def _under_way() -> tuple[Counter[UUID], Counter[str]]:
    """By workspace and by account."""
    leased = Part.objects.unanswered().leased().values_list("workspace_id", "account")
    pairs = list(leased)
    return Counter(pair[0] for pair in pairs), Counter(pair[1] for pair in pairs)


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
