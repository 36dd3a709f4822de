"""The settings of a POST, upon those that are stored."""

from contextlib import suppress
from typing import Any

from imagegen import catalogue
from imagegen.catalogue.checks import setting_problem
from imagegen.catalogue.records import ChoiceSetting, Model
from imagegen.choices import KEPT_CHARGE_TYPE, hosted_only
from imagegen.controls import CUSTOM, CUSTOM_SIDES

SHARED = ("model", "prompt", "image_count", "charge_type")


def posted_settings(data: Any, stored: dict[str, Any]) -> dict[str, Any]:
    """The settings as posted, upon those stored: what is not drawn keeps its value. The fields
    belong to the model that was drawn, which need not be the one that is chosen now."""
    drawn = known_model(data.get("drawn_model"), stored)
    chosen = known_model(data.get("model"), stored)
    choices = _choices(data, drawn)
    if drawn.provider != chosen.provider:  # nobody will look at them now
        choices = _offered(choices, drawn)
    kept = stored["by_provider"]
    posted = {
        "model": data.get("model", stored["model"]),
        "prompt": data.get("prompt", stored["prompt"]).replace("\r\n", "\n"),
        "image_count": _number(data.get("image_count", stored["image_count"])),
        "charge_type": data.get("charge_type", stored["charge_type"]),
        "by_provider": kept | {drawn.provider: kept.get(drawn.provider, {}) | choices},
    }
    if hosted_only(drawn) and stored.get(KEPT_CHARGE_TYPE, stored["charge_type"]) == "personal":
        posted[KEPT_CHARGE_TYPE] = "personal"
    return posted


def known_model(model_id: Any, stored: dict[str, Any]) -> Model:
    """The model of this id, else the stored one, else the default."""
    for candidate in (model_id, stored.get("model")):
        with suppress(catalogue.UnknownModel):
            return catalogue.get(str(candidate))
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


def _offered(choices: dict[str, Any], drawn: Model) -> dict[str, Any]:
    return {
        name: value for name, value in choices.items() if not setting_problem(drawn, name, value)
    }


def _custom_size(data: Any, setting: ChoiceSetting) -> str:
    """As typed; at first, while its two fields are not drawn yet, the example of the record."""
    if setting.custom and not any(side in data for side in CUSTOM_SIDES):
        return setting.custom.example
    return "x".join(str(data.get(side, "")).strip()[:10] for side in CUSTOM_SIDES)


def _number(value: Any) -> Any:
    """A whole number, or what was typed instead, so that it can be shown again."""
    text = str(value).strip()
    return int(text) if text.removeprefix("-").isdecimal() and len(text) < 10 else value


def flat(settings: dict[str, Any]) -> dict[str, Any]:
    """The settings by the names of their fields, for the model that is chosen."""
    record = known_model(settings.get("model"), settings)
    chosen = settings.get("by_provider", {}).get(record.provider, {})
    shared = {name: settings.get(name) for name in SHARED}
    return shared | {name: chosen.get(name) for name in record.settings}
