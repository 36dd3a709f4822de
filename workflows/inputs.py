"""Values of inputs: read from what was typed, checked against the declared type."""

import json
import math
from collections.abc import Callable, Iterable
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
