"""What a fault means for money, and the sentence that says so."""

from dataclasses import dataclass
from enum import StrEnum


class Outcome(StrEnum):
    """What a fault means for money; decided by what left us and what came back, never by hope."""

    REFUSED = "refused"  # before any provider was called
    UNSENT = "unsent"  # not one byte of the request left
    REJECTED = "rejected"  # a complete answer, provably not billed
    BILLED_EMPTY = "billed_empty"  # a complete answer, billed, without a usable image
    UNKNOWN = "unknown"  # bytes left and no complete answer came


HOSTED_MONEY = {
    Outcome.REFUSED: "Nothing was sent and nothing was charged.",
    Outcome.UNSENT: "Nothing was sent and nothing was charged.",
    Outcome.REJECTED: "Nothing was charged for it.",
    Outcome.BILLED_EMPTY: "You were not charged for it; what {provider} bills is our loss.",
    Outcome.UNKNOWN: (
        "{provider} may have billed us; you were not charged for it. It was not run again."
    ),
}
PERSONAL_MONEY = HOSTED_MONEY | {
    Outcome.REJECTED: "{provider} does not bill for this.",
    Outcome.BILLED_EMPTY: "{provider} bills your account for it.",
    Outcome.UNKNOWN: "{provider} may have billed your account for it. It was not run again.",
}


@dataclass(frozen=True)
class Row:
    code: str
    outcome: Outcome
    sentence: str
    retryable: bool = False
    """Whether pressing Run again, with nothing changed, can help."""
    is_final: bool = False
    """Whether every request with the same settings would end like it."""
    alarm: bool = False
    """Whether whoever runs Fetch Hive should hear of it at once."""
