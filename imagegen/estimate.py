"""What a run will cost, what is held for it, what it did cost, and the room that it needs."""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import date

from imagegen.billing.prices import Line, lines_for, total_micro
from imagegen.catalogue.records import Fixed, Formula
from imagegen.catalogue.sizes import dimensions
from imagegen.config import Config
from imagegen.providers.contract import Usage
from workflows.money import Figure

WRAPPING_TOKENS = 64


@dataclass(frozen=True)
class Estimate:
    lines: tuple[Line, ...]
    """Those of the likely amount."""
    figure: Figure
    worst_micro: int
    """The most it can cost; held before the provider is called."""
    left_open: tuple[str, ...]
    """Why the figure is a range, or rough."""

    @property
    def counts_the_dearest(self) -> bool:
        return self.figure.is_range and self.figure.likely == self.figure.high


def estimate(config: Config, prompt: str, on: date) -> Estimate:
    """Between the least and the most that the model may pick, and never above what is held."""
    rates = config.record.price_on(on).rates
    least, likely, most = _image_tokens(config)

    def lines(text_tokens: int, image_tokens: int) -> tuple[Line, ...]:
        return lines_for(rates, _usage(config, text_tokens, image_tokens), config.image_count)

    text = _likely_tokens(prompt)
    expected, worst = lines(text, likely), total_micro(lines(_most_tokens(prompt), likely))
    total = total_micro(expected)
    low = min(total, total_micro(lines(text, least)))
    high = max(total, min(worst, total_micro(lines(text, most))))
    figure = Figure(total, low, high, is_exact="image" in rates)
    return Estimate(expected, figure, worst, tuple(_left_open(config)))


def charge_lines(
    config: Config, usage: Usage | None, on: date, *, prompt: str, images: int | None = None
) -> tuple[Line, ...]:
    """What the images that came (all that were asked for, unless said) cost. Without a usage it is
    the estimate for as many; the caller caps that at what is held and flags it."""
    made = config if images is None else config.model_copy(update={"image_count": images})
    counted = usage or _usage(made, _likely_tokens(prompt), _image_tokens(made)[1])
    return lines_for(config.record.price_on(on).rates, counted, made.image_count)


def shared_out(usage: Usage | None, stored: int, came: int) -> tuple[Usage | None, Usage]:
    """The usage that the customer is charged for, and ours: of an answer with images that could
    not be stored, those are ours, and so are words and thoughts. The prompt is the customer's."""
    if usage is None:
        return None, Usage()
    made = -(-usage.image_out * stored // came)
    ours = Usage(image_out=usage.image_out - made, text_out=usage.text_out)
    return replace(usage, image_out=made), ours


def our_lines(config: Config, ours: Usage, on: date, images: int = 0) -> tuple[Line, ...]:
    """What the provider bills as well and nobody is charged for."""
    price = config.record.price_on(on)
    return lines_for(price.rates | price.our_rates, ours, images)


def reserve_bytes(config: Config) -> int:
    """The most that all images of the run can need."""
    storage = config.record.storage
    width, height = config.dimensions or (storage.auto_pixels, 1)
    largest = max(storage.bytes_per_pixel.values())
    per_pixel = storage.bytes_per_pixel.get(config.chosen("image_output_format"), largest)
    return config.image_count * (width * height * per_pixel + storage.overhead_bytes)


def _usage(config: Config, text_tokens: int, image_tokens: int) -> Usage:
    calls = 1 if config.record.count.one_call else config.image_count
    return Usage(text_in=calls * text_tokens, image_out=config.image_count * image_tokens)


def _likely_tokens(prompt: str) -> int:
    return -(-len(prompt) // 4)


def _most_tokens(prompt: str) -> int:
    """A token stands for at least one byte; some more may wrap the prompt."""
    return len(prompt.encode("utf-8", "surrogatepass")) + WRAPPING_TOKENS


def _left_open(config: Config) -> Iterator[str]:
    """What cannot be known beforehand, in words; by the record alone."""
    rule = config.record.estimate
    if isinstance(rule, Formula):
        sizes, qualities = _picked(rule, config)
        picked = {"size": len(sizes) > 1, "quality": len(qualities) > 1}
        if names := [f"the {name}" for name, is_open in picked.items() if is_open]:
            yield f"the model picks {' and '.join(names)}"
    if rule.rough:
        yield "the vendor publishes no formula for this model"


def _image_tokens(config: Config) -> tuple[int, int, int]:
    """Of one image: the fewest, those that are counted with, and the most."""
    rule = config.record.estimate
    if isinstance(rule, Fixed):
        return rule.image_tokens, rule.image_tokens, rule.image_tokens
    size = config.dimensions or dimensions(rule.auto_size) or (0, 0)
    factor = rule.factors.get(config.chosen("image_quality"), rule.factors[rule.auto_quality])
    sizes, qualities = _picked(rule, config)
    each = [_tokens(size, rule.factors[quality]) for size in sizes for quality in qualities]
    likely = rule.multiplier * _tokens(size, factor)
    return rule.least_multiplier * min(each), likely, rule.multiplier * max(each)


def _picked(rule: Formula, config: Config) -> tuple[list[tuple[int, int]], tuple[str, ...]]:
    """The sizes and qualities that may come: the chosen one, or those the model may pick."""
    asked, quality = config.dimensions, config.chosen("image_quality")
    sizes = [asked] if asked else [size for size in map(dimensions, rule.auto_sizes) if size]
    return sizes, (quality,) if quality in rule.factors else rule.auto_qualities


def _tokens(size: tuple[int, int], factor: int) -> int:
    width, height = size
    longer, shorter = max(size), min(size)
    across = (2 * factor * shorter + longer) // (2 * longer)
    return -(-factor * across * (2_000_000 + width * height) // 4_000_000)
