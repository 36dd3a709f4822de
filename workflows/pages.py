"""Rows page by page, newest first, by the number of their run: as fast on the last page as on the
first, and no row is skipped or shown twice while new ones arrive."""

from dataclasses import dataclass
from operator import attrgetter
from typing import Any, Generic, TypeVar

from django.db.models import Model, QuerySet

ROWS_PER_PAGE = 50

Row = TypeVar("Row", bound=Model)


@dataclass(frozen=True)
class Page(Generic[Row]):
    rows: list[Row]
    newer: int | None = None
    """What the next newer page comes `after`; None when this is the newest."""
    older: int | None = None
    """What the next older page comes `before`."""


def number_in(text: str | None) -> int | None:
    """What an address says, when it is a number that a run can have."""
    is_number = text and text.isascii() and text.isdecimal() and len(text) < 10
    return int(text) if text and is_number else None


def page_of(
    rows: QuerySet[Row], key: str, before: str = "", after: str = "", most: int = ROWS_PER_PAGE
) -> Page[Row]:
    """`key` leads from a row to its number. What is no number in `before` and `after` is as good
    as nothing."""
    shown = _shown(rows, key, number_in(before), number_in(after), most)
    if not shown:
        return Page([])
    number = attrgetter(key.replace("__", "."))
    first, last = number(shown[0]), number(shown[-1])
    return Page(
        shown,
        newer=first if _where(rows, key, "gt", first).exists() else None,
        older=last if _where(rows, key, "lt", last).exists() else None,
    )


def _shown(
    rows: QuerySet[Row], key: str, before: int | None, after: int | None, most: int
) -> list[Row]:
    if after is not None and before is None:
        oldest_first = _where(rows, key, "gt", after).order_by(key)
        return list(oldest_first[:most])[::-1]
    if before is not None:
        rows = _where(rows, key, "lt", before)
    return list(rows.order_by(f"-{key}")[:most])


def _where(rows: QuerySet[Row], key: str, than: str, number: int) -> QuerySet[Row]:
    condition: dict[str, Any] = {f"{key}__{than}": number}
    return rows.filter(**condition)
