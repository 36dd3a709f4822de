"""OpenAI's Images API: POST /images/generations, not streamed. Wire reference, section 1."""

from collections.abc import Mapping
from typing import Any

from pydantic import BaseModel, StrictInt

from imagegen.config import OpenAIConfig
from imagegen.errors import Fault
from imagegen.providers import answers
from imagegen.providers.contract import Body, Picture, Question, Refusal, Request, Result, Usage
from imagegen.providers.loose import Loose, LooseList
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


def request(config: OpenAIConfig, prompt: str, key: str, base_url: str) -> Request:
    url = f"{base_url.rstrip('/')}/images/generations"
    return Request(url=url, headers=_headers(key), body=_body(config, prompt))


def key_question(key: str, base_url: str) -> Question:
    """The list of models."""
    return Question(url=f"{base_url.rstrip('/')}/models", headers=_headers(key))


def _headers(key: str) -> dict[str, str]:
    return {"Authorization": f"Bearer {key}", **answers.HEADERS}


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
    b64_json: Loose[answers.Base64] = None
    revised_prompt: Loose[str] = None  # never of a GPT image model so far


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
    data: LooseList[Image] = []
    error: Loose[Error] = None
    usage: Loose[Tokens] = None
    size: Loose[str] = None
    quality: Loose[str] = None
    background: Loose[str] = None
    output_format: Loose[str] = None


def parse(status: int, headers: Mapping[str, str], body: Body) -> Result | Refusal:
    headers = answers.lowered(headers)
    request_id = answers.request_id(headers)
    answer = answers.read(Answer, body)
    if answer and answers.is_success(status) and (pictures := _pictures(answer)):
        return Result(pictures, _usage(answer.usage), _returned(answer), request_id)
    error = (answer and answer.error) or Error()
    named = _named_fault(error)
    fault = answers.fault_of(status, named) if answer else answers.fault_unread(status, body)
    return Refusal(
        fault,
        said=quotable(error.message or ""),
        detail=answers.detail(fault, status, FIELDS.get(error.param or "", "")),
        request_id=request_id,
        retry_after=answers.wait(fault, headers),
    )


def _pictures(answer: Answer) -> tuple[Picture, ...]:
    return answers.pictures(image.b64_json for image in answer.data)


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
    return answers.plausible(usage)


def _returned(answer: Answer) -> dict[str, str]:
    said = answer.model_dump(include=set(RETURNED), exclude_none=True)
    settings = {FIELDS[name]: quotable(said[name], 40) for name in RETURNED if name in said}
    return settings | answers.revised(image.revised_prompt for image in answer.data)


def _named_fault(error: Error) -> Fault | None:
    code, stage = error.code or "", error.moderation_details
    if code == "moderation_blocked" and stage and stage.moderation_stage == "output":
        return Fault.WITHHELD
    if code.startswith("billing_") or code.endswith("_spend_limit_exceeded"):
        return Fault.OUT_OF_CREDIT_HOSTED
    return BY_CODE.get(code) or BY_TYPE.get(error.type or "")
