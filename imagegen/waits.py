"""What a step run waits for and goes on by itself: a provider that asked for patience, or room for
what it sent."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from django.utils.timezone import now

from imagegen.attempts import patience
from imagegen.attempts.accounts import closed_accounts
from imagegen.attempts.models import Attempt, Part
from imagegen.errors import Fault
from imagegen.providers import registry

REASONS = {
    Fault.UNREACHABLE.name: "could not be reached",
    Fault.SANDBOX_DOWN.name: "could not be reached",
}
ASKED_FOR_PATIENCE = "is busy and asked us to slow down"


@dataclass(frozen=True)
class Wait:
    until: datetime
    part: Part

    @property
    def is_for_storage(self) -> bool:
        return self.part.state == Part.State.RECEIVED

    @property
    def label(self) -> str:
        return registry.get(self.part.provider).label

    @property
    def words(self) -> str:
        return "Saving again" if self.is_for_storage else f"Waiting for {self.label}"


@dataclass(frozen=True)
class Reason:
    """Of a wait for a provider."""

    words: str
    number: int
    """Of the request to come."""
    most: int


def wait_of(parts: Sequence[Part]) -> Wait | None:
    """The shortest, when all that is still to come waits; None while anything is under way."""
    still = [part for part in parts if part.state in Part.OPEN]
    if any(part.state == Part.State.SENDING for part in still):
        return None
    closed = closed_accounts({part.account for part in still if part.state == Part.State.DUE})
    waits = [_wait(part, closed.get(part.account)) for part in still]
    known = [wait for wait in waits if wait]
    return min(known, key=lambda wait: wait.until) if known and len(known) == len(waits) else None


def _wait(part: Part, closed_until: datetime | None) -> Wait | None:
    """An answer waits for no account."""
    of_account = closed_until if part.state == Part.State.DUE else None
    ends = [end for end in (part.due_at, of_account) if end and end > now()]
    return Wait(max(ends), part) if ends else None


def reason_of(wait: Wait, attempts: Sequence[Attempt]) -> Reason:
    own = [attempt for attempt in attempts if attempt.part_id == wait.part.pk]
    words = REASONS.get(own[-1].fault, ASKED_FOR_PATIENCE) if own else ASKED_FOR_PATIENCE
    return Reason(words, len(own) + 1, patience.MOST_WAITS + 1)
