"""Values of inputs: read from what was typed, checked against the declared type."""

import json
import math
from collections.abc import Callable, Iterable, Mapping
from typing import Any

from workflows.models import Input

JSON_LIST_EXAMPLE = '["red", "blue"]'


class WrongValue(ValueError):
    """The value does not fit the input's type. The message says what would."""


def read(input: Input, typed: str) -> Any:
    """The value of what was typed; None when nothing was typed. Raises WrongValue."""
    if not typed.strip():
        return None
    reader = READERS.get(input.type)
    return reader(input, typed) if reader else typed


def _number(input: Input, typed: str) -> int | float:
    try:
        number = float(typed)
    except ValueError:
        number = math.nan
    if not math.isfinite(number):
        raise WrongValue(f"{input.label} is a Number; “{typed[:40]}” is none. Write 12 or 1.5.")
    return int(number) if number.is_integer() and abs(number) < 2**53 else number


def _select(input: Input, typed: str) -> str:
    if typed not in input.options:
        choices = ", ".join(map(str, input.options)) or "none yet"
        raise WrongValue(f"{input.label} has no choice “{typed[:40]}”. Its choices are: {choices}.")
    return typed


def _json_list(input: Input, typed: str) -> list[Any]:
    try:
        value = json.loads(typed, parse_constant=_refuse)
        written = json.dumps(value, ensure_ascii=False, allow_nan=False).encode()
    except (ValueError, RecursionError):
        value = None
    if not isinstance(value, list) or rb"\u0000" in written:
        raise WrongValue(
            f"{input.label} is a JSON list. Write it like {JSON_LIST_EXAMPLE}, in straight quotes."
        )
    return value


def _refuse(constant: str) -> None:
    raise ValueError(f"{constant} is no JSON")


READERS: dict[str, Callable[[Input, str], Any]] = {
    Input.Type.NUMBER: _number,
    Input.Type.SELECT: _select,
    Input.Type.JSON_LIST: _json_list,
}


# What a program gives for a value, and how that is called.
GIVEN_AS: dict[str, tuple[type | tuple[type, ...], str]] = {
    Input.Type.TEXT: (str, "a string"),
    Input.Type.NUMBER: ((int, float), "a number"),
    Input.Type.SELECT: (str, "a string"),
    Input.Type.JSON_LIST: (list, "a list"),
}


def misses(input: Input) -> bool:
    """Whether a test run would ask in vain for a value that it requires."""
    return input.required and not (input.test_value or input.default).strip()


def values_for_a_test(inputs: Iterable[Input]) -> tuple[dict[str, Any], list[str]]:
    """The values of a test run, from test value or default, and a sentence for each that a
    person must mend first."""
    values: dict[str, Any] = {}
    problems: list[str] = []
    for input in inputs:
        try:
            values[input.name] = read(input, input.test_value or input.default)
        except WrongValue as wrong:
            problems.append(f"{wrong} Change its test value in Inputs.")
            continue
        if misses(input):
            problems.append(f"{input.label} has no value. Give it a test value in Inputs.")
    return values, problems


def values_given(
    inputs: Iterable[Input], given: Mapping[str, Any]
) -> tuple[dict[str, Any], dict[str, str]]:
    """The values of a run that a program starts, from what it gave or the default, and a sentence
    for each name that it must mend first. Test values are for people who test."""
    declared = {input.name: input for input in inputs}
    values: dict[str, Any] = {}
    problems = {name: _unknown(name, declared) for name in given if name not in declared}
    for name, input in declared.items():
        try:
            values[name] = _given(input, given.get(name))
        except WrongValue as wrong:
            problems[name] = str(wrong)
            continue
        if input.required and values[name] is None:
            problems[name] = f"{input.label} has no value, and no default. Give it one."
    return values, problems


def _given(input: Input, value: Any) -> Any:
    """Checked as if it had been typed; None and blank are nothing, as in a form."""
    kinds, called = GIVEN_AS[input.type]
    if value is None:
        return read(input, input.default)
    if not isinstance(value, kinds) or isinstance(value, bool):
        raise WrongValue(f"{input.label} is a {input.get_type_display()}: give it as {called}.")
    typed = value if isinstance(value, str) else json.dumps(value)
    if not _is_text(typed):
        raise WrongValue(f"{input.label} holds a character that no text has. Leave it out.")
    return read(input, typed if typed.strip() else input.default)


def _is_text(text: str) -> bool:
    """Databases keep neither NUL nor half of a surrogate pair."""
    return "\0" not in text and not any("\ud800" <= letter <= "\udfff" for letter in text)


def _unknown(name: str, declared: Iterable[str]) -> str:
    names = ", ".join(declared) or "none"
    return f"This workflow has no input “{name[:60]}”. Its inputs are: {names}."
