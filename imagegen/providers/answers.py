"""What the answers of all providers have in common, and the headers of every request."""

import re
from collections.abc import Iterable, Mapping
from dataclasses import astuple
from typing import Annotated, TypeVar

from pydantic import BaseModel, Field, InstanceOf

from imagegen.errors import Fault
from imagegen.outcomes import Outcome
from imagegen.providers.contract import Blob, Body, Picture, Usage
from imagegen.providers.waits import retry_after
from imagegen.providers.words import quotable

T = TypeVar("T", bound=BaseModel)

HEADERS = {
    "Content-Type": "application/json",
    "Accept": "application/json",
    # A compressed body would escape the cap on its size.
    "Accept-Encoding": "identity",
    "User-Agent": "FetchHive/0.1",
}
MOST_TOKENS = 10_000_000
LONGEST_PROMPT = 4000  # of a rewritten one that is quoted
Count = Annotated[int, Field(strict=True, ge=0, le=MOST_TOKENS)]
# InstanceOf, so that an object of the answer cannot pass for a place in it.
Base64 = InstanceOf[Blob] | str

BY_STATUS = {
    400: Fault.INVALID_SETTING,
    401: Fault.KEY_REFUSED_HOSTED,
    402: Fault.OUT_OF_CREDIT_HOSTED,
    403: Fault.FORBIDDEN,
    404: Fault.ADDRESS_UNKNOWN,  # MODEL_RETIRED only where the provider itself names the model
    413: Fault.INVALID_SETTING,
    422: Fault.INVALID_SETTING,
    429: Fault.RATE_LIMITED,
    451: Fault.FORBIDDEN,
}
# Complete answers after which the image may have been made and billed all the same.
AMBIGUOUS = {408, 409, 425}


def read(kind: type[T], body: Body) -> T | None:
    """None when the body is not a JSON object."""
    try:
        return kind.model_validate(body.json())
    except (ValueError, RecursionError):
        return None


def plain_text(body: Body) -> str:
    """The words of a body that is neither JSON nor HTML."""
    text = _start(body)
    return "" if text[:1] in ("{", "[", "<") else text


def is_success(status: int) -> bool:
    return 200 <= status < 300


def lowered(headers: Mapping[str, str]) -> dict[str, str]:
    return {name.lower(): value for name, value in headers.items()}


def request_id(headers: Mapping[str, str]) -> str:
    return quotable(headers.get("x-request-id", ""), 100)


def pictures(sent: Iterable[Blob | str | None]) -> tuple[Picture, ...]:
    return tuple(Picture(base64) for base64 in sent if base64)


def served_by(model: str | None) -> dict[str, str]:
    """What a result says of the model that answered."""
    return {"model": quotable(model, 100)} if model else {}


def revised(prompts: Iterable[str | None]) -> dict[str, str]:
    """What a result says of the prompt: how the provider rewrote it, for one image or several."""
    said = dict.fromkeys(quotable(prompt, LONGEST_PROMPT) for prompt in prompts if prompt)
    return {"prompt": "\n\n".join(said)} if said else {}


def plausible(usage: Usage, *, with_images: bool = True) -> Usage | None:
    """None for counts that cannot be true; images that came have cost tokens."""
    has_images = usage.image_out > 0 or not with_images
    can_be = has_images and all(0 <= count <= MOST_TOKENS for count in astuple(usage))
    return usage if can_be else None


def fault_of(status: int, named: Fault | None) -> Fault:
    """Of an answer without an image; `named` is what the provider's own words say."""
    if 300 <= status < 400:
        return Fault.REDIRECTED
    is_billed = named is not None and named.outcome is Outcome.BILLED_EMPTY
    if status >= 500 or (status in AMBIGUOUS and not is_billed):
        return Fault.PROVIDER_ERROR
    if is_success(status):
        # Without an image, and unbilled only where the provider's words are known to say so.
        return named if named and named.outcome is not Outcome.UNKNOWN else Fault.NO_IMAGE
    return named or BY_STATUS.get(status, Fault.ANSWER_UNEXPECTED)


def fault_unread(status: int, body: Body, named: Fault | None = None) -> Fault:
    """For a body that is no JSON object: cut off, empty, or from something between us."""
    first = _start(body)[:1]
    if is_success(status):
        if not first:
            return Fault.NO_IMAGE
        return Fault.ANSWER_UNREADABLE if first in "{[" else Fault.ANSWER_UNEXPECTED
    if first == "<" and status in BY_STATUS and status != 429:
        # The page of a proxy: its 401 or 404 says nothing about the key or the model.
        return Fault.ANSWER_UNEXPECTED
    return fault_of(status, named)


def detail(fault: Fault, status: int, setting: str = "") -> str:
    """For a refused setting our name of it, so that the page can open it."""
    if fault is Fault.PROVIDER_ERROR:
        return f"HTTP {status}"
    return setting if fault is Fault.INVALID_SETTING else ""


def wait(fault: Fault, headers: Mapping[str, str]) -> float | None:
    return retry_after(headers) if fault is Fault.RATE_LIMITED else None


def names_a_model(words: str) -> bool:
    """Whether a 404 is about the model and not about the address."""
    return re.search(r"\bmodels?\b", words, re.IGNORECASE) is not None


def _start(body: Body) -> str:
    return body.start(1024).decode("utf-8", "replace").lstrip("\ufeff \t\r\n")
