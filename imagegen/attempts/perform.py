"""Performing a part: claim, commit the intent, send once, keep the answer, settle."""

import logging
import threading
from uuid import UUID

from django.conf import settings
from django.db import connection, transaction
from django.utils.timezone import now

from imagegen.attempts import close, spool, transport
from imagegen.attempts.contract import paid_kind
from imagegen.attempts.leases import claim_next, kept_alive
from imagegen.attempts.models import Attempt, LeaseLost, Part
from imagegen.attempts.settle import settle
from imagegen.attempts.spool import SpoolWriter
from imagegen.billing.keys import NoAccess
from imagegen.errors import Fault
from imagegen.outcomes import Outcome
from imagegen.provider_keys import use
from imagegen.providers.contract import Request
from workflows.access import may_still_run

logger = logging.getLogger(__name__)

MAX_UNSENT = 3


def perform_next() -> Part | None:
    """Work on the part whose turn it is; None when none is due."""
    part = claim_next()
    if part is None:
        return None
    with kept_alive(part):
        try:
            perform(part)
        except LeaseLost:
            logger.warning("part %s was taken over; nothing was written", part.pk)
        except Exception:
            # The lease runs out, and the sweep decides by what the journal and the spool say.
            logger.exception("part %s", part.pk)
    return part


def perform(part: Part) -> None:
    while part.state == Part.State.DUE:
        if not _attempt(part):
            return
    if part.state == Part.State.RECEIVED:
        settle(part)


def _attempt(part: Part) -> bool:
    """One attempt; False when the part is closed, lost, or cancelled."""
    attempt = Attempt(workspace_id=part.workspace_id, part=part, simulated=part.simulated)
    try:
        with transport.nothing_quoted(NoAccess):
            outcome = _send(part, attempt)
    except NoAccess as refused:
        close.without_image(part, None, Part.State.REJECTED, refused.fault)
        return False
    return outcome is not None and _record(part, attempt, outcome)


def _send(part: Part, attempt: Attempt) -> transport.Answered | transport.Failed | None:
    """The only place where a key is in memory. None when nothing was sent and nothing is to be
    done. Raises NoAccess."""
    kind = paid_kind(part.step_run)
    access = kind.access(part)
    if access.simulated != part.simulated:  # a key came or went since the hold was taken
        raise NoAccess(Fault.NO_HOSTED_KEY)
    attempt.provider_key_id, attempt.key_label = access.key_id, access.label
    request = kind.request(part, access)
    transport.refuse_foreign_host(request.url)
    try:
        writer = SpoolWriter(settings.SPOOL, str(attempt.pk), access.secret)
    except OSError as error:
        logger.error("the spool cannot be written: %s; part %s was not sent", error, part.pk)
        raise NoAccess(Fault.OUR_FAULT) from None
    with writer:
        if not _begin(part, attempt, request):
            return None
        release_connection()
        return transport.send(request, writer, _deadline(part))


def _begin(part: Part, attempt: Attempt, request: Request) -> bool:
    """Commit the intent before the first byte can leave; False when the part is no longer ours.
    Raises NoAccess."""
    attempt.number = part.attempts.count() + 1
    attempt.sent = dict(request.body)
    with transaction.atomic():
        _authorise(part, attempt.provider_key_id)
        if not part.move(Part.State.DUE, Part.State.SENDING, node=settings.NODE):
            return False
        attempt.save(force_insert=True)
    part.step_run.run.touch()
    return True


def _authorise(part: Part, key_id: UUID | None) -> None:
    """Anew for each request: the person may be gone, and a personal key revoked, since the run was
    started. Raises NoAccess."""
    if not may_still_run(part.step_run.run):
        raise NoAccess(Fault.NO_LONGER_ALLOWED_HOSTED)
    if key_id and not use.take(key_id):
        raise NoAccess(Fault.NO_PERSONAL_KEY)


def release_connection() -> None:
    """A request takes minutes; its thread keeps no database connection meanwhile."""
    if not connection.in_atomic_block:
        connection.close()


def _deadline(part: Part) -> float:
    return settings.DEADLINE_SECONDS or paid_kind(part.step_run).deadline(part)


def _record(part: Part, attempt: Attempt, outcome: transport.Answered | transport.Failed) -> bool:
    """What came of the request; True when there is more to do with the part."""
    if isinstance(outcome, transport.Answered):
        return _received(part, attempt, outcome)
    attempt.request_id = outcome.request_id
    if outcome.fault is Fault.UNREACHABLE:
        return _unsent(part, attempt)
    if outcome.fault.outcome is Outcome.REJECTED:
        close.without_image(part, attempt, Part.State.REJECTED, outcome.fault)
        return False
    # Every byte may have come all the same, before the connection or the deadline ended.
    if answer := spool.read(settings.SPOOL, str(attempt.pk)):
        return _received(part, attempt, transport.Answered(answer.status, answer.size, ""))
    close.without_image(part, attempt, Part.State.UNKNOWN, outcome.fault, detail=outcome.detail)
    return False


def _received(part: Part, attempt: Attempt, answered: transport.Answered) -> bool:
    with transaction.atomic():
        if not part.move(Part.State.SENDING, Part.State.RECEIVED):
            return False
        attempt.move(
            Attempt.State.SENDING,
            Attempt.State.RECEIVED,
            status_code=answered.status,
            spool_bytes=answered.size,
            spool_sha256=answered.sha256,
            received_at=now(),
        )
    part.step_run.run.touch()
    return True


def _unsent(part: Part, attempt: Attempt) -> bool:
    """Provably nothing left: the part is due again, three times at most, unless the run was
    cancelled meanwhile."""
    fault = Fault.SANDBOX_DOWN if part.simulated else Fault.UNREACHABLE
    if attempt.number >= MAX_UNSENT:
        close.without_image(part, attempt, Part.State.REJECTED, fault)
        return False
    if close.cancelled_before_it_left(part, attempt, fault):
        return False
    threading.Event().wait(settings.UNSENT_PAUSE_SECONDS * attempt.number)
    return True
