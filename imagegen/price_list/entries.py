"""The models and their prices, as people read them."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date

from imagegen import catalogue
from imagegen.billing.prices import NAMES, rate_of
from imagegen.catalogue.life import life
from imagegen.catalogue.records import ChoiceSetting, Deadline, Model, Period, Setting
from imagegen.catalogue.sizes import checked
from imagegen.providers import registry
from imagegen.providers.contract import Kind


@dataclass(frozen=True)
class Dated:
    """A price and the days on which it counts."""

    period: Period
    today: date

    @property
    def is_current(self) -> bool:
        return self.period.holds_on(self.today)

    @property
    def is_to_come(self) -> bool:
        return self.period.first > self.today

    @property
    def rates(self) -> list[tuple[str, str]]:
        return _rates(self.period.price.rates)

    @property
    def our_rates(self) -> list[tuple[str, str]]:
        """Billed to us as well, and charged to nobody."""
        return _rates(self.period.price.our_rates)


@dataclass(frozen=True)
class Entry:
    model: Model
    today: date

    @property
    def provider(self) -> str:
        return registry.get(self.model.provider).label

    @property
    def status(self) -> str:
        return self.model.status_on(self.today)

    @property
    def life(self) -> str:
        """What a person should know of it before choosing it."""
        model = self.model
        said = life(model, self.today) or model.note
        return " ".join(filter(None, [said, model.remark]))

    @property
    def is_default(self) -> bool:
        return self.model == catalogue.default_model()

    @property
    def charge_types(self) -> str:
        return " or ".join(name.capitalize() for name in self.model.charge_types)

    @property
    def limits(self) -> dict[str, str]:
        model = self.model
        return {
            "Prompt": f"up to {model.prompt_max_length:,} characters",
            model.count.label: _count(model),
            "Stored": f"as {model.stored_as.upper() or 'it arrives'}",
            "Given up after": _deadline(model.deadline),
        }

    @property
    def settings(self) -> list[tuple[Setting, str]]:
        """Each with what it allows."""
        return [(setting, _allowed(setting)) for setting in self.model.settings.values()]

    @property
    def always_sent(self) -> str:
        return ", ".join(f"{name}: {value}" for name, value in self.model.parameters.items())

    @property
    def prices(self) -> list[Dated]:
        """The newest first, or what is to come."""
        return [Dated(period, self.today) for period in reversed(self.model.price_periods)]


def entries(today: date) -> list[Entry]:
    return [Entry(model, today) for model in catalogue.models()]


def _rates(rates: Mapping[Kind, int]) -> list[tuple[str, str]]:
    return [(NAMES[kind].capitalize(), rate_of(kind, micro)) for kind, micro in rates.items()]


def _count(model: Model) -> str:
    count = model.count
    requests = (
        "one request for all" if count.one_call else f"a request each, {count.at_once} at once"
    )
    return f"{count.minimum} to {count.maximum}, {requests}"


def _deadline(deadline: Deadline) -> str:
    usual = f"{deadline.seconds} s without a complete answer"
    slow = deadline.slow_seconds
    return f"{usual}, {slow} s for what takes longer" if slow else usual


def _allowed(setting: Setting) -> str:
    if isinstance(setting, ChoiceSetting):
        return "; ".join([", ".join(setting.values), *_rules(setting)])
    return f"{setting.minimum} to {setting.maximum}"


def _rules(setting: ChoiceSetting) -> Iterator[str]:
    """Of sizes typed by hand."""
    if setting.custom:
        rules = [each.rule for each in checked(None, setting.custom)]
        yield f"or a custom size: {', '.join(rules)}"
