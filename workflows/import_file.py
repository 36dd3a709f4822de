"""Reading an exported workflow. What is wrong is said with its line, and nothing is written."""

import json
import re
from collections.abc import Sequence
from typing import Any, NoReturn

from pydantic import ValidationError
from pydantic_core import ErrorDetails

from workflows import kinds
from workflows.description import WorkflowDescription
from workflows.export import FORMAT, VERSION
from workflows.json_place import line_at, line_of, line_of_bare_word
from workflows.references import STEP

MOST_BYTES = 5_000_000
NO_EXPORT = "This file is no exported workflow. Choose one that Export made."
MEND = "Mend it in the file and import it again."
SENTENCES = {
    "missing": "is missing",
    "string_type": "has to be text",
    "bool_type": "has to be true or false",
    "list_type": "has to be a list",
    "dict_type": "has to be an object",
    "model_type": "has to be an object",
    "model_attributes_type": "has to be an object",
    "string_too_short": "is empty",
    "string_too_long": "has more than {max_length} characters",
    "too_long": "has more than {max_length} entries",
    "literal_error": "has to be {expected}",
}
PATTERNS = {
    "identifier": "has to be step_1, step_2 and so on",
    "name": "has to start with a small letter, then small letters, digits and _, as in “product”",
}
# By how Python's own words begin, which are for programmers.
BROKEN = {
    "Expecting value": "a value is missing",
    "Expecting property name": "a name in double quotes is missing",
    "Expecting ':'": "a colon is missing",
    "Expecting ','": "a comma or a closing bracket is missing",
    "Illegal trailing comma": "there is a comma too many",
    "Unterminated string": "a text begins that has no closing quote",
    "Invalid control character": "a text has a line break or another control character in it",
    "Invalid \\": "a backslash stands before something that it cannot stand before",
    "Extra data": "the file should have ended before",
}


class ImportRefused(Exception):
    """The message is for the person and names the next action."""


def read_file(content: bytes) -> WorkflowDescription:
    """The workflow in an uploaded file. Raises ImportRefused."""
    if len(content) > MOST_BYTES:
        raise ImportRefused(TOO_LARGE)
    return _File(_decoded(content)).workflow()


TOO_LARGE = f"The file is larger than {MOST_BYTES // 10**6} MB. {NO_EXPORT}"


def _decoded(content: bytes) -> str:
    try:
        return content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = content.count(b"\n", 0, error.start) + 1
        raise ImportRefused(f"Line {line} is not UTF-8 text. {NO_EXPORT}") from None


def _broken(error: json.JSONDecodeError) -> str:
    where = f"Line {error.lineno}, column {error.colno}: the JSON is broken here"
    said = [sentence for words, sentence in BROKEN.items() if error.msg.startswith(words)]
    return ": ".join([where, *said])


class _File:
    """The text of a file, and what it says."""

    def __init__(self, text: str) -> None:
        self.text = text
        self.content = self._parsed()

    def workflow(self) -> WorkflowDescription:
        self._check_header()
        try:
            described = WorkflowDescription.model_validate(self.content.get("workflow", {}))
        except ValidationError as invalid:
            self._refuse_shape(invalid.errors()[0])
        self._refuse_twins("inputs", "name", [input.name for input in described.inputs])
        self._refuse_twins("steps", "identifier", [step.identifier for step in described.steps])
        for index, input in enumerate(described.inputs):
            if STEP.fullmatch(input.name):
                what = f"is {input.name}, which is kept for steps. Give the input another name"
                self._refuse(("inputs", index, "name"), what)
        for index, step in enumerate(described.steps):
            if step.kind not in kinds.names():
                what = f"is “{step.kind[:40]}”; there is {' and '.join(kinds.names())}"
                self._refuse(("steps", index, "kind"), what)
            step.settings = kinds.get(step.kind).portable(step.settings)
        return described

    def _parsed(self) -> Any:
        try:
            content = json.loads(self.text, parse_constant=self._refuse_constant)
            json.dumps(content, ensure_ascii=False, allow_nan=False).encode()
        except json.JSONDecodeError as error:
            raise ImportRefused(f"{_broken(error)}. {MEND}") from None
        except UnicodeEncodeError:
            raise ImportRefused(f"The file has half a character in it. {NO_EXPORT}") from None
        except (ValueError, RecursionError):
            sentence = "The file has a number or a nesting in it that nothing can read."
            raise ImportRefused(f"{sentence} {NO_EXPORT}") from None
        if zero := re.search(r"(?<!\\)(?:\\\\)*\\u0000", self.text):
            line = line_at(self.text, zero.start())
            raise ImportRefused(f"Line {line} has a null character (\\u0000) in it. {MEND}")
        return content

    def _check_header(self) -> None:
        if not isinstance(self.content, dict) or self.content.get("format") != FORMAT:
            raise ImportRefused(f"{NO_EXPORT} It would say “format”: “{FORMAT}”.")
        version = self.content.get("version")
        if version != VERSION or isinstance(version, bool):
            written = "none" if version is None else json.dumps(version)[:40]
            raise ImportRefused(
                f"Line {line_of(self.text, ['version'])}: the version of the format is {written};"
                f" only {VERSION} can be read here. Export the workflow again from a program that"
                f" writes version {VERSION}."
            )

    def _refuse_constant(self, constant: str) -> NoReturn:
        line = line_of_bare_word(self.text, constant)
        raise ImportRefused(f"Line {line}: {constant} is no value of JSON. {MEND}")

    def _refuse_shape(self, error: ErrorDetails) -> NoReturn:
        path = error["loc"]
        if error["type"] == "string_pattern_mismatch":
            self._refuse(path, PATTERNS[str(path[-1])])
        sentence = SENTENCES.get(error["type"], "cannot be read")
        self._refuse(path, sentence.format(**error.get("ctx", {})))

    def _refuse_twins(self, group: str, field: str, values: list[str]) -> None:
        for index, value in enumerate(values):
            if value in values[:index]:
                self._refuse((group, index, field), f"is {value}, and so is one before it")

    def _refuse(self, path: Sequence[str | int], what: str) -> NoReturn:
        line = line_of(self.text, ["workflow", *path])
        named = " → ".join(str(key + 1 if isinstance(key, int) else key) for key in path)
        raise ImportRefused(f"Line {line}: {named or 'workflow'} {what}. {MEND}")
