"""The table that the grammar here and the one in the browser are held to; for the browser see
tests/journeys/test_prompt_field.py."""

import json
from pathlib import Path

import pytest

from workflows.references import problems, references_in, walk

TABLE = json.loads((Path(__file__).parents[1] / "references.json").read_text())
CASES = TABLE["cases"]


def look(text):
    """How a reference looks that is all there is in a text."""
    inputs, outputs = TABLE["inputs"], TABLE["outputs"]
    if problems(text, inputs, outputs, TABLE["later"], TABLE["own"]):
        return "broken"
    (reference,) = references_in(text)
    if not reference.is_step:
        return "no-value" if inputs[reference.root] is None else "value"
    if outputs[reference.root] is None:
        return "no-value"
    try:
        walk({"output": outputs[reference.root]}, reference.path)
    except LookupError:
        return "no-value"
    return "value"


@pytest.mark.parametrize("case", CASES, ids=lambda case: case["text"][:30])
def test_the_table_says_what_the_grammar_says(case):
    from workflows.references import parse

    found = [piece.text for piece in parse(case["text"]) if not isinstance(piece, str)]
    assert [[text, look(text)] for text in found] == case["looks"]
