"""References: the grammar of `{{…}}`, its check, and the one pass that fills it.

A reference is a walk through plain dictionaries and lists. Nothing is evaluated: no template
engine, no attributes, no calls, no filters.
"""

import json
import re
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from typing import Any

MAX_DEPTH = 10
MAX_VALUE = 64 * 1024
MAX_TEXT = 250_000

NAME = re.compile(r"\s*([a-z][a-z0-9_]*)\s*", re.ASCII)
STEP = re.compile(r"step_[0-9]{1,9}", re.ASCII)
OUTPUT = re.compile(r"\s*(step_[0-9]{1,9})\.output((?:\.[^\s.{}]+)*)\s*", re.ASCII)


@dataclass(frozen=True)
class Reference:
    """`{{product}}` has root "product" and no path; `{{step_1.output.assets.0.id}}` has root
    "step_1" and path ("output", "assets", "0", "id")."""

    text: str
    start: int
    root: str
    path: tuple[str, ...] = ()

    @property
    def is_step(self) -> bool:
        return bool(self.path)

    @property
    def name(self) -> str:
        return ".".join((self.root, *self.path))


@dataclass(frozen=True)
class Broken:
    """Something in braces that is no reference."""

    text: str
    start: int
    sentence: str


Piece = str | Reference | Broken


class MissingValue(LookupError):
    def __init__(self, reference: Reference, reason: str) -> None:
        super().__init__(f"{reference.text} {reason}")
        self.reference = reference
        self.reason = reason


def parse(text: str) -> list[Piece]:
    """Cut a text into literal pieces and references. Linear in the length of the text."""
    pieces: list[Piece] = []
    done = 0
    while (start := text.find("{{", done)) >= 0:
        if start > done and text[start - 1] == "\\":
            pieces.append(text[done : start - 1] + "{{")
            done = start + 2
            continue
        pieces.append(text[done:start])
        end = text.find("}}", start + 2)
        if end < 0:
            pieces.append(Broken(text[start:], start, UNCLOSED))
            done = len(text)
            break
        pieces.append(_reference(text[start : end + 2], start))
        done = end + 2
    pieces.append(text[done:])
    return [piece for piece in pieces if piece != ""]


UNCLOSED = "“{{” is never closed. Close it with “}}”, or write \\{{ for the braces themselves."


def _reference(text: str, start: int) -> Reference | Broken:
    inside = text[2:-2]
    if match := OUTPUT.fullmatch(inside):
        path = ("output", *match[2].split(".")[1:])
        if len(path) > MAX_DEPTH:
            return Broken(text, start, f"{text} goes deeper than {MAX_DEPTH} levels. Shorten it.")
        return Reference(text, start, match[1], path)
    if (match := NAME.fullmatch(inside)) and not STEP.fullmatch(match[1]):
        return Reference(text, start, match[1])
    return Broken(
        text,
        start,
        f"{shortened(text)} is not a reference. Write {{{{name}}}} for an input or"
        " {{step_1.output.…}} for an earlier step, or \\{{ for the braces themselves.",
    )


def shortened(text: str) -> str:
    return text if len(text) <= 60 else f"{text[:57]}…"


def references_in(text: str) -> list[Reference]:
    return [piece for piece in parse(text) if isinstance(piece, Reference)]


def refers_to(reference: Reference, name: str) -> bool:
    """Whether it is a reference to the input of that name."""
    return reference.root == name and not reference.is_step


def renamed(text: str, old: str, new: str, spared: Collection[int] = ()) -> str:
    """The text with every reference to the input `old` written anew as one to `new`, but for the
    `spared` ones, counted from 0. All else stays as it is, to the last white space."""
    kept: list[str] = []
    done = 0
    for number, reference in enumerate(_to_inputs(text, old)):
        if number not in spared:
            kept += text[done : reference.start], f"{{{{{new}}}}}"
            done = reference.start + len(reference.text)
    return "".join([*kept, text[done:]])


