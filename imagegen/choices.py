"""The choices of a step as they are stored: checked, mended, and what they rule out.

{"model", "prompt", "image_count", "charge_type", "by_provider": {"openai": {…}, …}}
"""

import copy
from collections.abc import Mapping
from typing import Any

from imagegen import catalogue
from imagegen.catalogue.checks import shown
from imagegen.catalogue.records import Model
from imagegen.config import CONFIGS, Config, InvalidSettings, Problem, record_of

KEPT_CHARGE_TYPE = "charge_type_kept"  # while a hosted-only model is chosen: what was chosen before


def validate(settings: Mapping[str, Any]) -> Config:
    """The config of stored settings {"model", "image_count", "charge_type", "by_provider", …}.

    Choices kept for other providers are not looked at. Raises InvalidSettings.
    """
    record = record_of(settings.get("model"))
    chosen = _chosen(settings, record.provider)
    problems = [*_charge_type_problems(record, settings), *_unknown_settings(record, chosen)]
    offered = {key: value for key, value in chosen.items() if key in record.settings}
    given = {"image_count": settings.get("image_count", record.count.default), **offered}
    try:
        config = CONFIGS[record.provider](model=record.id, **given)
    except InvalidSettings as invalid:
        raise InvalidSettings(problems + invalid.problems) from None
    if problems:
        raise InvalidSettings(problems)
    return config


def mend(settings: Mapping[str, Any]) -> tuple[dict[str, Any], list[Problem]]:
    """The settings with every choice undone that another choice made impossible, and a sentence
    about each for the form to show beside its control. What is plainly invalid stays as it is."""
    mended = copy.deepcopy(dict(settings))
    try:
        record = record_of(mended.get("model"))
        chosen = _chosen(mended, record.provider)
    except InvalidSettings:
        return mended, []
    values, notes = CONFIGS[record.provider].mend(chosen)
    if notes:
        mended["by_provider"][record.provider] = values
    return mended, [*notes, *_mend_charge_type(mended, record)]


def _mend_charge_type(mended: dict[str, Any], record: Model) -> list[Problem]:
    """Hosted is nobody's choice on a model that is hosted-only: what was chosen before it is kept
    meanwhile, and comes back with the next model that offers it."""
    reason = hosted_only(record)
    if reason and mended.get("charge_type") == "personal":
        mended |= {"charge_type": "hosted", KEPT_CHARGE_TYPE: "personal"}
        return [Problem("charge_type", f"Charge Type was changed to Hosted: {reason}")]
    if not reason and mended.pop(KEPT_CHARGE_TYPE, None) == "personal":
        mended["charge_type"] = "personal"
        return [Problem("charge_type", "Charge Type is Personal again, as it was before.")]
    return []


def unavailable(settings: Mapping[str, Any]) -> dict[tuple[str, str | None], str]:
    """What the form draws as disabled, with the reason."""
    try:
        record = record_of(settings.get("model"))
        return CONFIGS[record.provider].unavailable(_chosen(settings, record.provider))
    except InvalidSettings:
        return {}


def default_settings(charge_type: str = "hosted") -> dict[str, Any]:
    """The settings of a new step."""
    record = catalogue.default_model()
    defaults = {key: setting.default for key, setting in record.settings.items()}
    return {
        "model": record.id,
        "prompt": "",
        "image_count": record.count.default,
        "charge_type": charge_type,
        "by_provider": {record.provider: defaults},
    }


def hosted_only(record: Model) -> str:
    """Why Personal cannot be chosen; empty when it can."""
    if "personal" in record.charge_types:
        return ""
    return f"{record.label} is hosted-only in this step."


def _chosen(settings: Mapping[str, Any], provider: str) -> dict[str, Any]:
    by_provider = settings.get("by_provider", {})
    chosen = by_provider.get(provider, {}) if isinstance(by_provider, Mapping) else None
    if isinstance(chosen, Mapping):
        return dict(chosen)
    sentence = "by_provider is not readable. Give an object that has one object per provider."
    raise InvalidSettings([Problem("by_provider", sentence)])


def _charge_type_problems(record: Model, settings: Mapping[str, Any]) -> list[Problem]:
    charge_type = settings.get("charge_type", "hosted")
    if charge_type in record.charge_types:
        return []
    offered = " or ".join(name.capitalize() for name in record.charge_types)
    what = f"Charge Type is {shown(charge_type)}. Choose {offered} for {record.label}."
    reason = hosted_only(record) if charge_type == "personal" else ""
    return [Problem("charge_type", " ".join(filter(None, [what, reason])))]


def _unknown_settings(record: Model, chosen: Mapping[str, Any]) -> list[Problem]:
    """Settings that another model of the provider has are kept in memory; the rest are mistakes."""
    siblings = [model for model in catalogue.models() if model.provider == record.provider]
    known = {key for model in siblings for key in model.settings}
    names = ", ".join(record.settings) or "no settings of its own"
    advice = f"Remove it; {record.label} has {names}."
    return [
        Problem(key, f"There is no setting {shown(key)}. {advice}")
        for key in chosen
        if key not in known
    ]
