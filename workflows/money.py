"""Money is integers of micro-dollars (10**-6 dollars); how an amount is written, and read."""

import re

PLAIN = re.compile(r"[0-9]+(\.[0-9]*)?|\.[0-9]+")
GROUPED = re.compile(r"[1-9][0-9]{0,2}(,[0-9]{3})+\.[0-9]*|[1-9][0-9]{0,2}(,[0-9]{3}){2,}")
MOST_DOLLARS = 1_000_000


class NotMoney(ValueError):
    """With the reason, in a sentence."""


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