def named_already(text: str, old: str, new: str) -> list[int]:
    """Which references to `new`, counted from 0 as they stand after `old` is renamed to it, had
    that name before: what an undo spares."""
    found = enumerate(_to_inputs(text, old, new))
    return [number for number, reference in found if reference.root == new]


def _to_inputs(text: str, *names: str) -> list[Reference]:
    return [
        reference
        for reference in references_in(text)
        if any(refers_to(reference, name) for name in names)
    ]


def problems(
    text: str,
    inputs: Collection[str],
    earlier: Collection[str],
    later: Collection[str],
    own: str = "",
) -> list[str]:
    """A sentence for each piece that can never be filled, in the order of the text."""
    found = []
    for piece in parse(text):
        if isinstance(piece, Broken):
            found.append(piece.sentence)
        elif isinstance(piece, Reference) and (why := _unknown(piece, inputs, earlier, later, own)):
            found.append(why)
    return found


def _unknown(
    reference: Reference,
    inputs: Collection[str],
    earlier: Collection[str],
    later: Collection[str],
    own: str,
) -> str:
    if not reference.is_step:
        known = reference.root in inputs
        return "" if known else f"There is no input “{reference.root}”. Add it or choose another."
    if reference.root in earlier:
        return ""
    if reference.root == own:
        return "A step cannot use its own output. Choose an earlier step."
    if reference.root in later:
        return (
            f"{reference.root} does not come before this step. Move it up or choose an earlier"
            " step."
        )
    return f"There is no step “{reference.root}” before this one. Choose an earlier step."


def fill(
    text: str, values: Mapping[str, Any], failed: Collection[str] = ()
) -> tuple[str, list[str]]:
    """The text with every reference replaced, and warnings. One pass: a value that itself
    contains braces is inserted as it stands.

    `values` maps a root to its value, a step to {"output": …}. `failed` are steps that failed
    under Continue: what is missing there renders as nothing. Raises MissingValue otherwise.
    """
    filled: list[str] = []
    warnings: list[str] = []
    for piece in parse(text):
        if isinstance(piece, str):
            filled.append(piece)
            continue
        if isinstance(piece, Broken):
            raise MissingValue(Reference(piece.text, piece.start, ""), piece.sentence)
        filled.append(_value(piece, values, piece.root in failed))
        if piece.root in failed:
            what = "was filled with what it left" if filled[-1] else "was left empty"
            warnings.append(f"{piece.root} failed; {piece.text} {what}.")
        if sum(map(len, filled)) > MAX_TEXT:
            raise MissingValue(piece, f"makes the text longer than {MAX_TEXT:,} characters.")
    return "".join(filled), list(dict.fromkeys(warnings))


def _value(reference: Reference, values: Mapping[str, Any], may_miss: bool) -> str:
    try:
        rendered = render(walk(values, (reference.root, *reference.path)))
    except LookupError as missing:
        if may_miss:
            return ""
        raise MissingValue(reference, f"has no value: {missing.args[0]}") from missing
    if len(rendered) > MAX_VALUE:
        raise MissingValue(
            reference, f"is longer than {MAX_VALUE // 1024} KB. Choose a part of it."
        )
    return rendered


def walk(value: Any, path: tuple[str, ...]) -> Any:
    """Follow keys and decimal indexes through dictionaries and lists. Raises LookupError."""
    for depth, key in enumerate(path):
        here = ".".join(path[:depth])
        if isinstance(value, Mapping) and key in value:
            value = value[key]
        elif isinstance(value, list) and key.isascii() and key.isdecimal() and len(key) < 7:
            if int(key) >= len(value):
                raise LookupError(f"{here} has {_items(value)}, counted from 0")
            value = value[int(key)]
        else:
            raise LookupError(f"{here or 'it'} has no “{key}”")
    return value


def _items(value: list[Any]) -> str:
    return f"{len(value)} item{'' if len(value) == 1 else 's'}"


def render(value: Any) -> str:
    """Strings verbatim, null as nothing, everything else as compact JSON."""
    if value is None:
        return ""
    if isinstance(value, str):
        return value
    return json.dumps(value, ensure_ascii=False, separators=(",", ":"))
