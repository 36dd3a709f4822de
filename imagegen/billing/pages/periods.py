"""Which days a bill is about. Days are UTC."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta

from django.utils.timezone import now

NAMES = {
    "7": "Last 7 days",
    "30": "Last 30 days",
    "90": "Last 90 days",
    "this_month": "This month",
    "last_month": "Last month",
    "days": "From … to …",
}
USUAL = "30"
MOST_DAYS = 366
KNOWN_YEARS = range(2020, 2101)


class NoPeriod(Exception):
    """With the reason, in a sentence."""


@dataclass(frozen=True)
class Period:
    name: str
    first: date
    last: date

    @property
    def days(self) -> int:
        return (self.last - self.first).days + 1

    @property
    def start(self) -> datetime:
        return datetime.combine(self.first, time(), UTC)

    @property
    def end(self) -> datetime:
        """The first instant that is no longer in it."""
        return datetime.combine(self.last + timedelta(1), time(), UTC)

    @property
    def each_day(self) -> list[date]:
        return [self.first + timedelta(number) for number in range(self.days)]

    @property
    def before(self) -> "Period":
        """As many days, right before it."""
        day_before = self.first - timedelta(1)
        return Period("days", day_before - timedelta(self.days - 1), day_before)

    @property
    def label(self) -> str:
        """In the middle of a sentence."""
        if self.name == "days":
            return f"{self.first:%Y-%m-%d} to {self.last:%Y-%m-%d}"
        return NAMES[self.name].lower()

    def asked(self) -> dict[str, str]:
        """As an address says it; the usual one needs no words."""
        if self.name == "days":
            return {"period": "days", "from": str(self.first), "to": str(self.last)}
        return {} if self.name == USUAL else {"period": self.name}


def period_of(asked: Mapping[str, str]) -> Period:
    """Raises NoPeriod when the address asks for none that we know."""
    name = asked.get("period") or USUAL
    if name not in NAMES:
        raise NoPeriod(f"There is no period “{name[:40]}”: the last 30 days are shown.")
    return _chosen(asked) if name == "days" else named(name)


def named(name: str) -> Period:
    today = now().date()
    month = today.replace(day=1)
    if name == "this_month":
        return Period(name, month, today)
    if name == "last_month":
        last = month - timedelta(1)
        return Period(name, last.replace(day=1), last)
    return Period(name, today - timedelta(int(name) - 1), today)


def of_day(day: date) -> Period:
    return Period("days", day, day)


def _chosen(asked: Mapping[str, str]) -> Period:
    try:
        first, last = (date.fromisoformat(asked.get(end, "")) for end in ("from", "to"))
    except ValueError:
        raise NoPeriod(
            "Give a first and a last day, like 2026-11-01: the last 30 days are shown."
        ) from None
    if first > last:
        raise NoPeriod("The first day is after the last one: the last 30 days are shown.")
    if first.year not in KNOWN_YEARS or last.year not in KNOWN_YEARS:
        raise NoPeriod("Nothing was billed in these years: the last 30 days are shown.")
    if (last - first).days >= MOST_DAYS:
        raise NoPeriod(f"At most {MOST_DAYS} days are shown at once: these are the last 30.")
    return Period("days", first, last)
