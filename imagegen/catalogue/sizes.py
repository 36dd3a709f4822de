"""Which rule a size typed by hand breaks, and the nearest size that breaks none."""

import re
from collections.abc import Iterator
from dataclasses import dataclass

from imagegen.catalogue.records import SizeRules

WRITTEN = re.compile(r"([1-9][0-9]{0,4})x([1-9][0-9]{0,4})", re.ASCII)


def dimensions(size: str) -> tuple[int, int] | None:
    """Width and height of "1536x1024"; None for words such as "auto" and for ratios."""
    match = WRITTEN.fullmatch(size)
    return (int(match[1]), int(match[2])) if match else None


@dataclass(frozen=True)
class Checked:
    """A rule, and whether a size keeps it; None while there is no size."""

    rule: str
    is_kept: bool | None
    found: str = ""
    """What the size has instead, where that is not seen at once."""


def checked(size: tuple[int, int] | None, rules: SizeRules) -> Iterator[Checked]:
    longer, shorter = max(size or (0, 0)), min(size or (0, 0))
    pixels = longer * shorter
    is_multiple = not longer % rules.multiple and not shorter % rules.multiple
    kept = {
        f"both sides must be multiples of {rules.multiple}": is_multiple,
        f"the longer side must be at most {rules.longest_edge} pixels": longer
        <= rules.longest_edge,
        f"the longer side must be at most {rules.ratio} times the shorter": longer
        <= shorter * rules.ratio,
    }
    for rule, is_kept in kept.items():
        yield Checked(rule, is_kept if size else None)
    least, most = rules.minimum_pixels, rules.maximum_pixels
    for word, limit, is_kept in (("least", least, pixels >= least), ("most", most, pixels <= most)):
        rule = f"it must have at {word} {limit:,} pixels in all"
        yield Checked(rule, is_kept if size else None, f", not {pixels:,}")


def broken_rules(width: int, height: int, rules: SizeRules) -> Iterator[str]:
    for each in checked((width, height), rules):
        if not each.is_kept:
            yield each.rule + each.found


def nearest(width: int, height: int, rules: SizeRules) -> str | None:
    """The legal size closest to this one, the larger of two equally close; None if none exists."""

    def how_far(legal: tuple[int, int]) -> tuple[int, int]:
        w, h = legal
        return (w - width) ** 2 + (h - height) ** 2, -w * h

    best = min(_closest_in_each_column(height, rules), key=how_far, default=None)
    return f"{best[0]}x{best[1]}" if best else None


def _closest_in_each_column(height: int, rules: SizeRules) -> Iterator[tuple[int, int]]:
    step = rules.multiple
    for width in range(step, rules.longest_edge + 1, step):
        least = max(-(-rules.minimum_pixels // width), -(-width // rules.ratio))
        most = min(rules.maximum_pixels // width, width * rules.ratio, rules.longest_edge)
        lowest, highest = -(-least // step) * step, most // step * step
        if lowest <= highest:
            rounded = (height + step // 2) // step * step
            yield width, min(max(rounded, lowest), highest)
