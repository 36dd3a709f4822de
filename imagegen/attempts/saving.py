"""Answers that were paid for and could not be stored: tried anew for a day, at longer and longer
intervals, and whenever somebody presses Save again. Nothing is asked of a provider for it."""

import logging
from datetime import timedelta

from django.db.models import F, Q
from django.db.models.functions import Now
from django.utils.timezone import now

from imagegen.attempts import close
from imagegen.attempts.late import LOOKED_FOR, open_again
from imagegen.attempts.models import UNLEASED, Attempt, LeaseLost, Part, PartQuerySet
from imagegen.attempts.wake import wake_performers
from imagegen.errors import Fault
from workflows.models import StepRun

logger = logging.getLogger(__name__)

BY_ITSELF_FOR = timedelta(days=1)
FIRST_PAUSE, LONGEST_PAUSE = 5, 600  # seconds


def save_later(part: Part, attempt: Attempt, problem: Exception) -> None:
    """After what could not be helped by reading the answer anew: a full disk, a storage that is
    down."""
    logger.error("an answer could not be stored: %s: %s", type(problem).__name__, problem)
    if attempt.received_at and attempt.received_at < now() - BY_ITSELF_FOR:
        close.without_image(part, attempt, Part.State.BILLED_EMPTY, Fault.NOT_SAVED)
        return
    pause = min(FIRST_PAUSE * 2**part.save_tries, LONGEST_PAUSE)
    tried = {"save_tries": F("save_tries") + 1, "due_at": Now() + timedelta(seconds=pause)}
    if not part.move(part.state, part.state, woken_at=None, **tried, **UNLEASED):
        raise LeaseLost
    part.step_run.run.touch()


def unsaved(step_run: StepRun) -> PartQuerySet:
    """What Save again can help: paid answers that wait, and those given up less than a day ago."""
    given_up = Q(
        state=Part.State.BILLED_EMPTY,
        fault=Fault.NOT_SAVED.name,
        finished_at__gt=Now() - LOOKED_FOR,
    )
    return step_run.parts.filter(given_up | Q(state=Part.State.RECEIVED, save_tries__gt=0))


def save_again(step_run: StepRun) -> int:
    """Try all of them now; returns how many."""
    parts = list(unsaved(step_run))
    tried = sum(_try_now(part) for part in parts)
    wake_performers(tried)
    step_run.run.touch()
    return tried


def _try_now(part: Part) -> bool:
    if part.state == Part.State.BILLED_EMPTY:
        return open_again(part)
    waiting = Part.objects.filter(pk=part.pk).answered().unleased()
    return waiting.update(due_at=None, woken_at=Now()) == 1
