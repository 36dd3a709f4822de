"""The settings as form fields. Options come from the model's record, rules from the config."""

from dataclasses import dataclass, field
from typing import Any

from django import forms
from django.utils.timezone import now

from imagegen import catalogue
from imagegen.billing.prices import dollars
from imagegen.catalogue.records import ChoiceSetting, Model, Setting
from imagegen.catalogue.sizes import dimensions
from imagegen.config import InvalidSettings, mend, unavailable, validate
from imagegen.estimate import Estimate, estimate
from imagegen.providers import registry
from workflows.models import Step

MAX_TEXT = 100_000
CUSTOM = "custom"


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


class ImageGenerationForm(forms.Form):
    """Fields only carry what was typed; `clean` asks the config, which owns every rule."""

    model = forms.CharField(required=False)
    prompt = forms.CharField(required=False, strip=False, max_length=MAX_TEXT)
    image_count = forms.CharField(required=False)
    charge_type = forms.CharField(required=False)

    def __init__(self, step: Step, data: Any = None) -> None:
        self.stored = step.settings
        posted = _posted(data, self.stored) if data is not None else self.stored
        self.settings, self.notes = mend(posted)
        self.custom = {name: data.get(name, "") for name in CUSTOM_SIDES} if data else {}
        super().__init__(_flat(self.settings) if data is not None else None)
        self.initial = _flat(self.settings)
        for name in self.record.settings:
            self.fields[name] = forms.CharField(required=False)

    @property
    def record(self) -> Model:
        """The model that is chosen, or the default one while an unknown one is asked for."""
        try:
            return catalogue.get(str(self.settings.get("model")))
        except catalogue.UnknownModel:
            return catalogue.default_model()

    def clean(self) -> dict[str, Any]:
        try:
            validate(self.settings)
        except InvalidSettings as invalid:
            for name, sentence in invalid.problems:
                self.add_error(name if name in self.fields else None, sentence)
        return self.cleaned_data

    # What the template asks

    @property
    def prompt_text(self) -> str:
        return str(self.settings.get("prompt", ""))

    @property
    def groups(self) -> list[tuple[str, list[Option]]]:
        """The Model select: the listed ones, then the successors."""
        names = {"main": "Models", "more": "More models"}
        return [
            (names[listed], [_model_option(model, self.record) for model in models])
            for listed in names
            if (models := [each for each in catalogue.models() if each.listed == listed])
        ]

    @property
    def provider_label(self) -> str:
        return registry.get(self.record.provider).label

    @property
    def model_hint(self) -> str:
        """How the model is billed, and what its record says of it."""
        unit = "image" if "image" in self.record.price_on(now().date()).rates else "token"
        return " · ".join(filter(None, [f"Billed per {unit}", self.record.note]))

    @property
    def charge_types(self) -> list[Option]:
        """Hosted and Personal; what the model does not offer stays visible, with the reason."""
        chosen = self.settings.get("charge_type")
        hosted_only = f"{self.record.label} is hosted-only in this step."
        return [
            Option(
                value,
                value.capitalize(),
                "",
                value == chosen,
                "" if value in self.record.charge_types else hosted_only,
            )
            for value in ("hosted", "personal")
        ]

    @property
    def tiles(self) -> list[Control]:
        return [control for control in self.controls if control.shape == "tiles"]

    @property
    def options(self) -> list[Control]:
        return [control for control in self.controls if control.shape != "tiles"]

    @property
    def controls(self) -> list[Control]:
        """The controls of the chosen model, in the order of its record."""
        chosen = self.settings["by_provider"].get(self.record.provider, {})
        made = [self._count()]
        made += [
            self._control(name, setting, chosen.get(name, setting.default))
            for name, setting in self.record.settings.items()
        ]
        return made

    def _count(self) -> Control:
        count = self.record.count
        value = self.settings.get("image_count")
        control = Control("image_count", count.label, "count", value)
        control.minimum, control.maximum = count.minimum, count.maximum
        control.errors = self._errors_of("image_count")
        return control

    def _control(self, name: str, setting: Setting, value: Any) -> Control:
        reasons = unavailable(self.settings)
        control = Control(name, setting.label, "range", value)
        control.note = " ".join(note.sentence for note in self.notes if note.field == name)
        control.errors = self._errors_of(name)
        control.reason = reasons.get((name, None), "")
        if isinstance(setting, ChoiceSetting):
            self._offer(control, setting, value, reasons)
        else:
            control.minimum, control.maximum = setting.minimum, setting.maximum
        return control

    def _errors_of(self, name: str) -> list[str]:
        return [str(error) for error in self.errors.get(name) or []]

    def _offer(
        self,
        control: Control,
        setting: ChoiceSetting,
        value: Any,
        reasons: dict[tuple[str, str | None], str],
    ) -> None:
        has_shapes = any(choice.width for choice in setting.choices)
        control.shape = "tiles" if has_shapes else "segments"
        control.options = [
            Option(
                choice.value,
                choice.label,
                choice.hint,
                choice.value == value,
                reasons.get((control.name, choice.value), ""),
                choice.width,
                choice.height,
            )
            for choice in setting.choices
        ]
        if setting.custom:
            is_custom = value not in setting.values
            control.options.append(Option(CUSTOM, "Custom", "W × H", is_custom))
            sides = dimensions(value) if is_custom and isinstance(value, str) else None
            typed = [self.custom.get(name, "") for name in CUSTOM_SIDES]
            control.custom_width, control.custom_height = sides or typed

    @property
    def estimate(self) -> Estimate | None:
        """None while the settings are not valid."""
        try:
            return estimate(validate(self.settings), self.prompt_text, now().date())
        except InvalidSettings:
            return None

    @property
    def estimated(self) -> str:
        made = self.estimate
        return dollars(made.total_micro) if made else ""


