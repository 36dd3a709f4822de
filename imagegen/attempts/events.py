"""What the log says of the life of a part: each event once, with the ids of what it is about."""

from collections.abc import Iterator
from contextlib import contextmanager
from functools import partial
from typing import Any

from django.db import transaction
from django.utils.timezone import now
from structlog.contextvars import (
    bind_contextvars,
    bound_contextvars,
    get_contextvars,
    unbind_contextvars,
)
from structlog.stdlib import get_logger

from imagegen.attempts.models import Attempt, Part
from imagegen.errors import Fault

logger = get_logger(__name__)

OF_AN_ATTEMPT = ("attempt", "provider_request_id")


@contextmanager
def about(part: Part) -> Iterator[None]:
    """Whatever is logged inside says which part it is about; afterwards nothing does."""
    before = get_contextvars()
    unbind_contextvars(*OF_AN_ATTEMPT)
    ids = {
        "workspace": part.workspace_id,
        "run": part.step_run.run_id,
        "step_run": part.step_run_id,
        "part": part.pk,
    }
    try:
        with bound_contextvars(**{name: str(id) for name, id in ids.items()}):
            yield
    finally:
        unbind_contextvars(*OF_AN_ATTEMPT)
        bind_contextvars(**before)


def known(attempt: Attempt | None) -> None:
    """From here on which attempt it is, and the number that the provider gave it."""
    if attempt:
        bind_contextvars(attempt=str(attempt.pk))
        if attempt.request_id:
            bind_contextvars(provider_request_id=attempt.request_id)


def claimed(part: Part) -> None:
    waited = (now() - part.created_at).total_seconds()
    logger.info("part claimed", state=part.state, waited=round(waited, 3), claims=part.claims)


def sending(part: Part, attempt: Attempt) -> None:
    known(attempt)
    logger.info(
        "attempt sending",
        number=attempt.number,
        provider=part.provider,
        model=part.model,
        asked=part.slots,
        charge_type=part.charge_type,
        simulated=part.simulated,
    )


def received(attempt: Attempt) -> None:
    logger.info("answer received", **_answer(attempt))


def recovered(attempt: Attempt) -> None:
    """A complete answer that its worker could not tell of."""
    known(attempt)
    logger.warning("answer recovered", **_answer(attempt))


def _answer(attempt: Attempt) -> dict[str, Any]:
    return {
        "seconds": attempt.seconds,
        "bytes": attempt.spool_bytes,
        "status": attempt.status_code,
    }


def settled(part: Part, attempt: Attempt, images: int) -> None:
    known(attempt)
    seconds, all_seconds = attempt.seconds or 0.0, _seconds(part)
    logger.info(
        "part settled",
        images=images,
        provider_seconds=round(seconds, 3),
        overhead_ms=round(1000 * (all_seconds - seconds)),
    )


def waits(attempt: Attempt, fault: Fault, pause: float) -> None:
    """For a provider that is to be asked once more."""
    known(attempt)
    logger.info("part waits", fault=fault.name, seconds=round(pause, 3))


def closed_on_commit(part: Part, attempt: Attempt | None) -> None:
    """Without an image; once that cannot be undone any more."""
    transaction.on_commit(partial(_closed, part, attempt))


def _closed(part: Part, attempt: Attempt | None) -> None:
    outcome = Fault[part.fault].outcome if part.fault else part.state
    say = logger.warning if part.state == Part.State.UNKNOWN else logger.info
    with about(part):
        known(attempt)
        say("part closed without an image", outcome=str(outcome), fault=part.fault or None)


def _seconds(part: Part) -> float:
    """From when it was accepted to its end."""
    return ((part.finished_at or now()) - part.created_at).total_seconds()
