"""How a request asks for a fault: `[[sandbox:rate_limit retry-after=7]]` in its prompt."""

import math
import re
import shlex
from collections.abc import Mapping
from dataclasses import dataclass
from enum import Enum

FAULT_HEADER = "x-sandbox-fault"
LATENCY_HEADER = "x-sandbox-latency"
"""Says what a marker says, for tests that must leave the prompt alone."""
OPENING = "[[sandbox:"
MARKER = re.compile(r"\[\[sandbox:(.*?)\]\]", re.DOTALL)

Argument = str | int | float
Arguments = Mapping[str, Argument]


class MarkerMisused(Exception):
    """A marker that cannot be obeyed, in a sentence; ignoring it would let a test pass silently."""


@dataclass(frozen=True)
class Mark:
    text: str
    name: str
    arguments: Mapping[str, str]


def mark_in(headers: Mapping[str, str], prompt: str) -> Mark | None:
    texts = MARKER.findall(prompt)
    if len(texts) != prompt.count(OPENING):
        raise MarkerMisused(f"A marker starts with {OPENING} and ends with ]].")
    if FAULT_HEADER in headers:
        texts.append(headers[FAULT_HEADER])
    if len(texts) > 1:
        raise MarkerMisused("One request can ask for one fault only.")
    return _mark(texts[0]) if texts else None


def _mark(text: str) -> Mark:
    try:
        name, *words = shlex.split(text)
    except ValueError:
        raise MarkerMisused(f"The marker {text!r} cannot be read.") from None
    if not all("=" in word for word in words):
        raise MarkerMisused(f"Write the arguments of {text!r} as name=value.")
    return Mark(text, name, dict(word.split("=", 1) for word in words))


def arguments_of(mark: Mark, defaults: Arguments) -> Arguments:
    """The defaults, overwritten by what the marker says, each in the type of its default."""
    unknown = mark.arguments.keys() - defaults.keys()
    if unknown:
        raise MarkerMisused(
            f"{mark.name} has no argument {min(unknown)!r}. It has: {', '.join(sorted(defaults))}."
        )
    given = {name: _as(defaults[name], name, text) for name, text in mark.arguments.items()}
    return {**defaults, **given}


def latency_in(headers: Mapping[str, str]) -> float | None:
    text = headers.get(LATENCY_HEADER)
    return None if text is None else float(_as(0.0, LATENCY_HEADER, text))


def _as(default: Argument, name: str, text: str) -> Argument:
    try:
        value = type(default)(text)
    except ValueError:
        raise MarkerMisused(f"{name}={text} is not {_wanted(default)}.") from None
    if isinstance(value, float) and not math.isfinite(value):
        raise MarkerMisused(f"{name}={text} is not a number of seconds.")
    return value


def _wanted(default: Argument) -> str:
    if isinstance(default, Enum):
        return " or ".join(str(choice) for choice in type(default))
    return "a number"
