"""From units and rates to money. Rates are micro-dollars, lines are exact in pico-dollars."""

from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass, replace

from imagegen.providers.contract import Kind, Usage

PICO_PER_MICRO = 1_000_000
TICKS_PER_MICRO = 10_000
PER_MILLION_TOKENS = "1M tokens"
PER_IMAGE = "image"
NAMES: dict[Kind, str] = {
    "text_in": "text in tokens",
    "image_in": "image in tokens",
    "image_out": "image out tokens",
    "text_out": "text out tokens",
    "image": "images",
}


@dataclass(frozen=True)
class Line:
    what: str
    units: int
    rate: int
    """Micro-dollars."""
    unit: str
    """What the rate is for: PER_MILLION_TOKENS or PER_IMAGE."""
    amount_pico: int

    @property
    def text(self) -> str:
        what = self.what.removesuffix("s") if self.units == 1 else self.what
        per = "/1M" if self.unit == PER_MILLION_TOKENS else " each"
        return f"{self.units:,} {what} × {_rate(self.rate)}{per}"


def lines_for(rates: Mapping[Kind, int], usage: Usage, images: int = 0) -> tuple[Line, ...]:
    """A line for everything that was used and has a rate; what has no rate is not charged."""
    units = {**asdict(usage), "image": images}
    return tuple(_line(kind, units[kind], rate) for kind, rate in rates.items() if units[kind])


def added_up(lines: Iterable[Line]) -> list[Line]:
    """Lines of several charges, with those that differ only in their number made one."""
    sums: dict[tuple[str, int, str], Line] = {}
    for line in lines:
        key = (line.what, line.rate, line.unit)
        before = sums.get(key, replace(line, units=0, amount_pico=0))
        units, amount = before.units + line.units, before.amount_pico + line.amount_pico
        sums[key] = replace(line, units=units, amount_pico=amount)
    return list(sums.values())


def rate_of(kind: Kind, micro: int) -> str:
    return f"{_rate(micro)} {'each' if kind == 'image' else 'per 1M'}"


def total_micro(lines: Iterable[Line]) -> int:
    """The sum in micro-dollars, rounded up once."""
    return -(-sum(line.amount_pico for line in lines) // PICO_PER_MICRO)


def in_micro(ticks: int) -> int:
    """Ticks are 10**-10 dollars; rounded up, as charges are."""
    return -(-ticks // TICKS_PER_MICRO)


def cents(micro: int) -> str:
    """What is left to spend, to the cent, never rounded up."""
    whole, rest = divmod(max(0, micro) // 10_000, 100)
    return f"${whole:,}.{rest:02}"


def _line(kind: Kind, units: int, rate: int) -> Line:
    if kind == "image":
        return Line(NAMES[kind], units, rate, PER_IMAGE, units * rate * PICO_PER_MICRO)
    # Micro-dollars per million tokens are pico-dollars per token.
    return Line(NAMES[kind], units, rate, PER_MILLION_TOKENS, units * rate)


def _rate(micro: int) -> str:
    whole, rest = divmod(micro, 1_000_000)
    if not rest:
        return f"${whole:,}"
    return f"${whole:,}.{f'{rest:06}'.rstrip('0').ljust(2, '0')}"
