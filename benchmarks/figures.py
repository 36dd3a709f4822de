"""What was measured, beside its limit."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from statistics import median

EMPTY = "An empty signed-in page"
FLOOR = "× the floor"
"""The same requests by one process without queue and rows, in the same run: see floor.py."""
EMPTY_MS = 4
"""What it takes on a machine that has nothing else to do. On one that is slow or busy, a page may
take longer than its limit in the same proportion, and no more; and a rate may be as much lower."""


@dataclass(frozen=True)
class Figure:
    what: str
    value: float | None
    """None when it could not be measured here."""
    unit: str
    limit: float | None = None
    """None for what is told for information."""
    ratio: float | None = None
    """To the server time of an empty signed-in page of the same run; of a rate, how many come in
    that time."""
    at_least: bool = False
    """The limit is the least that is good enough: of a rate."""
    needs: str = ""
    """What this machine has not, and need not have, to measure it."""

    @property
    def verdict(self) -> str:
        if self.limit is None:
            return ""
        if self.value is None and self.needs:
            return f"needs {self.needs}"
        if self.value is not None and self._is_kept(self.value, self.limit):
            return "kept"
        return "kept as a ratio" if self._is_kept_as_ratio else "MISSED"

    def _is_kept(self, value: float, limit: float) -> bool:
        return value >= limit if self.at_least else value <= limit

    @property
    def _is_kept_as_ratio(self) -> bool:
        if not self.limit or not self.ratio:
            return False
        limit = self.limit * EMPTY_MS / 1000 if self.at_least else self.limit / EMPTY_MS
        return self._is_kept(self.ratio, limit)

    @property
    def cells(self) -> tuple[str, str, str, str, str]:
        limit = self._said(self.limit)
        limit = f"≥ {limit}" if self.at_least else limit
        ratio = f"{self.ratio:.1f} ×" if self.ratio else ""
        return self.what, self._said(self.value), limit, ratio, self.verdict

    def _said(self, value: float | None) -> str:
        if value is None:
            return "" if self.limit is None else "not measured"
        digits = 1 if self.unit == "ms" and value < 100 and value is not self.limit else 0
        digits = 2 if self.unit in (FLOOR, "MB each") else digits
        return f"{value:,.{digits}f} {self.unit}".strip()


def rate(what: str, per_second: float, limit: float, empty_seconds: float) -> Figure:
    ratio = per_second * empty_seconds
    return Figure(what, per_second, "a second", limit, ratio, at_least=True)


def server_times(
    seconds: Mapping[str, Sequence[float]], limits: Mapping[str, float]
) -> list[Figure]:
    medians = {what: median(taken) * 1000 for what, taken in seconds.items()}
    return [
        Figure(what, medians[what], "ms", limits.get(what), medians[what] / medians[EMPTY])
        for what in medians
    ]
