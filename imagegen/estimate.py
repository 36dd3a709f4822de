"""What a run will cost, what is held for it, what it did cost, and the room that it needs."""

from dataclasses import dataclass, replace
from datetime import date

from imagegen.billing.prices import Line, lines_for, total_micro
from imagegen.catalogue.records import Fixed, Formula
from imagegen.catalogue.sizes import dimensions
from imagegen.config import Config
from imagegen.providers.contract import Usage

WRAPPING_TOKENS = 64


@dataclass(frozen=True)
class Estimate:
    lines: tuple[Line, ...]
    total_micro: int
    rough: bool
    """Whether the provider publishes no way to tell the cost beforehand."""
    worst_micro: int
    """The most it can cost; held before the provider is called."""


def estimate(config: Config, prompt: str, on: date) -> Estimate:
    rates = config.record.price_on(on).rates
    lines = lines_for(rates, _usage(config, _likely_tokens(prompt)), config.image_count)
    worst = lines_for(rates, _usage(config, _most_tokens(prompt)), config.image_count)
    return Estimate(lines, total_micro(lines), config.record.estimate.rough, total_micro(worst))


def charge_lines(
    config: Config, usage: Usage | None, on: date, *, prompt: str, images: int | None = None
) -> tuple[Line, ...]:
    """What the images that came (all that were asked for, unless said) cost. Without a usage it is
    the estimate for as many; the caller caps that at what is held and flags it."""
    made = config if images is None else config.model_copy(update={"image_count": images})
    counted = usage or _usage(made, _likely_tokens(prompt))
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


def _usage(config: Config, text_tokens: int) -> Usage:
    calls = 1 if config.record.count.one_call else config.image_count
    return Usage(text_in=calls * text_tokens, image_out=config.image_count * _image_tokens(config))


def _likely_tokens(prompt: str) -> int:
    return -(-len(prompt) // 4)


def _most_tokens(prompt: str) -> int:
    """A token stands for at least one byte; some more may wrap the prompt."""
    return len(prompt.encode("utf-8", "surrogatepass")) + WRAPPING_TOKENS


def _image_tokens(config: Config) -> int:
    rule = config.record.estimate
    return rule.image_tokens if isinstance(rule, Fixed) else _formula_tokens(rule, config)


def _formula_tokens(rule: Formula, config: Config) -> int:
    width, height = config.dimensions or dimensions(rule.auto_size) or (0, 0)
    quality = config.chosen("image_quality")
    factor = rule.factors.get(quality, rule.factors[rule.auto_quality])
    longer, shorter = max(width, height), min(width, height)
    across = (2 * factor * shorter + longer) // (2 * longer)
    tokens = -(-factor * across * (2_000_000 + width * height) // 4_000_000)
    return rule.multiplier * tokens
