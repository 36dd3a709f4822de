"""The sweep: what dead workers left behind, decided by the journal and the spool alone."""

import logging
from collections.abc import Callable
from datetime import timedelta

from django.conf import settings
from django.db import transaction
from django.db.models import F, Q, QuerySet
from django.db.models.functions import Now
from django.utils.timezone import now

from imagegen.attempts import close, events, spool
from imagegen.attempts.claims import MAX_CLAIMS, claimable
from imagegen.attempts.late import receive_late, unknown_here
from imagegen.attempts.models import Attempt, LeaseLost, Part
from imagegen.attempts.wake import wake_now
from imagegen.errors import Fault

logger = logging.getLogger(__name__)

AT_ONCE = 100
WAKE_AGAIN = timedelta(seconds=10)


def recover(*, judge: bool = True) -> int:
    """One round; returns how many parts were found and moved or woken. Two sweeps may run. `judge`:
    who is silent counts as dead."""
    moved = _judge_the_silent() if judge else 0
    moved += sum(_tried(receive_late, part) for part in unknown_here()[:AT_ONCE])
    return moved + _wake_the_waiting()


def _judge_the_silent() -> int:
    moved = sum(_tried(_decide, part) for part in _silent(Part.State.SENDING)[:AT_ONCE])
    moved += sum(_tried(_give_up, part) for part in _stuck()[:AT_ONCE])
    return moved + sum(_tried(_give_up, part) for part in _out_of_reach()[:AT_ONCE])


def _tried(step: Callable[[Part], bool], part: Part) -> bool:
    """One part that cannot be handled keeps nobody else waiting."""
    with events.about(part):
        try:
            return step(part)
        except Exception:
            logger.exception("part %s could not be recovered", part.pk)
            return False


def _wake_the_waiting() -> int:
    """Each waiting part at most once in a while, so that idle minutes fill no queue."""
    again = Q(woken_at=None) | Q(woken_at__lt=Now() - WAKE_AGAIN)
    waiting = claimable().filter(again)
    with transaction.atomic():
        # Who is taking parts back locks them one by one: waiting here could wait in a circle.
        free = waiting.select_for_update(skip_locked=True, of=("self",))
        ids = list(free.values_list("pk", flat=True)[: settings.WORKER_CONCURRENCY])
        Part.objects.filter(pk__in=ids).update(woken_at=Now())
    wake_now(len(ids))
    return len(ids)


def _silent(*states: str) -> QuerySet[Part]:
    return Part.objects.filter(state__in=states).unleased().select_related("step_run__run")


def _stuck() -> QuerySet[Part]:
    return _silent(Part.State.DUE, Part.State.RECEIVED).filter(claims__gte=MAX_CLAIMS)


def _out_of_reach() -> QuerySet[Part]:
    """Answers on the disk of a machine that has been silent for long."""
    silence = timedelta(seconds=settings.LOST_NODE_SECONDS)
    received = Part.objects.filter(state=Part.State.RECEIVED, lease_until__lt=Now() - silence)
    return received.exclude(node=settings.NODE).select_related("step_run__run")


def _decide(part: Part) -> bool:
    """Bytes may have left. A complete answer on this disk is kept; anything else is unknown."""
    attempt = part.attempts.latest("number")
    if part.node != settings.NODE and not _node_is_lost(part):
        return False
    if not _take_over(part):
        return False
    answer = spool.read(settings.SPOOL, str(attempt.pk))
    if answer is not None:
        return _receive(part, attempt, answer)
    return _close(part, attempt, Part.State.UNKNOWN, Fault.WORKER_LOST)


def _node_is_lost(part: Part) -> bool:
    """Only the machine that holds the spool may read it; after a long silence nobody will."""
    silence = timedelta(seconds=settings.LOST_NODE_SECONDS)
    return Part.objects.filter(pk=part.pk, lease_until__lt=Now() - silence).exists()


def _take_over(part: Part) -> bool:
    """Raise the epoch, so that the worker we take for dead cannot write any more. False when it has
    moved the part meanwhile: a part that is closed has no lease, either."""
    ours = Part.objects.filter(pk=part.pk, state=part.state, lease_epoch=part.lease_epoch)
    ours = ours.unleased()
    if not ours.update(lease_epoch=F("lease_epoch") + 1, lease_owner=""):
        return False
    part.refresh_from_db()
    return True


def _receive(part: Part, attempt: Attempt, answer: spool.Spool) -> bool:
    with transaction.atomic():
        attempt.move(
            Attempt.State.SENDING,
            Attempt.State.RECEIVED,
            status_code=answer.status,
            spool_bytes=answer.size,
            received_at=now(),
        )
        moved = part.move(Part.State.SENDING, Part.State.RECEIVED, lease_owner="")
    if moved:
        events.recovered(attempt)
    return moved


def _give_up(part: Part) -> bool:
    """Claimed three times without progress: ours. A paid answer stays in the spool."""
    is_elsewhere = part.state == Part.State.RECEIVED and part.node != settings.NODE
    if (is_elsewhere and not _node_is_lost(part)) or not _take_over(part):
        return False
    attempt = part.attempts.order_by("number").last()
    if part.state == Part.State.DUE:
        return _close(part, attempt, Part.State.REJECTED, Fault.OUR_FAULT)
    return _close(part, attempt, Part.State.BILLED_EMPTY, Fault.NOT_SAVED)


def _close(part: Part, attempt: Attempt | None, state: str, fault: Fault) -> bool:
    try:
        close.without_image(part, attempt, state, fault)
    except LeaseLost:
        return False
    return True
