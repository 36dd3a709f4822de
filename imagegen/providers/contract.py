"""What a provider adapter is given and gives back. Pure values: no network, no rows."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Literal, Protocol

from imagegen.errors import Fault

Kind = Literal["text_in", "image_in", "image_out", "text_out", "image"]
"""What is counted, and priced."""


@dataclass(frozen=True)
class Request:
    """One POST. The address is built from the base URL of our settings and nothing else."""

    url: str
    headers: Mapping[str, str] = field(repr=False)  # carries the key
    body: Mapping[str, Any] = field(repr=False)  # sent as JSON


@dataclass(frozen=True)
class Question:
    """One GET that costs nothing and that only a good key may ask."""

    url: str
    headers: Mapping[str, str] = field(repr=False)  # carries the key


@dataclass(frozen=True)
class Blob:
    """Where a long string of the answer stands in its body: byte offsets, the end excluded."""

    start: int
    end: int


class Body(Protocol):
    """The spooled body of a complete answer."""

    @property
    def size(self) -> int: ...

    def start(self, size: int) -> bytes:
        """The first bytes, to tell JSON from HTML."""
        ...

    def json(self) -> Any:
        """The document, with each long base64 string replaced by its Blob, so that an answer of
        200 MB costs no memory. Raises ValueError when the body is not one JSON document."""
        ...


@dataclass(frozen=True)
class Picture:
    """One image as it came: base64 in place (Blob) or, when it was short, as text."""

    base64: Blob | str


@dataclass(frozen=True)
class Usage:
    """Tokens as the provider counted them, for the whole request."""

    text_in: int = 0
    image_in: int = 0
    image_out: int = 0
    text_out: int = 0


@dataclass(frozen=True)
class Result:
    pictures: tuple[Picture, ...]
    usage: Usage | None
    """None when the provider named none or one that cannot be true."""
    returned: Mapping[str, Any]
    """The settings the provider says it used, under our names; `model` is the one that served,
    `prompt` the one it was rewritten to."""
    request_id: str = ""
    provider_ticks: int | None = None
    """The provider's own figure of the cost, in 10**-10 dollars."""


@dataclass(frozen=True)
class Refusal:
    """A complete answer that holds no image."""

    fault: Fault
    said: str = ""
    """The provider's own words, shortened and redacted; shown only escaped."""
    detail: str = ""
    request_id: str = ""
    retry_after: float | None = None
    """Seconds the provider asked us to wait; None when it named none we understand."""
    usage: Usage | None = None
    """What was used up all the same."""
    provider_ticks: int | None = None


class Provider(Protocol):
    """A module in this folder."""

    label: str

    def request(self, config: Any, prompt: str, key: str, base_url: str) -> Request: ...

    def parse(self, status: int, headers: Mapping[str, str], body: Body) -> Result | Refusal: ...


class PersonalProvider(Provider, Protocol):
    """A provider whose models offer Personal."""

    def key_question(self, key: str, base_url: str) -> Question: ...
