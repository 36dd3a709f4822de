"""Google's Gemini: POST /models/{id}:generateContent, not streamed, the same on the Developer API
and on Google Cloud. Wire reference, section 3."""

import re
from collections.abc import Mapping
from typing import Any

from imagegen.config import GeminiConfig
from imagegen.errors import Fault
from imagegen.providers import answers
from imagegen.providers.contract import Body, Picture, Refusal, Request, Result, Usage
from imagegen.providers.gemini_answer import BLOCKING, Answer, Error
from imagegen.providers.waits import retry_delay
from imagegen.providers.words import quotable

label = "Google Gemini"

BAD_KEY = re.compile(
    r"api key (?:not valid|not found|expired)|unregistered callers|reported as leaked",
    re.IGNORECASE,
)
# Messages of a burst speak of quota and billing, too: only these say that waiting is no use.
SPENT = re.compile(
    r"\blimit: ?0(?![.\d])|\bspend(?:ing)? (?:cap|limit)|\bprepayment\b", re.IGNORECASE
)
ASPECT_RATIO = re.compile(r"aspect[ _]?ratio", re.IGNORECASE)


def request(config: GeminiConfig, prompt: str, key: str, base_url: str) -> Request:
    headers = {"x-goog-api-key": key, **answers.HEADERS}
    url = f"{base_url.rstrip('/')}/models/{config.wire_id}:generateContent"
    return Request(url=url, headers=headers, body=_body(config, prompt))


def _body(config: GeminiConfig, prompt: str) -> dict[str, Any]:
    # There is no count: more than one candidate is refused with 400.
    return {
        "contents": [{"role": "user", "parts": [{"text": prompt}]}],
        "generationConfig": {
            "responseModalities": ["IMAGE"],
            "imageConfig": {"aspectRatio": config.image_size, **config.record.parameters},
        },
    }


def parse(status: int, headers: Mapping[str, str], body: Body) -> Result | Refusal:
    headers = answers.lowered(headers)
    read = answers.read(Answer, body)
    answer = read or Answer()
    request_id = quotable(answer.response_id or headers.get("x-goog-request-id", ""), 100)
    if answers.is_success(status) and (pictures := _pictures(answer)):
        usage = _usage(answer, with_images=True)
        return Result(pictures, usage, answers.served_by(answer.model_version), request_id)
    named = _named_fault(status, answer)
    fault = answers.fault_of(status, named) if read else answers.fault_unread(status, body)
    return Refusal(
        fault,
        said=quotable(_said(answer)),
        detail=_detail(fault, status, answer),
        request_id=request_id,
        retry_after=_wait(fault, answer, headers),
        usage=_usage(answer, with_images=False),
    )


def _pictures(answer: Answer) -> tuple[Picture, ...]:
    sent = [part.inline_data for part in answer.parts if part.inline_data and part.inline_data.data]
    # The declared type may be wrong: it is good only for choosing between several.
    images = [each for each in sent if (each.mime_type or "image/").lower().startswith("image/")]
    return answers.pictures(each.data for each in images or sent)


def _usage(answer: Answer, *, with_images: bool) -> Usage | None:
    counted = answer.usage_metadata
    if counted is None:
        return None
    made, details = counted.candidates_token_count, counted.candidates_tokens_details
    images = sum(each.token_count for each in details if each.modality == "IMAGE")
    if not details and (with_images or not answer.text):
        images = made
    usage = Usage(
        text_in=counted.prompt_token_count,
        image_out=images,
        text_out=made - images + counted.thoughts_token_count,
    )
    return answers.plausible(usage, with_images=with_images)


def _named_fault(status: int, answer: Answer) -> Fault | None:
    if answer.error is None:
        return _fault_of_nothing(answer) if answers.is_success(status) else None
    # An error in a 200 carries the status that it should have had.
    code = answer.error.code or 0 if answers.is_success(status) else status
    return _fault_of_error(code, answer.error) or answers.BY_STATUS.get(code)


def _fault_of_nothing(answer: Answer) -> Fault:
    """For an answer that is in order and holds no image."""
    reasons = set(answer.finish_reasons)
    if reasons & BLOCKING:
        return Fault.WITHHELD
    if answer.blocked_for:
        return Fault.MODERATION_BLOCKED
    if "MAX_TOKENS" in reasons:
        return Fault.ANSWER_UNREADABLE
    return Fault.ANSWERED_IN_WORDS if answer.text and reasons <= {"STOP"} else Fault.NO_IMAGE


def _fault_of_error(code: int, error: Error) -> Fault | None:
    message = (error.message or "").lower()
    if any((each.reason or "").startswith("API_KEY_") for each in error.details):
        return Fault.KEY_REFUSED_HOSTED
    if BAD_KEY.search(message):
        return Fault.KEY_REFUSED_HOSTED
    if code == 404 and answers.names_a_model(message):
        return Fault.MODEL_RETIRED
    if code == 429 and _is_spent(message, error):
        return Fault.OUT_OF_CREDIT_HOSTED
    if code in (400, 403) and "billing" in message:
        return Fault.OUT_OF_CREDIT_HOSTED
    if error.status == "FAILED_PRECONDITION" and "location" in message:
        return Fault.FORBIDDEN
    return None


def _is_spent(message: str, error: Error) -> bool:
    """Whether waiting a little is of no use."""
    quotas = [violation for detail in error.details for violation in detail.violations]
    return SPENT.search(message) is not None or any(
        quota.quota_value == "0" or "PerDay" in (quota.quota_id or "") for quota in quotas
    )


def _said(answer: Answer) -> str:
    feedback = answer.prompt_feedback
    said = [
        answer.error and answer.error.message,
        *(candidate.finish_message for candidate in answer.candidates),
        feedback and feedback.block_reason_message,
        answer.text,
    ]
    return next((words for words in said if words), "")


def _detail(fault: Fault, status: int, answer: Answer) -> str:
    if fault in (Fault.WITHHELD, Fault.MODERATION_BLOCKED):
        return quotable(answer.blocked_for, 40)
    if fault is Fault.ANSWERED_IN_WORDS:
        return quotable(answer.text, 150)
    about_ratio = ASPECT_RATIO.search(_said(answer))
    return answers.detail(fault, status, "image_size" if about_ratio else "")


def _wait(fault: Fault, answer: Answer, headers: Mapping[str, str]) -> float | None:
    details = answer.error.details if answer.error else []
    said = [retry_delay(each.retry_delay) for each in details if each.retry_delay]
    known = [seconds for seconds in said if seconds is not None]
    if fault is Fault.RATE_LIMITED and known:
        return known[0]
    return answers.wait(fault, headers)
