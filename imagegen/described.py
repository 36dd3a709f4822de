"""Settings as a person reads them, by the labels of the form."""

from collections.abc import Mapping
from contextlib import suppress
from typing import Any

from imagegen.catalogue.records import Model
from imagegen.choices import validate
from imagegen.config import InvalidSettings
from imagegen.posted import flat, known_model


def labels(record: Model) -> dict[str, str]:
    """Of the settings of a model, by their names."""
    own = {name: setting.label for name, setting in record.settings.items()}
    shared = {"model": "Model", "prompt": "Prompt", "charge_type": "Charge Type"}
    return shared | {"image_count": record.count.label} | own


def described(settings: Mapping[str, Any]) -> dict[str, str]:
    """The settings that a run would use: label → value."""
    values = flat(dict(settings))
    with suppress(InvalidSettings):  # then as a run would see them, with defaults and nothing idle
        values |= validate(settings).model_dump()
    named = labels(known_model(settings.get("model"), {}))
    return {
        named[name]: str(value)
        for name, value in values.items()
        if name in named and value is not None
    }
