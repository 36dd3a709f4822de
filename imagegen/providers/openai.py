"""OpenAI's Images API: POST /images/generations, not streamed. Wire reference, section 1."""

from collections.abc import Mapping
from typing import Any

from pydantic import BaseModel, InstanceOf, StrictInt

from imagegen.config import OpenAIConfig
from imagegen.errors import Fault, Outcome
from imagegen.providers.contract import Blob, Body, Picture, Refusal, Request, Result, Usage
from imagegen.providers.loose import Loose
from imagegen.providers.waits import retry_after
from imagegen.providers.words import quotable

label = "OpenAI"

FIELDS = {
    "n": "image_count",
    "size": "image_size",
    "quality": "image_quality",
    "background": "image_background",
    "moderation": "image_moderation",
    "output_format": "image_output_format",
    "output_compression": "image_output_compression",
}
RETURNED = ("size", "quality", "background", "output_format")
MOST_TOKENS = 10_000_000

BY_CODE = {
    "invalid_api_key": Fault.KEY_REFUSED_HOSTED,
    "model_not_found": Fault.MODEL_RETIRED,
    "unknown_parameter": Fault.INVALID_SETTING,
    "missing_required_parameter": Fault.INVALID_SETTING,
    "invalid_value": Fault.INVALID_SETTING,
    "invalid_png_output_compression": Fault.INVALID_SETTING,
    "moderation_blocked": Fault.MODERATION_BLOCKED,
    "insufficient_quota": Fault.OUT_OF_CREDIT_HOSTED,
    "rate_limit_exceeded": Fault.RATE_LIMITED,
    "slow_down": Fault.RATE_LIMITED,
}
BY_TYPE = {
    "insufficient_quota": Fault.OUT_OF_CREDIT_HOSTED,
    "requests": Fault.RATE_LIMITED,
    "rate_limit_error": Fault.RATE_LIMITED,
    "server_error": Fault.PROVIDER_ERROR,
}
BY_STATUS = {
    400: Fault.INVALID_SETTING,
    401: Fault.KEY_REFUSED_HOSTED,
    402: Fault.OUT_OF_CREDIT_HOSTED,
    403: Fault.FORBIDDEN,
    404: Fault.MODEL_RETIRED,
    413: Fault.INVALID_SETTING,
    422: Fault.INVALID_SETTING,
    429: Fault.RATE_LIMITED,
    451: Fault.FORBIDDEN,
}
# Complete answers after which the image may have been made and billed all the same.
AMBIGUOUS = {408, 409, 425}


def request(config: OpenAIConfig, prompt: str, key: str, base_url: str) -> Request:
    headers = {
        "Authorization": f"Bearer {key}",
        "Content-Type": "application/json",
        "Accept": "application/json",
        # A compressed body would escape the cap on its size.
        "Accept-Encoding": "identity",
        "User-Agent": "FetchHive/0.1",
    }
    url = f"{base_url.rstrip('/')}/images/generations"
    return Request(url=url, headers=headers, body=_body(config, prompt))


def _body(config: OpenAIConfig, prompt: str) -> dict[str, Any]:
    # response_format is refused with 400; without it the images come as base64 anyway.
    body: dict[str, Any] = {
        "model": config.wire_id,
        "prompt": prompt,
        "n": config.image_count,
        "size": config.image_size,
        "quality": config.image_quality,
        "background": config.image_background,
        "moderation": config.image_moderation,
        "output_format": config.image_output_format,
    }
    if config.image_output_compression is not None:
        body["output_compression"] = config.image_output_compression
    return body


class ModerationDetails(BaseModel):
    moderation_stage: Loose[str] = None


class Error(BaseModel):
    message: Loose[str] = None
    type: Loose[str] = None
    param: Loose[str] = None
    code: Loose[str] = None
    moderation_details: Loose[ModerationDetails] = None


class Image(BaseModel):
    # InstanceOf, so that an object of the answer cannot pass for a place in it.
    b64_json: Loose[InstanceOf[Blob] | str] = None


class InputDetails(BaseModel):
    text_tokens: StrictInt
    image_tokens: StrictInt = 0


class OutputDetails(BaseModel):
    image_tokens: StrictInt
    text_tokens: StrictInt = 0


class Tokens(BaseModel):
    input_tokens: StrictInt
    input_tokens_details: InputDetails | None = None
    output_tokens: StrictInt
    output_tokens_details: OutputDetails | None = None


