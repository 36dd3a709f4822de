"""The settings of a step as everything here relies on them, whatever a row or a file held: an
allow-list."""

from collections.abc import Mapping
from typing import Any

from imagegen import catalogue
from imagegen.choices import KEPT_CHARGE_TYPE, default_settings

LONGEST = 60  # of a value that is chosen rather than written
LARGEST = 10**9
CHARGE_TYPES = ("hosted", "personal")


def portable(settings: Mapping[str, Any]) -> dict[str, Any]:
    """What is missing or no such value becomes the default; what nobody offers is left out."""
    defaults = default_settings()
    prompt = settings.get("prompt")
    kept = {KEPT_CHARGE_TYPE: "personal"} if settings.get(KEPT_CHARGE_TYPE) == "personal" else {}
    charge_type = settings.get("charge_type")
    return {
        "model": _chosen(settings.get("model"), defaults["model"]),
        "prompt": prompt if isinstance(prompt, str) else "",
        "image_count": _chosen(settings.get("image_count"), defaults["image_count"]),
        "charge_type": charge_type if charge_type in CHARGE_TYPES else defaults["charge_type"],
        **kept,
        "by_provider": _by_provider(settings.get("by_provider")),
    }


def _by_provider(given: Any) -> dict[str, dict[str, Any]]:
    """Of each provider that we know, the settings that one of its models has."""
    kept = given if isinstance(given, Mapping) else {}
    found: dict[str, dict[str, Any]] = {}
    for model in catalogue.models():
        chosen = kept.get(model.provider)
        if not isinstance(chosen, Mapping):
            continue
        values = {name: chosen[name] for name in model.settings if _is_chosen(chosen.get(name))}
        found.setdefault(model.provider, {}).update(values)
    return found


def _chosen(value: Any, default: Any) -> Any:
    return value if _is_chosen(value) else default


def _is_chosen(value: Any) -> bool:
    """Whether it can be a choice; the record says later whether it is offered."""
    if isinstance(value, str):
        return 0 < len(value) <= LONGEST
    return isinstance(value, int) and not isinstance(value, bool) and abs(value) <= LARGEST
