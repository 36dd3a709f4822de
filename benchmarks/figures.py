"""What was measured, beside its limit."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from statistics import median

EMPTY = "An empty signed-in page"
EMPTY_MS = 4
"""What it takes on a machine that has nothing else to do. On one that is slow or busy, a page may
take longer than its limit in the same proportion, and no more."""


@dataclass(frozen=True)
class Figure:
    what: str
    value: float | None
    """None when it could not be measured here."""
    unit: str
    limit: float | None = None
    """None for what is told for information."""
    ratio: float | None = None
    """To the server time of an empty signed-in page of the same run."""

    @property
    def verdict(self) -> str:
        if self.limit is None:
            return ""
        if self.value is not None and self.value <= self.limit:
            return "kept"
        return "kept as a ratio" if self._is_kept_as_ratio else "MISSED"

    @property
    def _is_kept_as_ratio(self) -> bool:
        return bool(self.limit and self.ratio and self.ratio <= self.limit / EMPTY_MS)

    @property
    def cells(self) -> tuple[str, str, str, str, str]:
        ratio = f"{self.ratio:.1f} ×" if self.ratio else ""
        return self.what, self._said(self.value), self._said(self.limit), ratio, self.verdict

    def _said(self, value: float | None) -> str:
        if value is None:
            return "" if self.limit is None else "not measured"
        digits = 1 if self.unit == "ms" and value < 100 and value is not self.limit else 0
        return f"{value:,.{digits}f} {self.unit}".strip()


def server_times(
    seconds: Mapping[str, Sequence[float]], limits: Mapping[str, float]
) -> list[Figure]:
    medians = {what: median(taken) * 1000 for what, taken in seconds.items()}
    return [
        Figure(what, medians[what], "ms", limits.get(what), medians[what] / medians[EMPTY])
        for what in medians
    ]
