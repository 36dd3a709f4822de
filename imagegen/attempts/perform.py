"""Performing a part: claim, commit the intent, send once, keep the answer, settle."""

import logging
from uuid import UUID

from django.conf import settings
from django.db import transaction
from django.utils.timezone import now

from imagegen.attempts import ballast, close, events, spool, transport
from imagegen.attempts.claims import claim_next, release_connection
from imagegen.attempts.contract import paid_kind
from imagegen.attempts.leases import kept_alive
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
    with kept_alive(part), events.about(part):
        events.claimed(part)
        try:
            perform(part)
        except LeaseLost:
            logger.warning("part %s was taken over; nothing was written", part.pk)
        except Exception:
            # The lease runs out, and the sweep decides by what the journal and the spool say.
            logger.exception("part %s", part.pk)
    return part


def perform(part: Part) -> None:
    attempt = _attempt(part) if part.state == Part.State.DUE else None
    if part.state == Part.State.RECEIVED:
        settle(part, attempt)


def _attempt(part: Part) -> Attempt:
    """One request; afterwards the part is received, closed, due again, or somebody else's."""
    attempt = Attempt(workspace_id=part.workspace_id, part=part, simulated=part.simulated)
    try:
        with transport.nothing_quoted(NoAccess):
            outcome = _send(part, attempt)
    except NoAccess as refused:
        close.without_image(part, None, Part.State.REJECTED, refused.fault)
    else:
        if outcome is not None:
            _record(part, attempt, outcome)
    return attempt


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
    with _opened(str(attempt.pk), access.secret) as writer:
        if not _begin(part, attempt, request):
            return None
        events.sending(part, attempt)
        release_connection()
        return transport.send(request, writer, _deadline(part))


def _opened(name: str, secret: str) -> SpoolWriter:
    """A disk that can take no answer is noticed while it costs nothing. Raises NoAccess."""
    try:
        ballast.ensure(settings.SPOOL)
        return SpoolWriter(settings.SPOOL, name, secret)
    except OSError as error:
        logger.error("the spool cannot be written: %s; nothing was sent", error)
        raise NoAccess(Fault.DISK_FULL) from None


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


def _deadline(part: Part) -> float:
    return settings.DEADLINE_SECONDS or paid_kind(part.step_run).deadline(part)


def _record(part: Part, attempt: Attempt, outcome: transport.Answered | transport.Failed) -> None:
    """What came of the request."""
    if isinstance(outcome, transport.Answered):
        _received(part, attempt, outcome)
        return
    attempt.request_id = outcome.request_id
    if outcome.fault is Fault.UNREACHABLE:
        _unsent(part, attempt)
    elif outcome.fault.outcome is Outcome.REJECTED:
        close.without_image(part, attempt, Part.State.REJECTED, outcome.fault)
    # Every byte may have come all the same, before the connection or the deadline ended.
    elif answer := spool.read(settings.SPOOL, str(attempt.pk)):
        _received(part, attempt, transport.Answered(answer.status, answer.size, ""))
    else:
        fault, detail = outcome.fault, outcome.detail
        close.without_image(part, attempt, Part.State.UNKNOWN, fault, detail=detail)


def _received(part: Part, attempt: Attempt, answered: transport.Answered) -> None:
    with transaction.atomic():
        if not part.move(Part.State.SENDING, Part.State.RECEIVED):
            raise LeaseLost
        attempt.move(
            Attempt.State.SENDING,
            Attempt.State.RECEIVED,
            status_code=answered.status,
            spool_bytes=answered.size,
            spool_sha256=answered.sha256,
            received_at=now(),
        )
    events.received(attempt)
    part.step_run.run.touch()


def _unsent(part: Part, attempt: Attempt) -> None:
    """Provably nothing left: due again, three times at most."""
    fault = Fault.SANDBOX_DOWN if part.simulated else Fault.UNREACHABLE
    unsent = part.attempts.filter(state=Attempt.State.UNSENT).count()
    if unsent + 1 >= MAX_UNSENT:
        close.without_image(part, attempt, Part.State.REJECTED, fault)
    else:
        pause = settings.UNSENT_PAUSE_SECONDS * (unsent + 1)
        close.due_again(part, attempt, Attempt.State.UNSENT, fault, pause)
