"""Every arrow of the life of a run, and what must be true after a worker was stopped at it.

The one place that names functions of the program: a point that is never reached fails its tests.
"""

from dataclasses import dataclass


@dataclass(frozen=True)
class End:
    """How a part ends, and its run."""

    requests: int
    """That the sandbox has read."""
    part: str
    charge: str
    """`price`, `nothing` (kept at our cost) or empty, when there is none."""
    has_images: bool
    run: str


GOOD = End(1, "settled", "price", True, "succeeded")
UNKNOWN_UNSENT = End(0, "unknown", "", False, "failed")
UNKNOWN = End(1, "unknown", "", False, "failed")
LATE = End(1, "settled", "nothing", True, "failed")


@dataclass(frozen=True)
class Point:
    function: str
    """In the namespace in which it is looked up."""
    when: str
    """`before` or `after` it, or `within`: when half of its bytes are written."""
    call: int = 1
    killed: End = GOOD
    frozen: End = GOOD
    """It wakes when others have done its work, or have called the outcome unknown."""
    images: int = 1
    steps: int = 1
    in_transaction: bool = False
    """What is written stays locked: the whole file of SQLite, until the worker wakes."""


ATTEMPTS, SPOOL = "imagegen.attempts", "imagegen.attempts.spool:SpoolWriter"
POINTS = {
    "queued": Point("workflows.tasks:advance", "before"),
    "not all planned": Point(f"{ATTEMPTS}.plan:_admit", "after", in_transaction=True),
    "planned": Point(f"{ATTEMPTS}.wake:wake_now", "before"),
    "not all claimed": Point(f"{ATTEMPTS}.claims:_claim", "after", in_transaction=True),
    "claimed": Point(f"{ATTEMPTS}.perform:perform", "before"),
    "spool opened": Point(f"{SPOOL}.__init__", "after"),
    "sending, nothing sent": Point(
        f"{ATTEMPTS}.transport:send", "before", killed=UNKNOWN_UNSENT, frozen=LATE
    ),
    "sent, no answer": Point(f"{SPOOL}.begin", "before", killed=UNKNOWN, frozen=LATE),
    "half of the answer": Point(f"{SPOOL}.write", "within", killed=UNKNOWN, frozen=LATE),
    "all of the answer": Point(f"{SPOOL}.complete", "before"),
    "spool complete": Point(f"{SPOOL}.complete", "after"),
    "received": Point(f"{ATTEMPTS}.perform:settle", "before"),
    "file stored, no row": Point("django.core.files.storage:Storage.save", "after"),
    "first of two stored": Point("imagegen.assets.store:keep", "after", images=2),
    "before closing": Point(f"{ATTEMPTS}.close:with_images", "before"),
    "not all closed": Point(f"{ATTEMPTS}.close:finish_step_run", "after", in_transaction=True),
    "closed": Point(f"{ATTEMPTS}.close:advance", "before"),
    "between two steps": Point(f"{ATTEMPTS}.close:advance", "before", steps=2),
    "second step planned": Point(f"{ATTEMPTS}.wake:wake_now", "before", call=2, steps=2),
}
