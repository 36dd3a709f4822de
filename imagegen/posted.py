"""The settings of a POST, upon those that are stored."""

from contextlib import suppress
from typing import Any

from imagegen import catalogue
from imagegen.catalogue.records import ChoiceSetting, Model
from imagegen.config import KEPT_CHARGE_TYPE as KEPT
from imagegen.config import hosted_only
from imagegen.controls import CUSTOM, CUSTOM_SIDES

SHARED = ("model", "prompt", "image_count", "charge_type")


def posted_settings(data: Any, stored: dict[str, Any]) -> dict[str, Any]:
    """The settings as posted, upon those stored: what is not drawn keeps its value. The fields
    belong to the model that was drawn, which need not be the one that is chosen now."""
    drawn = known_model(data.get("drawn_model"), stored)
    kept = dict(stored.get("by_provider", {}))
    kept[drawn.provider] = {**kept.get(drawn.provider, {}), **_choices(data, drawn)}
    chosen = known_model(data.get("model"), stored)
    return {
        "model": data.get("model", stored["model"]),
        "prompt": data.get("prompt", stored["prompt"]).replace("\r\n", "\n"),
        "image_count": _number(data.get("image_count", stored["image_count"])),
        "by_provider": kept,
        **_charge_type(data, stored, drawn, chosen),
    }


def _charge_type(data: Any, stored: dict[str, Any], drawn: Model, chosen: Model) -> dict[str, Any]:
    """As posted. But on a model that is hosted-only, Hosted was nobody's choice: what was chosen
    before it is kept meanwhile, and comes back with the next model that offers it."""
    posted = {"charge_type": data.get("charge_type", stored["charge_type"])}
    if KEPT not in stored or not hosted_only(drawn):
        return posted
    if hosted_only(chosen):
        return posted | {KEPT: stored[KEPT]}
    return {"charge_type": stored[KEPT]}


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
