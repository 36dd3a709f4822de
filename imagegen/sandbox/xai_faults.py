"""How xAI itself refuses or fails, in its own words (read 2026-11-22)."""

import json
from collections.abc import Callable, Mapping
from dataclasses import replace
from enum import StrEnum
from typing import Any

from imagegen.sandbox import damage
from imagegen.sandbox import xai_rules as rules
from imagegen.sandbox.fault import Fault
from imagegen.sandbox.hints import HINTS, with_hints
from imagegen.sandbox.markers import Arguments
from imagegen.sandbox.messages import Answer
from imagegen.sandbox.xai_links import LIFETIME
from imagegen.sandbox.xai_order import ImageOrder

Refusal = Callable[[ImageOrder, Arguments], Answer]


class Envelope(StrEnum):
    """Both are met; the SDK of the vendor reads both."""

    FLAT = "flat"
    NESTED = "nested"


class Codes(StrEnum):
    """Short words since about the middle of 2026, long sentences before."""

    NEW = "new"
    OLD = "old"


SHAPE: Arguments = {"envelope": Envelope.FLAT, "codes": Codes.NEW}
OLD_CODES = {
    "invalid-argument": "Client specified an invalid argument",
    "permission-denied": "The caller does not have permission to execute the specified operation",
    "resource-exhausted": "Some resource has been exhausted",
    "not-found": "Some requested entity was not found",
}
TEAM = "a1b2c3d4-0000-4000-8000-00005a9db0c5"
NO_CREDITS = (
    f"Your team {TEAM} has either used all available credits or reached its monthly spending limit."
    " To continue making API requests, please purchase more credits or raise your spending limit."
)
BUSY = f"Too many requests for team {TEAM} and model {{model}}. Your team's rate limits are"
REJECTED = "Generated image rejected by content moderation."
# The wording before drawing is assumed; only the missing cost tells the two apart.
PROMPT_REJECTED = "Prompt rejected by content moderation."


def _bad_key(order: ImageOrder, arguments: Arguments) -> Answer:
    return rules.bad_key()


def _blocked(order: ImageOrder, arguments: Arguments) -> Answer:
    message = f"Your team {TEAM} is not allowed to use the model {order.model}."
    return rules.refusal(403, "permission-denied", message)


def _prompt_rejected(order: ImageOrder, arguments: Arguments) -> Answer:
    return rules.refusal(400, "invalid-argument", PROMPT_REJECTED)


def _image_rejected(order: ImageOrder, arguments: Arguments) -> Answer:
    usage = {"cost_in_usd_ticks": order.ticks}
    return rules.refusal(400, "invalid-argument", REJECTED, usage=usage)


def _rate_limit(order: ImageOrder, arguments: Arguments) -> Answer:
    message = f"{BUSY.format(model=order.model)} Requests per Minute (actual/limit): 2/2."
    return with_hints(rules.refusal(429, "resource-exhausted", message), arguments)


def _no_credits(status: int, code: str) -> Refusal:
    return lambda order, arguments: rules.refusal(status, code, NO_CREDITS)


def _invalid_option(order: ImageOrder, arguments: Arguments) -> Answer:
    return rules.refusal(400, "invalid-argument", rules.not_supported(str(arguments["param"])))


def _unprocessable(order: ImageOrder, arguments: Arguments) -> Answer:
    return rules.unprocessable("missing field `prompt` at line 1 column 42")


def _model_gone(order: ImageOrder, arguments: Arguments) -> Answer:
    return rules.model_not_found(order.model)


def _server_error(order: ImageOrder, arguments: Arguments) -> Answer:
    """Codes as the results of deferred requests name them, in their new spelling (assumed)."""
    status = int(arguments["status"])
    if status == 500:
        return rules.refusal(500, "internal-error", "Internal server error.")
    return rules.refusal(status, "service-unavailable", "The service is currently unavailable.")


def _error_with_200(order: ImageOrder, arguments: Arguments) -> Answer:
    return rules.refusal(200, str(arguments["code"]), "Something went wrong.")


def _shaped(say: Refusal) -> Refusal:
    """In the envelope and with the code that the marker asks for."""

    def shaped(order: ImageOrder, arguments: Arguments) -> Answer:
        answer = say(order, arguments)
        payload = json.loads(answer.body)
        if arguments["codes"] is Codes.OLD:
            payload["code"] = OLD_CODES.get(payload["code"], payload["code"])
        if arguments["envelope"] is Envelope.NESTED:
            payload = _nested(**payload)
        return answer.with_body(json.dumps(payload).encode())

    return shaped


