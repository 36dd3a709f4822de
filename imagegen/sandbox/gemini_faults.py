"""How Google itself refuses or fails, in its own words (read 2026-11-22)."""

import json
from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import Any

from imagegen.sandbox import damage
from imagegen.sandbox import gemini_words as words
from imagegen.sandbox.fault import Fault
from imagegen.sandbox.gemini_order import BEFORE_THE_IMAGE, IN_PLACE_OF_IT, ImageOrder, Part
from imagegen.sandbox.gemini_words import Detail
from imagegen.sandbox.hints import HINTS, with_hints
from imagegen.sandbox.markers import Arguments
from imagegen.sandbox.messages import Answer

Refusal = Callable[[ImageOrder, Arguments], Answer]

REVIVAL = "model_alive"
PRECONDITION = "FAILED_PRECONDITION"
LEAKED = "Your API key was reported as leaked. Please use another API key."
FORBIDDEN = "Permission denied: this project may not use the model {model}."
LOCATION = "User location is not supported for the API use."
BILLING = "Billing is not enabled for this project. Enable it in Google AI Studio and try again."
SPEND_CAP = "Your project has exceeded its monthly spending cap."
QUOTA = (
    "You exceeded your current quota, please check your plan and billing details. For more"
    " information on this error, head to: https://ai.google.dev/gemini-api/docs/rate-limits."
)
METRIC = f"{words.DEVELOPER_HOST}/generate_requests_per_model"
PER_MINUTE = "GenerateRequestsPerMinutePerProjectPerModel"
PER_DAY = "GenerateRequestsPerDayPerProjectPerModel"
SERVER_ERRORS = {
    500: ("INTERNAL", "An internal error has occurred. Please retry or report it."),
    # Google's status of a 502 is assumed.
    502: ("UNAVAILABLE", "The service is currently unavailable."),
    503: ("UNAVAILABLE", "The model is overloaded. Please try again later."),
    504: ("DEADLINE_EXCEEDED", "The request timed out. Please try again."),
}


def _bad_key(order: ImageOrder, arguments: Arguments) -> Answer:
    return words.bad_key()


def _said(code: int, status: str, message: str, *details: Detail) -> Refusal:
    def answer(order: ImageOrder, arguments: Arguments) -> Answer:
        return words.refusal(code, status, message.format(model=order.model), details)

    return answer


def _exhausted(quota_id: str, limit: int) -> Refusal:
    """A used-up day, too, comes with a delay after which it is still used up."""

    def answer(order: ImageOrder, arguments: Arguments) -> Answer:
        delay = str(arguments["delay"])
        message = f"{QUOTA}\n* Quota exceeded for metric: {METRIC}, limit: {limit}, model: "
        message += f"{order.model}\nPlease retry in {delay}." if delay else order.model
        details = [_violation(order, quota_id, limit)]
        details += [words.detail("RetryInfo", retryDelay=delay)] if delay else []
        return with_hints(words.refusal(429, "RESOURCE_EXHAUSTED", message, details), arguments)

    return answer


def _violation(order: ImageOrder, quota_id: str, limit: int) -> Detail:
    violation: dict[str, Any] = {
        "quotaMetric": METRIC,
        "quotaId": quota_id,
        "quotaDimensions": {"location": "global", "model": order.model},
    }
    # Google's JSON leaves zeros out.
    shown = {"quotaValue": str(limit)} if limit else {}
    return words.detail("QuotaFailure", violations=[violation | shown])


def _model_gone(order: ImageOrder, arguments: Arguments) -> Answer:
    newer = int(arguments["words"]) == 2
    return words.model_gone(order.model, order.version, newer_words=newer)


def _invalid_option(order: ImageOrder, arguments: Arguments) -> Answer:
    rule = "the value is no longer supported."
    name = f"generation_config.{arguments['param']}"
    return words.refusal(400, "INVALID_ARGUMENT", words.invalid_field(name, rule))


def _server_error(order: ImageOrder, arguments: Arguments) -> Answer:
    code = int(arguments["status"])
    return words.refusal(code, *SERVER_ERRORS.get(code, SERVER_ERRORS[500]))


def _error_with_200(order: ImageOrder, arguments: Arguments) -> Answer:
    return replace(words.refusal(500, *SERVER_ERRORS[500]), status=200)


def _wrapped(say: Refusal) -> Refusal:
    """In a list of one when the marker asks for it, which the SDK of the vendor unwraps."""

    def wrapped(order: ImageOrder, arguments: Arguments) -> Answer:
        answer = say(order, arguments)
        return answer.with_body(b"[%b]" % answer.body) if arguments["wrapped"] else answer

    return wrapped


def _refused(
    meaning: str, say: Refusal, arguments: Arguments | None = None, *, billed: bool = False
) -> Fault[ImageOrder]:
    known = {"wrapped": 0, **(arguments or {})}
    return Fault(meaning, known, billed=billed, refusal=_wrapped(say))


def _prompt_blocked(order: ImageOrder, arguments: Arguments) -> Answer:
    feedback = {"blockReason": arguments["reason"]}
    return order.response(promptFeedback=feedback, usageMetadata=order.prompt_usage)


def _without_image(**content: Any) -> Refusal:
    def answer(order: ImageOrder, arguments: Arguments) -> Answer:
        reason = arguments["reason"]
        message = f"Unable to show the generated image: {reason}."
        candidate = {**content, "finishReason": reason, "finishMessage": message, "index": 0}
        return order.response(candidates=[candidate], usageMetadata=order.prompt_usage)

    return answer