class Answer(BaseModel):
    data: Loose[list[Loose[Image]]] = None
    error: Loose[Error] = None
    usage: Loose[Tokens] = None
    size: Loose[str] = None
    quality: Loose[str] = None
    background: Loose[str] = None
    output_format: Loose[str] = None


def parse(status: int, headers: Mapping[str, str], body: Body) -> Result | Refusal:
    named = {name.lower(): value for name, value in headers.items()}
    request_id = quotable(named.get("x-request-id", ""), 100)
    answer = _answer(body)
    if answer and 200 <= status < 300 and (pictures := _pictures(answer)):
        return Result(pictures, _usage(answer.usage), _returned(answer), request_id)
    error = (answer and answer.error) or Error()
    fault = _fault(status, error) if answer else _fault_without_answer(status, body)
    return Refusal(
        fault,
        said=quotable(error.message or ""),
        detail=_detail(fault, status, error),
        request_id=request_id,
        retry_after=retry_after(named) if fault is Fault.RATE_LIMITED else None,
    )


def _answer(body: Body) -> Answer | None:
    """None when the body is not a JSON object."""
    try:
        return Answer.model_validate(body.json())
    except (ValueError, RecursionError):
        return None


def _pictures(answer: Answer) -> tuple[Picture, ...]:
    sent = [image.b64_json for image in answer.data or [] if image]
    return tuple(Picture(base64) for base64 in sent if base64)


def _usage(tokens: Tokens | None) -> Usage | None:
    if tokens is None:
        return None
    taken, made = tokens.input_tokens_details, tokens.output_tokens_details
    usage = Usage(
        text_in=taken.text_tokens if taken else tokens.input_tokens,
        image_in=taken.image_tokens if taken else 0,
        image_out=made.image_tokens if made else tokens.output_tokens,
        text_out=made.text_tokens if made else 0,
    )
    counts = (usage.text_in, usage.image_in, usage.image_out, usage.text_out)
    # It belongs to an answer with images, so an image count of zero cannot be true either.
    is_plausible = usage.image_out > 0 and all(0 <= count <= MOST_TOKENS for count in counts)
    return usage if is_plausible else None


def _returned(answer: Answer) -> dict[str, str]:
    said = answer.model_dump(include=set(RETURNED), exclude_none=True)
    return {FIELDS[name]: quotable(said[name], 40) for name in RETURNED if name in said}


def _fault_without_answer(status: int, body: Body) -> Fault:
    """For a body that is no JSON object: cut off, empty, or from something between us."""
    first = body.start(1024).decode("utf-8", "replace").lstrip("\ufeff \t\r\n")[:1]
    if 200 <= status < 300:
        if not first:
            return Fault.NO_IMAGE
        return Fault.ANSWER_UNREADABLE if first in "{[" else Fault.ANSWER_UNEXPECTED
    if first == "<" and status in BY_STATUS and status != 429:
        # The page of a proxy: its 401 or 404 says nothing about the key or the model.
        return Fault.ANSWER_UNEXPECTED
    return _fault(status, Error())


def _fault(status: int, error: Error) -> Fault:
    if 300 <= status < 400:
        return Fault.REDIRECTED
    if status >= 500 or status in AMBIGUOUS:
        return Fault.PROVIDER_ERROR
    named = _named_fault(error)
    if 200 <= status < 300:
        # Without an image, and unbilled only where the error's code is known to be.
        return named if named and named.outcome is not Outcome.UNKNOWN else Fault.NO_IMAGE
    return named or BY_STATUS.get(status, Fault.ANSWER_UNEXPECTED)


def _named_fault(error: Error) -> Fault | None:
    code, stage = error.code or "", error.moderation_details
    if code == "moderation_blocked" and stage and stage.moderation_stage == "output":
        return Fault.WITHHELD
    if code.startswith("billing_") or code.endswith("_spend_limit_exceeded"):
        return Fault.OUT_OF_CREDIT_HOSTED
    return BY_CODE.get(code) or BY_TYPE.get(error.type or "")


def _detail(fault: Fault, status: int, error: Error) -> str:
    """For a refused setting our name of it, so that the page can open it."""
    if fault is Fault.PROVIDER_ERROR:
        return f"HTTP {status}"
    return FIELDS.get(error.param or "", "") if fault is Fault.INVALID_SETTING else ""