def _nested(code: str, error: str, **more: Any) -> dict[str, Any]:
    """Which `type` and `param` belong to which code is assumed."""
    inner = {"message": error, "type": "invalid_request_error", "code": code, "param": None}
    return {"error": inner, **more}


def _refused(
    meaning: str, say: Refusal, arguments: Arguments | None = None, *, billed: bool = False
) -> Fault[ImageOrder]:
    known = {**SHAPE, **(arguments or {})}
    return Fault(meaning, known, billed=billed, refusal=_shaped(say))


def _served_by_successor(tells: bool) -> Callable[[ImageOrder, Arguments], ImageOrder]:
    def served(order: ImageOrder, arguments: Arguments) -> ImageOrder:
        return replace(order, served=rules.SUCCESSOR, quality="low", names_model=tells)

    return served


def _with_addresses(order: ImageOrder, arguments: Arguments) -> ImageOrder:
    host = str(arguments["host"])
    site = f"https://{host}" if host else order.site
    return replace(order, as_links=True, site=site, lifetime=float(arguments["expires"]))


def _other_ticks(usage: Any, arguments: Arguments) -> Any:
    return {**usage, "cost_in_usd_ticks": arguments["ticks"]}


def _declared_as(mime_type: str | None) -> Callable[[Answer, Arguments], Answer]:
    def declared(answer: Answer, arguments: Arguments) -> Answer:
        entries = json.loads(answer.body)["data"]
        return answer.with_fields({"data": [{**one, "mime_type": mime_type} for one in entries]})

    return declared


def _withheld(answer: Answer, arguments: Arguments) -> Answer:
    """The last entries without their image, which current schemas no longer list."""
    entries = json.loads(answer.body)["data"]
    kept = max(0, len(entries) - int(arguments["drop"]))
    empty = [
        {**one, **dict.fromkeys(one.keys() & {"url", "b64_json"}, ""), "respect_moderation": False}
        for one in entries[kept:]
    ]
    return answer.with_fields({"data": entries[:kept] + empty})


UNAVAILABLE: Arguments = {"status": 503, "times": 1}
ADDRESSES: Arguments = {"host": "", "expires": LIFETIME}
ANOTHER = {"model": "grok-imagine-video", "created": 1}

REFUSALS: Mapping[str, Fault[ImageOrder]] = {
    # Not billed
    "bad_key": _refused("F26 400, not 401", _bad_key),
    "verify": _refused("F26 403 a blocked team or model", _blocked),
    "moderation_input": _refused("F15 400 without a cost", _prompt_rejected),
    "rate_limit": _refused("F28-F30, F39 429", _rate_limit, HINTS),
    "rate_limit_old": _refused("F30 429", _rate_limit, {**HINTS, "codes": Codes.OLD}),
    "quota": _refused("F27 403", _no_credits(403, "permission-denied")),
    "quota_old": _refused(
        "F27 429 that is no rate limit",
        _no_credits(429, "resource-exhausted"),
        {"codes": Codes.OLD},
    ),
    "invalid_option": _refused("F25 400", _invalid_option, {"param": "aspect_ratio"}),
    "unprocessable": Fault("F25 422, no JSON", billed=False, refusal=_unprocessable),
    "model_gone": _refused("F40 404", _model_gone),
    # Billed, or perhaps billed
    "moderation_output": _refused("F16 400 with its cost", _image_rejected, billed=True),
    "server_error": _refused("F31 5xx, 529", _server_error, {"status": 500}, billed=True),
    "unavailable_once": _refused("F31, then well", _server_error, UNAVAILABLE, billed=True),
    "error_200": _refused("F10", _error_with_200, {"code": "internal-error"}, billed=True),
    "redirected": Fault("2.0 at low draws and says so", order=_served_by_successor(True)),
    "silent_redirect": Fault("2.0 at low draws", order=_served_by_successor(False)),
    "ticks_off": Fault("F36 not the list price", {"ticks": 123_456_789}, usage=_other_ticks),
    "ticks_missing": Fault("F36 as usage_missing", usage=damage.no_usage),
    "url_instead": Fault("F37, F38 addresses", ADDRESSES, order=_with_addresses),
    "withheld_in_list": Fault("F16 200 with gaps", {"drop": 1}, answer=_withheld),
    "png": Fault(
        "PNG that says so", files=damage.as_another_format, answer=_declared_as("image/png")
    ),
    "mime_null": Fault("no type is declared", answer=_declared_as(None)),
    "revised_prompt": Fault("the prompt was rewritten", answer=damage.rewritten_prompt),
    "text_only": Fault("F17 no image, only words", answer=damage.only_text),
    "data_null": Fault("F12 no list of images", answer=damage.fields({"data": None})),
    "other_request": Fault("F35 another's", answer=damage.of_another_request(ANOTHER)),
}
