"""Where in a JSON text something stands."""

import json
import re
from collections.abc import Sequence
from contextlib import suppress

DECODER = json.JSONDecoder()
GAP = re.compile(r"[\s,:]*")
STRING = re.compile(r'"(?:[^"\\]|\\.)*"')


def line_of(text: str, path: Sequence[str | int]) -> int:
    """The line of the value at a path, or of the last thing on the way that is there. The text is
    valid JSON."""
    place = _next(text, 0)
    with suppress(LookupError):
        for key in path:
            place = _entry(text, place, key)
    return line_at(text, place)


def line_at(text: str, place: int) -> int:
    return text.count("\n", 0, place) + 1


def line_of_bare_word(text: str, word: str) -> int:
    """Of a word that stands outside of strings."""
    without_strings = STRING.sub('""', text)  # which never hold a line break
    return line_at(without_strings, without_strings.find(word))


def _entry(text: str, place: int, key: str | int) -> int:
    """Where the value of a key, or the item of a number, begins. Raises LookupError."""
    if text[place] not in "{[":
        raise LookupError(key)
    is_object, found = text[place] == "{", 0
    place = _next(text, place + 1)
    while text[place] not in "}]":
        name: str | int = found
        if is_object:
            name, place = DECODER.raw_decode(text, place)
            place = _next(text, place)
        if name == key:
            return place
        _, place = DECODER.raw_decode(text, place)
        place, found = _next(text, place), found + 1
    raise LookupError(key)


def _next(text: str, place: int) -> int:
    gap = GAP.match(text, place)
    return gap.end() if gap else place
