"""Reads a JSON body as Google's servers do: every name in two spellings, and no unknown one."""

import json
import re
from collections.abc import Callable
from typing import Any

from imagegen.sandbox import gemini_words as words
from imagegen.sandbox.messages import Refused

Read = Callable[[str, Any], Any]
"""From the path of a field and what stands there to what is kept of it; raises Refused."""


def message(**fields: Read) -> Read:
    """Kept by the names in snake case. A null counts as not given."""

    def read(path: str, value: Any) -> dict[str, Any]:
        if not isinstance(value, dict):
            raise _invalid(path, "a message", value)
        kept = {}
        for name, content in value.items():
            field = re.sub("[A-Z]", lambda letter: f"_{letter[0].lower()}", name)
            if field not in fields:
                raise _unknown(path, name)
            if content is not None:
                kept[field] = fields[field](f"{path}.{field}".lstrip("."), content)
        return kept

    return read


def list_of(entry: Read) -> Read:
    def read(path: str, value: Any) -> list[Any]:
        if not isinstance(value, list):
            raise _invalid(path, "a list", value)
        return [entry(f"{path}[{number}]", content) for number, content in enumerate(value)]

    return read


def one_of(*names: str) -> Read:
    """In any case, as the vendor's own pages write `Image`."""

    def read(path: str, value: Any) -> str:
        name = text(path, value).upper()
        if name not in names:
            raise _invalid(path, "TYPE_ENUM", value)
        return name

    return read


def text(path: str, value: Any) -> str:
    if not isinstance(value, str):
        raise _invalid(path, "TYPE_STRING", value)
    return value


def integer(path: str, value: Any) -> int:
    if type(value) is not int:
        raise _invalid(path, "TYPE_INT32", value)
    return value


def number(path: str, value: Any) -> float:
    if type(value) not in (int, float):
        raise _invalid(path, "TYPE_FLOAT", value)
    return float(value)


def _unknown(path: str, name: str) -> Refused:
    where = f" at '{path}'" if path else ""
    return _violated(
        path, f'Invalid JSON payload received. Unknown name "{name}"{where}: Cannot find field.'
    )


def _invalid(path: str, wanted: str, value: Any) -> Refused:
    return _violated(path, f"Invalid value at '{path}' ({wanted}), {json.dumps(value)}")


def _violated(path: str, problem: str) -> Refused:
    violation = {"field": path, "description": problem}
    return words.invalid(problem, [words.detail("BadRequest", fieldViolations=[violation])])
