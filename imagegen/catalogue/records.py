"""What a model's TOML file says. A value that is not offered here is offered nowhere."""

import re
from datetime import date, timedelta
from itertools import pairwise, zip_longest
from typing import Annotated, Any, Literal, NamedTuple, Self

from pydantic import BaseModel, ConfigDict, Field, NonNegativeInt, PositiveInt, model_validator

from imagegen.providers.contract import Kind

SNAPSHOT = re.compile(r"-(?:\d{4}-\d\d-\d\d|\d{8}|\d{3})\Z", re.ASCII)  # as in …-2026-04-21


def without_date(name: str) -> str:
    """The model that a dated snapshot is of."""
    return SNAPSHOT.sub("", name)


class Record(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid", strict=True)


class Route(Record):
    """Where the provider serves the model; models with the same name of it share host and key."""

    name: str
    """Of the variable that holds another base URL, FETCHHIVE_<NAME>_BASE_URL."""
    base_url: str
    """With the version of the API."""
    sandbox: str = ""
    """The path under which the sandbox simulates it; empty when it does not."""


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
    """Pixels of the image that comes, when the choice decides them."""
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

    def pixels(self, value: Any) -> tuple[int, int] | None:
        """Width and height of the image that a choice brings; None when it does not say."""
        for choice in self.choices:
            if choice.value == value and choice.width and choice.height:
                return choice.width, choice.height
        return None

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
    at_once: PositiveInt = 1
    """The most requests of one run that are under way together."""


class Deadline(Record):
    """Seconds until a request without a complete answer is given up."""

    seconds: PositiveInt
    slow_seconds: PositiveInt | None = None
    """For requests that one of the rules below calls slow."""
    slow_above_count: PositiveInt | None = None
    slow_above_pixels: PositiveInt | None = None
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
    least_multiplier: PositiveInt
    """Below the other where the vendor publishes no formula: between them it may lie."""
    auto_size: str
    auto_quality: str
    """What is counted with where the choice is the model's: the dearest that is plausible."""
    auto_sizes: tuple[str, ...]
    auto_qualities: tuple[str, ...]
    """All that it may pick."""
    rough: bool

    @model_validator(mode="after")
    def _what_is_counted_with_is_among_what_may_be_picked(self) -> Self:
        if self.auto_size not in self.auto_sizes or self.auto_quality not in self.auto_qualities:
            raise ValueError("auto_size and auto_quality must be among what the model may pick")
        if unknown := set(self.auto_qualities) - set(self.factors):
            raise ValueError(f"auto_qualities without a factor: {', '.join(sorted(unknown))}")
        if self.least_multiplier > self.multiplier:
            raise ValueError("least_multiplier is above multiplier")
        return self


class Fixed(Record):
    """Every image has the same number of tokens; 0 where images are priced one by one."""

    kind: Literal["fixed"]
    image_tokens: NonNegativeInt
    rough: bool


class Price(Record):
    """Micro-dollars per million tokens of each kind, or per image. What is not named is free."""

    valid_from: date
    valid_until: date | None = None
    """Its last day, where the provider has named one; else it ends when the next begins."""
    source: str
    read: date
    rates: dict[Kind, NonNegativeInt]
    our_rates: dict[Kind, NonNegativeInt] = {}
    """What the provider bills as well and nobody is charged for."""


class NoPrice(LookupError):
    """The model has no price on that day; says so in a sentence."""


class Period(NamedTuple):
    """Of a price."""

    price: Price
    first: date
    last: date | None
    """None while no end is known."""

    def holds_on(self, day: date) -> bool:
        return self.first <= day and (self.last is None or day <= self.last)


class Model(Record):
    id: str
    provider: str
    wire_id: str
    route: Route
    label: str
    note: str
    """What a person should know of the model that its dates do not say."""
    remark: str = ""
    """What the form says in place of choices that the model does not have."""
    listed: Literal["main", "more"]
    position: int
    """The order in the form; the first of all models is the default."""
    status: Literal["active", "redirected", "retired"]
    released: date | None = None
    """None when the day is not known."""
    retires: date | None = None
    """The day from which the provider does not serve it any more, past or to come."""
    served_by: str = ""
    """The model that answers in place of a redirected one."""
    successor: str
    charge_types: tuple[Literal["hosted", "personal"], ...]
    prompt_max_length: PositiveInt
    count: Count
    settings: dict[str, Setting]
    parameters: dict[str, str] = {}
    """Sent with every request under the provider's names: nobody's choice."""
    stored_as: Literal["", "png"] = ""
    """What every image is converted to; empty when each is kept as it arrives."""
    deadline: Deadline
    storage: Storage
    estimate: Annotated[Formula | Fixed, Field(discriminator="kind")]
    prices: tuple[Price, ...]

    @model_validator(mode="after")
    def _what_has_ended_says_when_and_what_answers_now(self) -> Self:
        if self.status != "active" and not self.retires:
            raise ValueError(f"{self.id} is {self.status}, and retires does not say since when")
        if (self.status == "redirected") != bool(self.served_by):
            raise ValueError(f"{self.id}: redirected models have served_by, and no others")
        return self

    @model_validator(mode="after")
    def _each_day_has_one_price(self) -> Self:
        """From the first one's beginning: a day in between without a price, or with two, is a slip
        in the record, and nobody may be charged by it."""
        periods = self.price_periods
        if not periods:
            raise ValueError(f"{self.id} has no price")
        for price, first, last in periods:
            if last and last < first:
                raise ValueError(f"{self.id}: no day is left for the price from {price.valid_from}")
        for before, after in pairwise(periods):
            named = before.price.valid_until
            if named and named >= after.first:
                raise ValueError(f"{self.id} has two prices on {after.first}")
            if named and named + timedelta(1) < after.first:
                raise ValueError(f"{self.id} has no price after {named} until {after.first}")
        return self

    @property
    def price_periods(self) -> tuple[Period, ...]:
        """From the oldest to the newest, or to come."""
        prices = sorted(self.prices, key=lambda price: price.valid_from)
        begins = [price.valid_from for price in prices]
        ends = [begin - timedelta(1) for begin in begins[1:]]
        return tuple(
            Period(price, price.valid_from, price.valid_until or end)
            for price, end in zip_longest(prices, ends)
        )

    def is_called(self, name: str) -> bool:
        """Whether a name on the wire means this model; dated snapshots of it do."""
        return self.wire_id in (name, without_date(name))

    def status_on(self, day: date) -> str:
        """The status of that day: nobody has to change the record when a date has been reached."""
        if self.retires is None or day < self.retires:
            return "active"
        return "retired" if self.status == "active" else self.status

    def price_on(self, day: date) -> Price:
        for period in reversed(self.price_periods):
            if period.holds_on(day):
                return period.price
        raise NoPrice(
            f"{self.label} has no price on {day.day} {day:%B %Y}, so nobody can say what a run"
            " costs. Choose another model."
        )

    def has_price_on(self, day: date) -> bool:
        return any(period.holds_on(day) for period in self.price_periods)
