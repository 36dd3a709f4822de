"""What travels through the sandbox: a request that was read, and the answer to be sent."""

import json
from collections.abc import Mapping
from dataclasses import dataclass, replace
from functools import cached_property
from typing import Any

Header = tuple[str, str]


@dataclass(frozen=True)
class Request:
    id: str
    method: str
    path: str
    query: Mapping[str, str]
    """Kept apart from the path, because a key may stand in it and paths are logged."""
    headers: Mapping[str, str]
    """Names in lower case."""
    body: bytes

    @property
    def bearer(self) -> str:
        """The key of the Authorization header; empty when there is none or it is malformed."""
        scheme, _, credentials = self.headers.get("authorization", "").partition(" ")
        return credentials.strip() if scheme.lower() == "bearer" else ""

    @cached_property
    def json(self) -> Any:
        """The body as JSON; None when it is none."""
        try:
            return json.loads(self.body)
        except (ValueError, RecursionError):
            return None


@dataclass(frozen=True)
class Answer:
    status: int
    pieces: tuple[bytes, ...] = ()
    """The body, in the pieces in which a chunked answer sends it."""
    headers: tuple[Header, ...] = ()
    chunked: bool = False

    @property
    def body(self) -> bytes:
        return b"".join(self.pieces)

    def with_body(self, body: bytes) -> "Answer":
        return replace(self, pieces=(body,))

    def with_fields(self, changes: Mapping[str, Any]) -> "Answer":
        """With these in its JSON object; a stream, which has no such fields, stays as it is."""
        if self.chunked:
            return self
        return self.with_body(json.dumps(json.loads(self.body) | changes).encode())

    def with_header(self, name: str, value: str) -> "Answer":
        others = tuple(header for header in self.headers if header[0].lower() != name.lower())
        return replace(self, headers=(*others, (name, value)))

    def also_with_header(self, name: str, value: str) -> "Answer":
        """Beside the headers of that name that are there, which only a fault wants."""
        return replace(self, headers=(*self.headers, (name, value)))


class Refused(Exception):
    """The provider does not accept the request and bills nothing for it."""

    def __init__(self, answer: Answer) -> None:
        super().__init__(answer.status)
        self.answer = answer


def json_answer(status: int, payload: Any) -> Answer:
    return Answer(status, (json.dumps(payload).encode(),), (("Content-Type", "application/json"),))
