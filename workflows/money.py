"""Money is integers of micro-dollars (10**-6 dollars); how an amount is written, and read."""

import re
from dataclasses import dataclass
from typing import Self

PLAIN = re.compile(r"[0-9]+(\.[0-9]*)?|\.[0-9]+")
GROUPED = re.compile(r"[1-9][0-9]{0,2}(,[0-9]{3})+\.[0-9]*|[1-9][0-9]{0,2}(,[0-9]{3}){2,}")
MOST_DOLLARS = 1_000_000


class NotMoney(ValueError):
    """With the reason, in a sentence."""


@dataclass(frozen=True)
class Figure:
    """What something will cost, before it does: the likely amount, and where more than the wording
    decides, the least and the most."""

    likely: int
    low: int
    high: int
    is_exact: bool = False

    def __add__(self, other: Self) -> Self:
        return type(self)(
            self.likely + other.likely,
            self.low + other.low,
            self.high + other.high,
            self.is_exact and other.is_exact,
        )

    @property
    def is_range(self) -> bool:
        return self.low != self.high

    @property
    def range_text(self) -> str:
        """Empty when there is none."""
        return between(self.low, self.high) if self.is_range else ""

    @property
    def likely_text(self) -> str:
        return f"{'' if self.is_exact else '≈ '}{dollars(self.likely)}"

    @property
    def text(self) -> str:
        return f"≈ {self.range_text}" if self.is_range else self.likely_text


def between(low: int, high: int) -> str:
    """From one amount to another; one amount when both are written the same."""
    least, most = dollars(low), dollars(high)
    return least if least == most else f"{least}\u2013{most.removeprefix('$')}"


def dollars(micro: int) -> str:
    """Whole cents from a dollar on have two places, everything else has four."""
    if not micro:
        return "$0.00"
    is_whole = abs(micro) >= 1_000_000 and micro % 10_000 == 0
    return in_column(micro)[:-2] if is_whole else in_column(micro)


def in_column(micro: int) -> str:
    """Always with four places, so that the points of a column stand below each other."""
    sign, micro = ("-", -micro) if micro < 0 else ("", micro)
    if 0 < micro < 100:
        return "> -$0.0001" if sign else "< $0.0001"
    whole, tenths_of_mills = divmod((micro + 50) // 100, 10_000)
    return f"{sign}${whole:,}.{tenths_of_mills:04}"


def micro_of(typed: str) -> int:
    """Of dollars as people type them: 0.084 or $1,234.50. A comma that could be a decimal point is
    refused. Raises NotMoney."""
    text = typed.strip().removeprefix("$").strip()
    if text.startswith(("-", "\N{MINUS SIGN}")):
        raise NotMoney("An amount is never negative.")
    if "," in text and not GROUPED.fullmatch(text):
        raise NotMoney(
            "A comma can be read in two ways here. Write dollars and a point, like 1.50."
        )
    text = text.replace(",", "")
    if not PLAIN.fullmatch(text):
        raise NotMoney("Type an amount in dollars, like 0.084.")
    return _in_micro(text)


def _in_micro(text: str) -> int:
    whole, _, fraction = text.partition(".")
    if len(fraction.rstrip("0")) > 6:
        raise NotMoney("At most six digits after the point: money is counted in micro-dollars.")
    digits = whole.lstrip("0")[:8] or "0"  # one more than the most has is too much already
    micro = int(digits) * 1_000_000 + int(fraction[:6].ljust(6, "0"))
    if micro > MOST_DOLLARS * 1_000_000:
        raise NotMoney(f"That is more than ${MOST_DOLLARS:,}. Type a smaller amount.")
    return micro
