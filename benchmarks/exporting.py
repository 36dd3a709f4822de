"""How fast the statement is exported and what memory that takes, in a process of its own: its peak
is that of nothing else. `python -m benchmarks.exporting E-MAIL`."""

import json
import resource
import subprocess
import sys
from collections.abc import Iterable
from dataclasses import asdict, dataclass
from time import perf_counter
from typing import TYPE_CHECKING, Any

from benchmarks.started import REPOSITORY

if TYPE_CHECKING:
    from django.test import Client

KILO = 1024 if sys.platform == "linux" else 1024 * 1024
"""Of what the system tells the peak in, so many are a megabyte."""


@dataclass(frozen=True)
class Export:
    rows: int
    seconds: float
    megabytes: float
    """By which the peak grew, over that of the export of a single day."""


def in_a_process_of_its_own(staff: str) -> Export:
    command = [sys.executable, "-m", "benchmarks.exporting", staff]
    return Export(**json.loads(subprocess.check_output(command, cwd=REPOSITORY, text=True)))


def main() -> None:
    import django

    django.setup()
    print(json.dumps(asdict(_exported(sys.argv[1]))))


def _exported(staff: str) -> Export:
    from benchmarks.asking import browser_of
    from workflows.models import User

    browser = browser_of(User.objects.get(email=staff))
    today = _today()
    _rows(browser, period="days", **{"from": today, "to": today})
    before, began = _peak(), perf_counter()
    rows = _rows(browser, period="30")
    return Export(rows, perf_counter() - began, _peak() - before)


def _rows(browser: "Client", **asked: str) -> int:
    """As many lines as there are between the head and the total."""
    from django.urls import reverse

    answer: Any = browser.get(reverse("imagegen:billing-csv"), asked)
    chunks: Iterable[bytes] = answer.streaming_content
    return sum(chunk.count(b"\n") for chunk in chunks) - 2


def _today() -> str:
    from django.utils.timezone import now

    return str(now().date())


def _peak() -> float:
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / KILO


if __name__ == "__main__":
    main()
