"""How long to wait for a provider that asked to be asked later: only after a complete answer that
says so and cost nothing."""

import random

from django.conf import settings

from imagegen.attempts.models import Part
from imagegen.errors import Fault
from imagegen.providers.contract import Refusal

MOST_WAITS = 4
LONGEST = 120.0
SHORTEST = 1.0


def pause_before(part: Part, refusal: Refusal) -> float | None:
    """Seconds; None when it was waited for often enough already."""
    waits = part.attempts.filter(fault=Fault.RATE_LIMITED.name).count()
    if waits >= MOST_WAITS:
        return None
    if refusal.retry_after is not None:
        return max(refusal.retry_after, SHORTEST)
    grown: float = settings.RATE_LIMIT_PAUSE_SECONDS * 2.0**waits
    return min(grown * random.uniform(0.75, 1.25), LONGEST)


def is_too_long(refusal: Refusal) -> bool:
    """Whether nobody would sit and wait for it."""
    return refusal.retry_after is not None and refusal.retry_after > LONGEST


def in_words(seconds: float) -> str:
    minutes = max(1, round(seconds / 60))
    return f"{minutes} minutes" if minutes < 120 else f"{round(minutes / 60)} hours"
