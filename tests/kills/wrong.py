"""The variant that is wrong and must be caught."""

from imagegen.attempts import close
from imagegen.attempts.models import Attempt, Part
from imagegen.attempts.recover import _take_over
from imagegen.errors import Fault


def ask_again(part: Part) -> bool:
    """In the place of `recover._decide`: a request whose worker died is sent once more."""
    if not _take_over(part):
        return False
    attempt = part.attempts.latest("number")
    close.due_again(part, attempt, Attempt.State.UNSENT, Fault.WORKER_LOST, 0)
    return True
