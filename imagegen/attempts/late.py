"""Answers that were complete only after their outcome had been called unknown."""

from datetime import timedelta

from django.conf import settings
from django.db import transaction
from django.db.models import F, QuerySet
from django.db.models.functions import Now
from django.utils.timezone import now

from imagegen.attempts import spool
from imagegen.attempts.models import Attempt, Part

LOOKED_FOR = timedelta(days=1)


def unknown_here() -> QuerySet[Part]:
    """Parts whose answer was never received, and may still be found on the disk of this machine."""
    unknown = Part.objects.filter(
        state=Part.State.UNKNOWN, node=settings.NODE, finished_at__gt=Now() - LOOKED_FOR
    )
    return unknown.exclude(attempts__received_at__isnull=False)


def receive_late(part: Part) -> bool:
    """Received after all, when the whole answer is there. Hold and reservation were given back
    already, so that settling it costs the customer nothing: the cost stays our loss."""
    attempt = part.attempts.latest("number")
    if not spool.is_complete(settings.SPOOL, str(attempt.pk)):
        return False
    with transaction.atomic():
        unknown = Part.objects.filter(
            pk=part.pk, state=Part.State.UNKNOWN, lease_epoch=part.lease_epoch
        )
        received = unknown.update(
            state=Part.State.RECEIVED,
            lease_epoch=F("lease_epoch") + 1,
            claims=0,
            hold_micro=0,
            reserved_bytes=0,
            fault="",
            finished_at=None,
        )
        attempt.move(
            Attempt.State.UNKNOWN,
            Attempt.State.RECEIVED,
            fault="",
            received_at=now(),
            finished_at=None,
        )
    return received == 1
