"""How OpenAI itself refuses or fails, in its own words (read 2026-11-22)."""

from collections.abc import Callable, Mapping
from typing import Any

from imagegen.sandbox import damage
from imagegen.sandbox import openai_rules as rules
from imagegen.sandbox.fault import Fault, Order
from imagegen.sandbox.hints import HINTS, with_hints
from imagegen.sandbox.markers import Arguments
from imagegen.sandbox.messages import Answer, json_answer

QUOTA = "You exceeded your current quota, please check your plan and billing details."
BLOCKED = "Your request was rejected by the safety system. If you believe this is an error, contact"
UNVERIFIED = "Your organization must be verified to use the model `{model}`. If you just verified,"
LIMIT = "Rate limit reached for {model} in organization org-sandbox on images per minute (IPM):"


def _bad_key(order: Order, arguments: Arguments) -> Answer:
    return rules.bad_key("sk-sandbox-0000000000000000")


def _unverified(order: Order, arguments: Arguments) -> Answer:
    start = UNVERIFIED.format(model=order.model)
    return rules.refusal(
        403, None, f"{start} it can take up to 15 minutes for access to propagate."
    )


def _moderation(stage: str) -> Callable[[Order, Arguments], Answer]:
    def answer(order: Order, arguments: Arguments) -> Answer:
        category = str(arguments["category"])
        error: dict[str, Any] = {
            "message": f"{BLOCKED} help.openai.com. safety_violations=[{category}].",
            "type": "image_generation_user_error",
            "param": None,
            "code": "moderation_blocked",
            "moderation_details": {"moderation_stage": stage, "categories": [category]},
        }
        return json_answer(400, {"error": error})

    return answer


def _rate_limit(order: Order, arguments: Arguments) -> Answer:
    message = f"{LIMIT.format(model=order.model)} Limit 5, Used 5, Requested 1. Please try again."
    answer = rules.refusal(429, "rate_limit_exceeded", message, kind="requests")
    return with_hints(answer, arguments)


def _slow_down(order: Order, arguments: Arguments) -> Answer:
    message = "You have ramped up too fast. Slow down, then raise your rate gradually."
    answer = rules.refusal(429, "slow_down", message, kind="rate_limit_error")
    return with_hints(answer, arguments)


def _quota(order: Order, arguments: Arguments) -> Answer:
    return rules.refusal(429, "insufficient_quota", QUOTA, kind="insufficient_quota")


def _billing_stop(order: Order, arguments: Arguments) -> Answer:
    message = "Billing hard limit has been reached."
    return rules.refusal(int(arguments["status"]), str(arguments["code"]), message)


def _invalid_option(order: Order, arguments: Arguments) -> Answer:
    param = str(arguments["param"])
    message = f"Invalid value for '{param}': it is no longer supported."
    return rules.refusal(400, "invalid_value", message, param=param)


def _no_transparency(order: Order, arguments: Arguments) -> Answer:
    message = "Transparent background is not supported for this model."
    return rules.refusal(400, None, message, param="background")


def _model_gone(order: Order, arguments: Arguments) -> Answer:
    return rules.model_not_found(order.model)


def _server_error(order: Order, arguments: Arguments) -> Answer:
    message = "The server had an error while processing your request. Sorry about that!"
    return rules.refusal(int(arguments["status"]), None, message, kind="server_error")


def _error_with_200(order: Order, arguments: Arguments) -> Answer:
    code = str(arguments["code"])
    return rules.refusal(200, code, "Something went wrong.", kind="server_error")


CATEGORY: Arguments = {"category": "violence"}
ANOTHER = {"created": 1, "size": "16x16", "quality": "max"}
BILLING_STOP: Arguments = {"status": 400, "code": "billing_hard_limit_reached"}

REFUSALS: Mapping[str, Fault[Order]] = {
    # Not billed
    "bad_key": Fault("F26 401", billed=False, refusal=_bad_key),
    "verify": Fault("F26 403", billed=False, refusal=_unverified),
    "moderation_input": Fault("F15", CATEGORY, billed=False, refusal=_moderation("input")),
    "rate_limit": Fault("F28-F30, F39 429", HINTS, billed=False, refusal=_rate_limit),
    "slow_down": Fault("F30 429", HINTS, billed=False, refusal=_slow_down),
    "quota": Fault("F27 429 that is no rate limit", billed=False, refusal=_quota),
    "billing_stop": Fault("F27", BILLING_STOP, billed=False, refusal=_billing_stop),
    "invalid_option": Fault("F25", {"param": "size"}, billed=False, refusal=_invalid_option),
    "no_transparency": Fault("F25", billed=False, refusal=_no_transparency),
    "model_gone": Fault("F40 404", billed=False, refusal=_model_gone),
    # Billed, or perhaps billed
    "moderation_output": Fault("F16", CATEGORY, refusal=_moderation("output")),
    "server_error": Fault("F31 5xx", {"status": 500}, refusal=_server_error),
    "unavailable_once": Fault("F31, then well", {"status": 503, "times": 1}, refusal=_server_error),
    "error_200": Fault("F10", {"code": "server_error"}, refusal=_error_with_200),
    "revised_prompt": Fault("the prompt was rewritten", answer=damage.rewritten_prompt),
    "text_only": Fault("F17 no image, only words", answer=damage.only_text),
    "data_null": Fault("F12 no list of images", answer=damage.fields({"data": None})),
    "other_request": Fault("F35 the answer to another", answer=damage.of_another_request(ANOTHER)),
}