def _only_words(order: ImageOrder, arguments: Arguments) -> ImageOrder:
    return replace(order, draws=False, words=str(arguments["text"]))


def _words_first(order: ImageOrder, arguments: Arguments) -> ImageOrder:
    return replace(order, words=BEFORE_THE_IMAGE)


def _with_thoughts(order: ImageOrder, arguments: Arguments) -> ImageOrder:
    return replace(order, shows_thoughts=True)


def _in_every_part(change: Callable[[Part], Part]) -> Callable[[Answer, Arguments], Answer]:
    def changed(answer: Answer, arguments: Arguments) -> Answer:
        candidates = json.loads(answer.body)["candidates"]
        for candidate in candidates:
            content = candidate["content"]
            content["parts"] = [change(part) for part in content["parts"]]
        return answer.with_fields({"candidates": candidates})

    return changed


def _with_lying_type(part: Part) -> Part:
    if "inlineData" not in part:
        return part
    data = part["inlineData"]
    other = "image/jpeg" if data["mimeType"] == "image/png" else "image/png"
    return {**part, "inlineData": {**data, "mimeType": other}}


def _in_snake_case(part: Part) -> Part:
    if "inlineData" not in part:
        return part
    kept = {name: value for name, value in part.items() if name != "inlineData"}
    data = part["inlineData"]
    return {**kept, "inline_data": {"mime_type": data["mimeType"], "data": data["data"]}}


def _without_details(usage: Any, arguments: Arguments) -> Any:
    return {name: count for name, count in usage.items() if name != "candidatesTokensDetails"}


def _more_than_details(usage: Any, arguments: Arguments) -> Any:
    more = int(arguments["tokens"])
    names = ("candidatesTokenCount", "totalTokenCount")
    return usage | {name: usage[name] + more for name in names}


NO_DELAY: Arguments = {**HINTS, "delay": ""}
DELAY: Arguments = {**HINTS, "delay": "41s"}
ANOTHER = {"modelVersion": "gemini-2.0-flash", "responseId": "of-somebody-else"}

REFUSALS: Mapping[str, Fault[ImageOrder]] = {
    # Not billed
    "bad_key": _refused("F26 400, not 401", _bad_key),
    "verify": _refused("F26 403", _said(403, "PERMISSION_DENIED", FORBIDDEN)),
    "leaked_key": _refused(
        "F26 403",
        _said(403, "PERMISSION_DENIED", LEAKED, words.error_info("API_KEY_SERVICE_BLOCKED")),
    ),
    "location": _refused("F26 400", _said(400, PRECONDITION, LOCATION)),
    "billing_stop": _refused("F27 400", _said(400, PRECONDITION, BILLING)),
    "rate_limit": _refused("F28-F30, F39 429 and when to retry", _exhausted(PER_MINUTE, 10), DELAY),
    "rate_limit_bare": _refused("F30 429", _exhausted(PER_MINUTE, 10), NO_DELAY),
    "quota": _refused("F27 429 for the rest of the day", _exhausted(PER_DAY, 250), DELAY),
    "quota_zero": _refused("F27 429 `limit: 0`", _exhausted(PER_MINUTE, 0), DELAY),
    "spend_cap": _refused("F27 429", _said(429, "RESOURCE_EXHAUSTED", SPEND_CAP)),
    "model_gone": _refused("F40 404", _model_gone, {"words": 1}),
    "invalid_option": _refused("F25 400", _invalid_option, {"param": "image_config.aspect_ratio"}),
    # Whether Google bills it is not known; the reference on reliability takes it as unbilled.
    "moderation_input": Fault(
        "F15 200", {"reason": "SAFETY"}, billed=False, refusal=_prompt_blocked
    ),
    # Billed, or perhaps billed
    "moderation_output": Fault(
        "F16 200", {"reason": "IMAGE_SAFETY"}, refusal=_without_image(content={})
    ),
    "no_image": Fault("F17 200", {"reason": "NO_IMAGE"}, refusal=_without_image()),
    "max_tokens": Fault("F17 200", {"reason": "MAX_TOKENS"}, refusal=_without_image()),
    "server_error": _refused("F31 5xx", _server_error, {"status": 500}, billed=True),
    "unavailable_once": _refused(
        "F31, then well", _server_error, {"status": 503, "times": 1}, billed=True
    ),
    "error_200": _refused("F10", _error_with_200, billed=True),
    REVIVAL: Fault("a retired model answers all the same"),
    "text_only": Fault("F17 only words", {"text": IN_PLACE_OF_IT}, order=_only_words),
    "image_after_text": Fault("words first, unasked for", order=_words_first),
    "thoughts": Fault("interim words and image first", order=_with_thoughts),
    "lying_mime": Fault("F18", answer=_in_every_part(_with_lying_type)),
    "snake_case": Fault("inline_data, mime_type", answer=_in_every_part(_in_snake_case)),
    "details_missing": Fault("F36 tokens without modality", usage=_without_details),
    "text_tokens": Fault("F36 more than itemised", {"tokens": 50}, usage=_more_than_details),
    "data_null": Fault("F12", answer=damage.fields({"candidates": None})),
    "other_request": Fault("F35 another's", answer=damage.fields(ANOTHER)),
}
