"""Is a value one that the record offers? If not: a sentence with what is, and what to do."""

from typing import Any

from imagegen.catalogue.records import ChoiceSetting, Count, Model, RangeSetting, SizeRules
from imagegen.catalogue.sizes import broken_rules, dimensions, nearest


def setting_problem(model: Model, key: str, value: Any) -> str | None:
    setting = model.settings[key]
    if isinstance(setting, RangeSetting):
        return _range_problem(model, setting, value)
    if isinstance(value, str) and value in setting.values:
        return None
    if setting.custom:
        return _size_problem(model, setting, setting.custom, value)
    return (
        f"{setting.label} is {shown(value)}; {model.label} offers {', '.join(setting.values)}."
        " Choose one of them."
    )


def count_problem(model: Model, value: Any) -> str | None:
    count: Count = model.count
    if is_whole(value) and count.minimum <= value <= count.maximum:
        return None
    return (
        f"{count.label} is {shown(value)}; {model.label} makes {count.minimum} to {count.maximum}"
        f" images per run. Enter a whole number from {count.minimum} to {count.maximum}."
    )


def shown(value: Any) -> str:
    """A stranger's value, short enough to stand in a sentence."""
    if is_whole(value) and abs(value) < 10**12:
        return str(value)
    return "empty" if value in (None, "") else f"“{str(value)[:40]}”"


def is_whole(value: Any) -> bool:
    return isinstance(value, int) and not isinstance(value, bool)


def _range_problem(model: Model, setting: RangeSetting, value: Any) -> str | None:
    low, high = setting.minimum, setting.maximum
    if is_whole(value) and low <= value <= high:
        return None
    return (
        f"{setting.label} is {shown(value)}; {model.label} takes {low} to {high}."
        f" Enter a whole number from {low} to {high}."
    )


def _size_problem(model: Model, setting: ChoiceSetting, rules: SizeRules, value: Any) -> str | None:
    size = dimensions(value) if isinstance(value, str) else None
    if size is None and isinstance(value, str) and "x" in value:
        return (
            "A custom size needs a width and a height, each a multiple of"
            f" {rules.multiple} from {rules.multiple} to {rules.longest_edge}. Try {rules.example}."
        )
    if size is None:
        return (
            f"{setting.label} is {shown(value)}; {model.label} offers {', '.join(setting.values)}"
            f" and custom sizes. Choose one of them or enter a size such as {rules.example}."
        )
    broken = list(broken_rules(*size, rules))
    if not broken:
        return None
    legal = nearest(*size, rules)
    advice = f"Try {legal}." if legal else "Choose one of the tiles."
    return f"{value} cannot be made: {'; '.join(broken)}. {advice}"
