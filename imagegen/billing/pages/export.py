"""The statement as CSV, line by line as the database gives it. Its last line is the total."""

import csv
from collections.abc import Iterator
from datetime import datetime
from io import StringIO
from itertools import islice
from typing import Any

from imagegen.billing.pages.filters import Filter

MONEY = (
    "charged_micro", "corrected_micro", "released_micro", "loss_micro", "list_micro", "cost_micro",
)  # fmt: skip
COUNTS = ("parts", "images")
WORDS = {
    "at": "time_utc",
    "workspace__name": "workspace",
    "user__email": "user",
    "workflow__name": "workflow",
    "step_identifier": "step",
    "run_number": "run",
    "provider": "provider",
    "model": "model",
    "charge_type": "charge_type",
    "key_label": "key",
    "outcome": "state",
    "simulated": "simulated",
    "units": "usage",
    "reason": "reason",
    "request_id": "request_id",
    "part_id": "paid_request",
}
DOLLARS = tuple(name.replace("_micro", "_usd") for name in MONEY)
HEADER = (*WORDS.values(), *COUNTS, "net_usd", *DOLLARS, "net_micro", *MONEY)
FORMULA = ("=", "+", "-", "@", "\t", "\r")
AT_ONCE = 500
LINES_A_CHUNK = 100


def rows_of(filter: Filter) -> Iterator[list[Any]]:
    """Newest first, in one query, of which a few lines are in memory at a time."""
    lines = filter.lines().order_by("-at", "-id").values_list(*WORDS, *COUNTS, *MONEY)
    sums = [0] * (len(COUNTS) + len(MONEY))
    yield list(HEADER)
    for line in lines.iterator(chunk_size=AT_ONCE):
        numbers = line[len(WORDS) :]
        sums = [sum + number for sum, number in zip(sums, numbers, strict=True)]
        yield [*map(_word, line[: len(WORDS)]), *_numbers(numbers)]
    yield ["Total", *[""] * (len(WORDS) - 1), *_numbers(sums)]


def csv_of(filter: Filter) -> Iterator[str]:
    """Many lines to a chunk: each is sent by itself."""
    rows = rows_of(filter)
    while some := list(islice(rows, LINES_A_CHUNK)):
        text = StringIO()
        csv.writer(text).writerows(some)
        yield text.getvalue()


def exact(micro: int) -> str:
    """In dollars, to the micro-dollar."""
    whole, rest = divmod(abs(micro), 1_000_000)
    return f"{'-' if micro < 0 else ''}{whole}.{rest:06}"


def _word(value: Any) -> str:
    """A spreadsheet must not take what people typed for a formula."""
    if isinstance(value, str):
        return f"'{value}" if value.startswith(FORMULA) else value
    if isinstance(value, datetime):
        return value.isoformat(timespec="microseconds").replace("+00:00", "Z")
    return "" if value is None else str(value)


def _numbers(numbers: Any) -> list[Any]:
    counts, money = numbers[: len(COUNTS)], numbers[len(COUNTS) :]
    net = money[0] + money[1]
    return [*counts, exact(net), *map(exact, money), net, *money]