CUSTOM_SIDES = ("custom_width", "custom_height")


def _posted(data: Any, stored: dict[str, Any]) -> dict[str, Any]:
    """The settings as posted, upon those stored: what is not drawn keeps its value. The fields
    belong to the model that was drawn, which need not be the one that is chosen now."""
    drawn = _known(data.get("drawn_model"), stored)
    kept = dict(stored.get("by_provider", {}))
    kept[drawn.provider] = {**kept.get(drawn.provider, {}), **_choices(data, drawn)}
    return {
        "model": data.get("model", stored["model"]),
        "prompt": data.get("prompt", stored["prompt"]).replace("\r\n", "\n"),
        "image_count": _number(data.get("image_count", stored["image_count"])),
        "charge_type": data.get("charge_type", stored["charge_type"]),
        "by_provider": kept,
    }


def _known(model_id: Any, stored: dict[str, Any]) -> Model:
    try:
        return catalogue.get(str(model_id or stored.get("model")))
    except catalogue.UnknownModel:
        return catalogue.default_model()


def _choices(data: Any, drawn: Model) -> dict[str, Any]:
    chosen: dict[str, Any] = {}
    for name, setting in drawn.settings.items():
        if name not in data:
            continue  # a disabled control posts nothing and keeps its value
        value = data[name]
        if isinstance(setting, ChoiceSetting):
            chosen[name] = _custom_size(data, setting) if value == CUSTOM else value
        else:
            chosen[name] = _number(value)
    return chosen


def _custom_size(data: Any, setting: ChoiceSetting) -> str:
    """As typed; at first, while its two fields are not drawn yet, the example of the record."""
    if setting.custom and not any(side in data for side in CUSTOM_SIDES):
        return setting.custom.example
    return "x".join(str(data.get(side, "")).strip()[:10] for side in CUSTOM_SIDES)


def _number(value: Any) -> Any:
    """A whole number, or what was typed instead, so that it can be shown again."""
    text = str(value).strip()
    return int(text) if text.removeprefix("-").isdecimal() and len(text) < 10 else value


def _flat(settings: dict[str, Any]) -> dict[str, Any]:
    record = _known(settings.get("model"), settings)
    chosen = settings.get("by_provider", {}).get(record.provider, {})
    shared = {
        name: settings.get(name) for name in ("model", "prompt", "image_count", "charge_type")
    }
    return shared | {name: chosen.get(name) for name in record.settings}


def _model_option(model: Model, chosen: Model) -> Option:
    is_chosen = model.id == chosen.id
    return Option(model.id, model.label, registry.get(model.provider).label, is_chosen)
