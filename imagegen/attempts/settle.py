"""Settling: from the spooled answer to stored images and a charge. May be repeated for ever."""

import logging
import os
import threading
from dataclasses import asdict

from django.conf import settings

from imagegen.assets import store
from imagegen.assets.models import Asset
from imagegen.attempts import accounts, close, events, patience, spool
from imagegen.attempts.claims import release_connection
from imagegen.attempts.contract import paid_kind
from imagegen.attempts.models import Attempt, Part
from imagegen.attempts.saving import save_later
from imagegen.errors import Fault
from imagegen.outcomes import Outcome
from imagegen.provider_keys import use
from imagegen.providers.contract import Refusal, Result

logger = logging.getLogger(__name__)

STATES = {
    Outcome.REJECTED: Part.State.REJECTED,
    Outcome.BILLED_EMPTY: Part.State.BILLED_EMPTY,
    Outcome.UNKNOWN: Part.State.UNKNOWN,
}


# Each unpacks whole images: more at once would take memory, and time from those that send.
_places = threading.BoundedSemaphore((os.cpu_count() or 1) + 1)


def settle(part: Part, attempt: Attempt | None = None) -> None:
    """Of the newest attempt, unless the caller has it at hand."""
    release_connection()
    with _places:
        _settle(part, attempt or part.attempts.latest("number"))


def _settle(part: Part, attempt: Attempt) -> None:
    events.known(attempt)
    answer = spool.read(settings.SPOOL, str(attempt.pk))
    if answer is None:
        logger.error("the spool of attempt %s is gone", attempt.pk)
        close.without_image(part, attempt, Part.State.UNKNOWN, Fault.WORKER_LOST)
        return
    parsed = paid_kind(part.step_run).parse(part, answer.status, answer.headers, answer)
    if attempt.provider_key_id:
        use.heard(attempt.provider_key_id, parsed)
    if isinstance(parsed, Refusal):
        _refused(part, attempt, parsed)
        return
    accounts.take_more(part)
    try:
        _keep(part, attempt, answer, parsed)
    except OSError as problem:
        save_later(part, attempt, problem)


def _refused(part: Part, attempt: Attempt, refusal: Refusal) -> None:
    attempt.request_id = refusal.request_id[:200]
    attempt.provider_ticks = refusal.provider_ticks
    attempt.said = refusal.said[:500]
    attempt.usage = asdict(refusal.usage) if refusal.usage else None
    if refusal.fault is Fault.RATE_LIMITED:
        _asked_for_patience(part, attempt, refusal)
    else:
        state = STATES[refusal.fault.outcome]
        close.without_image(part, attempt, state, refusal.fault, detail=refusal.detail)


def _asked_for_patience(part: Part, attempt: Attempt, refusal: Refusal) -> None:
    rejected = Part.State.REJECTED
    if patience.is_too_long(refusal):
        words = patience.in_words(refusal.retry_after or 0)
        close.without_image(part, attempt, rejected, Fault.RATE_LIMITED_FOR_LONG, detail=words)
    elif (pause := patience.pause_before(part, refusal)) is None:
        close.without_image(part, attempt, rejected, refusal.fault)
    else:
        accounts.slow_down(part, pause)
        close.due_again(part, attempt, Attempt.State.REJECTED, refusal.fault, pause)


def _keep(part: Part, attempt: Attempt, answer: spool.Spool, result: Result) -> None:
    """Store each image as it is verified; a slot that is filled stays filled when we repeat."""
    attempt.request_id = result.request_id[:200]
    attempt.provider_ticks = result.provider_ticks
    attempt.returned = dict(result.returned)
    attempt.usage = asdict(result.usage) if result.usage else None
    stored_as = paid_kind(part.step_run).stored_as(part)
    stored: list[Asset] = []
    faults: list[Fault] = []
    for slot, picture in zip(part.slot_range, result.pictures, strict=False):
        try:
            stored.append(store.keep(part, slot, answer.decoded(picture.base64), stored_as))
        except store.Unusable as unusable:
            faults.append(unusable.fault)
    if stored:
        close.with_images(part, attempt, result, faults)
    else:
        close.without_image(
            part, attempt, Part.State.BILLED_EMPTY, faults[0] if faults else Fault.NO_IMAGE
        )
