"""xAI's Grok Imagine: POST /images/generations, not deferred. Wire reference, section 2."""

import re
from collections.abc import Mapping
from typing import Annotated, Any

from pydantic import BaseModel, Field, StrictBool

from imagegen.config import XAIConfig
from imagegen.errors import Fault
from imagegen.providers import answers
from imagegen.providers.contract import Body, Picture, Question, Refusal, Request, Result, Usage
from imagegen.providers.loose import Loose, LooseList
from imagegen.providers.words import quotable

label = "xAI"

MOST_TICKS = 10**13  # a thousand dollars

MODERATED = r"content moderation|rejected by moderation|usage guidelines|content policy"
MADE_AND_REJECTED = re.compile(r"\bgenerated images? (?:was |were )?rejected\b")
# In code and text, the first that is found: statuses and codes alone are not clear enough.
BY_WORDS = (
    (MODERATED, Fault.MODERATION_BLOCKED),
    (r"all available credits|monthly spending limit|have any credits", Fault.OUT_OF_CREDIT_HOSTED),
    (r"(?:incorrect|invalid) api key|\bunauthenticated\b", Fault.KEY_REFUSED_HOSTED),
    (r"\bkey\b.{0,80}\b(?:blocked|disabled)\b", Fault.KEY_REFUSED_HOSTED),
    (r"\bmodel not found\b", Fault.MODEL_RETIRED),
    (r"resource[- ]exhausted|resource has been exhausted", Fault.RATE_LIMITED),
)


def request(config: XAIConfig, prompt: str, key: str, base_url: str) -> Request:
    url = f"{base_url.rstrip('/')}/images/generations"
    return Request(url=url, headers=_headers(key), body=_body(config, prompt))


def key_question(key: str, base_url: str) -> Question:
    """The list of its image models."""
    return Question(url=f"{base_url.rstrip('/')}/image-generation-models", headers=_headers(key))


def _headers(key: str) -> dict[str, str]:
    return {"Authorization": f"Bearer {key}", **answers.HEADERS}


def _body(config: XAIConfig, prompt: str) -> dict[str, Any]:
    return {
        "model": config.wire_id,
        "prompt": prompt,
        "n": config.image_count,
        **config.record.parameters,
    }


class Image(BaseModel):
    b64_json: Loose[answers.Base64] = None
    url: Loose[answers.Base64] = None
    revised_prompt: Loose[str] = None  # "" in older answers
    respect_moderation: Loose[StrictBool] = None


class Cost(BaseModel):
    cost_in_usd_ticks: Loose[Annotated[int, Field(strict=True, ge=0, le=MOST_TICKS)]] = None
    # Only 2.0 reports tokens, those of its prompt rewriter; the price stays one per image.
    input_tokens: Loose[answers.Count] = None
    output_tokens: Loose[answers.Count] = None


class Error(BaseModel):
    message: Loose[str] = None
    code: Loose[str] = None
    usage: Loose[Cost] = None


class Answer(BaseModel):
    """Errors come as {"code", "error": "text"} and as {"error": {"message", "code"}}."""

    data: LooseList[Image] = []
    usage: Loose[Cost] = None
    model: Loose[str] = None
    code: Loose[str] = None
    error: Loose[Error | str] = None

    @property
    def ticks(self) -> int | None:
        cost = self.usage or (isinstance(self.error, Error) and self.error.usage)
        return cost.cost_in_usd_ticks if cost else None

    @property
    def message(self) -> str:
        text = self.error.message if isinstance(self.error, Error) else self.error
        return text or ""

    @property
    def words(self) -> str:
        code = self.error.code if isinstance(self.error, Error) else self.code
        return f"{code or ''} {self.message}".lower()


def parse(status: int, headers: Mapping[str, str], body: Body) -> Result | Refusal:
    headers = answers.lowered(headers)
    request_id = answers.request_id(headers)
    read = answers.read(Answer, body)
    answer = read or Answer(error=answers.plain_text(body))
    if answers.is_success(status) and (pictures := _pictures(answer)):
        revised = answers.revised(image.revised_prompt for image in answer.data)
        returned = answers.served_by(answer.model) | revised
        return Result(pictures, _usage(answer), returned, request_id, answer.ticks)
    named = _named_fault(status, answer)
    fault = answers.fault_of(status, named) if read else answers.fault_unread(status, body, named)
    return Refusal(
        fault,
        said=quotable(answer.message),
        detail=answers.detail(fault, status),
        request_id=request_id,
        retry_after=answers.wait(fault, headers),
        provider_ticks=answer.ticks,
    )


def _pictures(answer: Answer) -> tuple[Picture, ...]:
    return answers.pictures(image.b64_json for image in answer.data)


def _usage(answer: Answer) -> Usage | None:
    """None when there is no cost that can be true."""
    cost = answer.usage
    if cost is None or cost.cost_in_usd_ticks is None:
        return None
    return Usage(text_in=cost.input_tokens or 0, text_out=cost.output_tokens or 0)


def _named_fault(status: int, answer: Answer) -> Fault | None:
    if any(image.url for image in answer.data):
        return Fault.IMAGE_BY_ADDRESS
    if any(image.respect_moderation is False for image in answer.data):
        return Fault.WITHHELD
    is_moderated = re.search(MODERATED, answer.words) is not None
    if MADE_AND_REJECTED.search(answer.words) or (answer.ticks and is_moderated):
        return Fault.WITHHELD
    if answer.ticks:  # billed, whatever else it says
        return Fault.NO_IMAGE
    if status == 404 and answers.names_a_model(answer.words):
        return Fault.MODEL_RETIRED
    return next((fault for words, fault in BY_WORDS if re.search(words, answer.words)), None)
