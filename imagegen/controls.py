"""What the form draws: options of the model's record, with reasons for what cannot be chosen."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from django.utils.timezone import now

from imagegen import catalogue
from imagegen.billing.keys import standing
from imagegen.catalogue.records import ChoiceSetting, Model, Setting
from imagegen.catalogue.sizes import Checked, checked, dimensions
from imagegen.choices import hosted_only
from imagegen.providers import registry

CUSTOM = "custom"
CUSTOM_SIDES = ("custom_width", "custom_height")

Reasons = Mapping[tuple[str, str | None], str]
"""Why a value of a setting (or all of it: None) cannot be chosen now."""


@dataclass
class Option:
    value: str
    label: str
    hint: str
    is_chosen: bool
    reason: str = ""
    """Why it cannot be chosen now."""
    width: int | None = None
    height: int | None = None

    @property
    def key(self) -> str:
        """Of the value, what may stand in an id that styles and scripts look for."""
        return self.value.replace(":", "-")


@dataclass
class Control:
    """One setting as it is drawn."""

    name: str
    label: str
    shape: str
    value: Any
    options: list[Option] = field(default_factory=list)
    minimum: int | None = None
    maximum: int | None = None
    reason: str = ""
    """Why the whole control is disabled."""
    note: str = ""
    """What was changed in it because of another choice."""
    errors: list[str] = field(default_factory=list)
    custom_width: Any = ""
    custom_height: Any = ""
    rules: list[Checked] = field(default_factory=list)
    """What a custom size must keep to, while one is chosen."""


def model_groups(chosen: Model) -> list[tuple[str, list[Option]]]:
    """The Model select: the listed ones, then the successors."""
    names = {"main": "Models", "more": "More models"}
    return [
        (names[listed], [_model_option(model, chosen) for model in models])
        for listed in names
        if (models := [each for each in catalogue.models() if each.listed == listed])
    ]


def _model_option(model: Model, chosen: Model) -> Option:
    status = model.status_on(now().date())
    badges = [
        registry.get(model.provider).label,
        "" if "personal" in model.charge_types else "hosted only",
        "" if status == "active" else status,
        standing(model.route.name),
    ]
    hint = " · ".join(filter(None, badges))
    return Option(model.id, model.label, hint, model.id == chosen.id)


def charge_types(model: Model, chosen: Any, missing: str) -> list[Option]:
    """Hosted and Personal; what cannot be used stays visible, with the reason. `missing`: why no
    personal key can be."""
    provider = registry.get(model.provider).label
    has_hosted = standing(model.route.name) != "no key"
    no_hosted = "" if has_hosted else f"The administrator has set no {provider} key."
    no_personal = hosted_only(model) or missing
    return [
        Option("hosted", "Hosted", "", chosen == "hosted", no_hosted),
        Option("personal", "Personal", "", chosen == "personal", no_personal),
    ]


def count_control(model: Model, value: Any) -> Control:
    count = model.count
    return Control(
        "image_count",
        count.label,
        "count",
        value,
        minimum=count.minimum,
        maximum=count.maximum,
    )


def setting_control(
    name: str, setting: Setting, value: Any, reasons: Reasons, typed_sides: Sequence[Any]
) -> Control:
    control = Control(name, setting.label, "range", value, reason=reasons.get((name, None), ""))
    if not isinstance(setting, ChoiceSetting):
        control.minimum, control.maximum = setting.minimum, setting.maximum
        return control
    has_shapes = any(choice.width for choice in setting.choices)
    control.shape = "tiles" if has_shapes else "segments"
    control.options = _options(name, setting, value, reasons)
    if setting.custom:
        _offer_custom(control, setting, value, typed_sides)
    return control


def _options(name: str, setting: ChoiceSetting, value: Any, reasons: Reasons) -> list[Option]:
    return [
        Option(
            choice.value,
            choice.label,
            choice.hint,
            choice.value == value,
            reasons.get((name, choice.value), ""),
            choice.width,
            choice.height,
        )
        for choice in setting.choices
    ]


def _offer_custom(
    control: Control, setting: ChoiceSetting, value: Any, typed_sides: Sequence[Any]
) -> None:
    """A size of one's own: its two sides, or what was typed instead of them."""
    is_custom = value not in setting.values
    sides = dimensions(value) if is_custom and isinstance(value, str) else None
    control.options.append(Option(CUSTOM, "Custom", "W × H", is_custom))
    control.custom_width, control.custom_height = sides or typed_sides
    if is_custom and setting.custom:
        control.rules = list(checked(sides, setting.custom))
