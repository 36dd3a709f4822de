"""Bodies of answers, as the adapters get them."""

import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from hypothesis import strategies as st

ANSWERS = Path(__file__).parent / "answers"
HTML = b"<!DOCTYPE html><title>502 Bad Gateway</title>"


@dataclass
class Bytes:
    """A body that is simply there."""

    content: bytes

    @property
    def size(self) -> int:
        return len(self.content)

    def start(self, size: int) -> bytes:
        return self.content[:size]

    def json(self) -> Any:
        return json.loads(self.content)


@dataclass
class Document(Bytes):
    """A body whose long strings are Blobs."""

    content: bytes
    document: Any

    def json(self) -> Any:
        return self.document


def body(content):
    return Bytes(content if isinstance(content, bytes) else json.dumps(content).encode())


def recorded(name):
    return json.loads((ANSWERS / f"{name}.json").read_text())


def any_body(*names):
    """Any bytes, and any JSON that uses these names."""
    scalars = st.none() | st.booleans() | st.integers() | st.floats() | st.text()
    anything = st.recursive(
        scalars,
        lambda inner: (
            st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from(names), inner, max_size=5)
        ),
        max_leaves=15,
    )
    return st.binary(max_size=60) | anything.map(lambda value: json.dumps(value).encode())
