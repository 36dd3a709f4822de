"""How long a provider asks us to wait, from the headers of its answer or its own words."""

import re
from collections.abc import Mapping
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime

NUMBER = re.compile(r"[0-9]+(?:\.[0-9]+)?", re.ASCII)
DAY = 86_400.0


def retry_after(headers: Mapping[str, str]) -> float | None:
    """Seconds, one day at most; None when nothing sensible is said. Names are in lower case."""
    milliseconds = _number(headers.get("retry-after-ms", ""))
    if milliseconds is not None:
        return min(milliseconds / 1000, DAY)
    said = headers.get("retry-after", "")
    seconds = _number(said)
    if seconds is None:
        seconds = _until(said, headers.get("date", ""))
    return None if seconds is None else min(seconds, DAY)


def retry_delay(said: str) -> float | None:
    """The same of a length of time as Google writes it in its answers: 41s or 1.5s."""
    seconds = _number(said[:-1]) if said.endswith("s") else None
    return None if seconds is None else min(seconds, DAY)


def _number(text: str) -> float | None:
    return float(text) if NUMBER.fullmatch(text.strip()) else None


def _until(moment: str, now: str) -> float | None:
    """Against the answer's own Date, because the provider's clock may be hours off ours."""
    end, start = _date(moment), _date(now)
    if end is None or start is None or end < start:
        return None
    return (end - start).total_seconds()


def _date(text: str) -> datetime | None:
    try:
        moment = parsedate_to_datetime(text)
        return moment.replace(tzinfo=UTC) if moment.tzinfo is None else moment.astimezone(UTC)
    except (ValueError, TypeError, IndexError, OverflowError):
        return None
