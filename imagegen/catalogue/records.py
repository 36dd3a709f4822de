"""What a model's TOML file says. A value that is not offered here is offered nowhere."""

from datetime import date
from typing import Annotated, Literal, Self

from pydantic import BaseModel, ConfigDict, Field, NonNegativeInt, PositiveInt, model_validator

from imagegen.billing.prices import Kind


class Record(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid", strict=True)


class SizeRules(Record):
    """What a size typed by hand must keep to."""

    multiple: PositiveInt
    longest_edge: PositiveInt
    ratio: PositiveInt
    minimum_pixels: PositiveInt
    maximum_pixels: PositiveInt
    example: str


class Choice(Record):
    value: str
    label: str
    hint: str = ""
    width: PositiveInt | None = None
    height: PositiveInt | None = None


class ChoiceSetting(Record):
    kind: Literal["choice"]
    label: str
    parameter: str
    """What the provider calls this setting."""
    default: str
    choices: tuple[Choice, ...]
    custom: SizeRules | None = None

    @property
    def values(self) -> tuple[str, ...]:
        return tuple(choice.value for choice in self.choices)

    @model_validator(mode="after")
    def _the_default_is_offered(self) -> Self:
        if self.default not in self.values:
            raise ValueError(f"{self.label}: the default {self.default} is not among the choices")
        return self


class RangeSetting(Record):
    kind: Literal["range"]
    label: str
    parameter: str
    default: int
    minimum: int
    maximum: int


Setting = Annotated[ChoiceSetting | RangeSetting, Field(discriminator="kind")]


class Count(Record):
    label: str
    minimum: PositiveInt
    maximum: PositiveInt
    default: PositiveInt
    one_call: bool
    """Whether one request returns all images; else there is one request per image."""


class Deadline(Record):
    """Seconds until a request without a complete answer is given up."""

    seconds: PositiveInt
    slow_seconds: PositiveInt
    slow_above_count: PositiveInt
    slow_above_pixels: PositiveInt
    slow_values: dict[str, tuple[str, ...]] = {}


class Storage(Record):
    """The most that one image can need; for settings without a format, the largest counts."""

    bytes_per_pixel: dict[str, PositiveInt]
    overhead_bytes: NonNegativeInt
    auto_pixels: PositiveInt
    """For a size that is not given in pixels."""


class Formula(Record):
    """Image tokens grow with size and quality."""

    kind: Literal["formula"]
    factors: dict[str, PositiveInt]
    multiplier: PositiveInt
    auto_size: str
    auto_quality: str
    rough: bool


class Fixed(Record):
    """Every image has the same number of tokens; 0 where images are priced one by one."""

    kind: Literal["fixed"]
    image_tokens: NonNegativeInt
    rough: bool


class Price(Record):
    """Micro-dollars per million tokens of each kind, or per image. What is not named is free."""

    valid_from: date
    source: str
    read: date
    rates: dict[Kind, NonNegativeInt]


class NoPrice(LookupError):
    """The model had no price on that day."""


class Model(Record):
    id: str
    provider: str
    wire_id: str
    route: str
    """A key of settings.PROVIDER_ROUTES."""
    label: str
    note: str
    listed: Literal["main", "more"]
    position: int
    """The order in the form; the first of all models is the default."""
    status: Literal["active", "redirected", "retired"]
    released: date
    retires: date | None = None
    successor: str
    charge_types: tuple[Literal["hosted", "personal"], ...]
    prompt_max_length: PositiveInt
    count: Count
    settings: dict[str, Setting]
    deadline: Deadline
    storage: Storage
    estimate: Annotated[Formula | Fixed, Field(discriminator="kind")]
    prices: tuple[Price, ...]

    def price_on(self, day: date) -> Price:
        valid = [price for price in self.prices if price.valid_from <= day]
        if not valid:
            raise NoPrice(f"{self.id} has no price on {day}")
        return max(valid, key=lambda price: price.valid_from)
