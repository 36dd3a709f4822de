"""Answers that are taken up after their part was closed: complete only after their outcome had been
called unknown, or not stored for so long that they were given up."""

from datetime import timedelta

from django.conf import settings
from django.db import transaction
from django.db.models import F, QuerySet
from django.db.models.functions import Now
from django.utils.timezone import now

from imagegen.attempts import events, spool
from imagegen.attempts.models import Part

LOOKED_FOR = timedelta(days=1)


def unknown_here() -> QuerySet[Part]:
    """Parts whose answer was never received, and may still be found on the disk of this machine."""
    unknown = Part.objects.filter(
        state=Part.State.UNKNOWN, node=settings.NODE, finished_at__gt=Now() - LOOKED_FOR
    ).select_related("step_run")
    return unknown.exclude(attempts__received_at__isnull=False)


def receive_late(part: Part) -> bool:
    """Received after all, when the whole answer is there."""
    attempt = part.attempts.latest("number")
    return spool.is_complete(settings.SPOOL, str(attempt.pk)) and open_again(part)


def open_again(part: Part) -> bool:
    """Hold and reservation were given back already, so that settling it costs the customer nothing:
    the cost stays our loss. False when somebody else was faster."""
    attempt = part.attempts.latest("number")
    with transaction.atomic():
        closed = Part.objects.filter(pk=part.pk, state=part.state, lease_epoch=part.lease_epoch)
        received = closed.update(
            state=Part.State.RECEIVED,
            lease_epoch=F("lease_epoch") + 1,
            claims=0,
            due_at=None,
            save_tries=0,
            hold_micro=0,
            reserved_bytes=0,
            fault="",
            finished_at=None,
        )
        if not received:
            return False
        attempt.move(
            attempt.state,
            attempt.State.RECEIVED,
            fault="",
            received_at=attempt.received_at or now(),
            finished_at=None,
        )
    events.recovered(attempt)
    return True
