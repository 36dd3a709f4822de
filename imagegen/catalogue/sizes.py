"""Which rule a size typed by hand breaks, and the nearest size that breaks none."""

import re
from collections.abc import Iterator

from imagegen.catalogue.records import SizeRules

WRITTEN = re.compile(r"([1-9][0-9]{0,4})x([1-9][0-9]{0,4})", re.ASCII)


def dimensions(size: str) -> tuple[int, int] | None:
    """Width and height of "1536x1024"; None for words such as "auto" and for ratios."""
    match = WRITTEN.fullmatch(size)
    return (int(match[1]), int(match[2])) if match else None


def broken_rules(width: int, height: int, rules: SizeRules) -> Iterator[str]:
    longer, shorter, pixels = max(width, height), min(width, height), width * height
    if width % rules.multiple or height % rules.multiple:
        yield f"both sides must be multiples of {rules.multiple}"
    if longer > rules.longest_edge:
        yield f"the longer side must be at most {rules.longest_edge} pixels"
    if longer > shorter * rules.ratio:
        yield f"the longer side must be at most {rules.ratio} times the shorter"
    if pixels < rules.minimum_pixels:
        yield f"it must have at least {rules.minimum_pixels:,} pixels in all, not {pixels:,}"
    if pixels > rules.maximum_pixels:
        yield f"it must have at most {rules.maximum_pixels:,} pixels in all, not {pixels:,}"


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
