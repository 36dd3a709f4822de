"""Google's Gemini API and its twin on Google Cloud, simulated: the orders and the models."""

import re
import zlib
from collections.abc import Mapping, Sequence
from typing import Any

from imagegen.sandbox import gemini_rules as rules
from imagegen.sandbox import gemini_words as words
from imagegen.sandbox.fault import Fault
from imagegen.sandbox.gemini_faults import REFUSALS, REVIVAL
from imagegen.sandbox.gemini_order import BEFORE_THE_IMAGE, IN_PLACE_OF_IT, ImageOrder
from imagegen.sandbox.markers import mark_in
from imagegen.sandbox.messages import Answer, Refused, Request, json_answer

NAME = "gemini"
PREFIXES = ("/gemini/v1beta", "/gemini/v1", "/gemini-cloud/v1beta1")
FAULTS: Mapping[str, Fault[ImageOrder]] = REFUSALS
ROUTE = re.compile(
    r"/gemini(?P<cloud>-cloud)?/(?P<version>\w+)(?(cloud)/publishers/google)/models"
    r"(/(?P<model>[^/:]+):generateContent)?"
)


def key(request: Request) -> str:
    return request.headers.get("x-goog-api-key") or request.query.get("key", "")


def read(request: Request) -> ImageOrder | Answer:
    _check_key(key(request))
    route = ROUTE.fullmatch(request.path)
    if route and request.method == "GET" and not route["model"]:
        return _models(route)
    if route and request.method == "POST" and route["model"]:
        return _order(request, route)
    # A page of Google's web servers; its text is assumed.
    raise Refused(Answer(404, (b"<title>Error 404</title>",), (("Content-Type", "text/html"),)))


def misused(message: str) -> Answer:
    return words.refusal(400, "INVALID_ARGUMENT", message)


def dressed(answer: Answer, request: Request, seconds: float) -> Answer:
    """No header names the request; the body of a good answer has a `responseId`."""
    return answer


def _check_key(given: str) -> None:
    if not given:
        raise Refused(words.no_key())
    if "invalid" in given:
        raise Refused(words.bad_key())


def _order(request: Request, route: re.Match[str]) -> ImageOrder:
    name, version = route["model"], route["version"]
    if name not in rules.MODELS:
        raise Refused(words.model_gone(name, version))
    given = _given(request)
    prompt = rules.prompt_of(given.get("contents", []))
    if not (_is_alive(name, route) or _is_revived(request, prompt)):
        raise Refused(words.model_gone(name, version))
    config = given.get("generation_config", {})
    rules.check_config(config, rules.MODELS[name])
    image = config.get("image_config", {})
    # Without modalities both may come, which is the default in the vendor's pages.
    modalities = config.get("response_modalities") or ["TEXT", "IMAGE"]
    return ImageOrder(
        response_id=request.id,
        model=name,
        version=version,
        prompt=prompt,
        ratio=image.get("aspect_ratio", "1:1"),
        image_size=image.get("image_size", "1K"),
        variant=config.get("seed", zlib.crc32(request.id.encode())),
        draws="IMAGE" in modalities,
        words=_words(modalities),
    )


def _given(request: Request) -> dict[str, Any]:
    if not isinstance(request.json, dict):
        raise words.invalid("Invalid JSON payload received. Expected an object.")
    given: dict[str, Any] = rules.REQUEST("", request.json)
    return given


def _is_alive(name: str, route: re.Match[str]) -> bool:
    return bool(route["cloud"]) or rules.MODELS[name].on_developer_api


def _is_revived(request: Request, prompt: str) -> bool:
    mark = mark_in(request.headers, prompt)
    return mark is not None and mark.name == REVIVAL


def _words(modalities: Sequence[str]) -> str:
    if "TEXT" not in modalities:
        return ""
    return BEFORE_THE_IMAGE if "IMAGE" in modalities else IN_PLACE_OF_IT


def _models(route: re.Match[str]) -> Answer:
    """Google Cloud's list has other names and says less (assumed)."""
    names = [name for name in rules.MODELS if _is_alive(name, route)]
    if route["cloud"]:
        entries = [{"name": f"publishers/google/models/{name}"} for name in names]
        return json_answer(200, {"publisherModels": entries})
    return json_answer(200, {"models": [_described(name) for name in names]})


def _described(name: str) -> dict[str, Any]:
    return {
        "name": f"models/{name}",
        "displayName": name,
        "inputTokenLimit": rules.MOST_TOKENS,
        "supportedGenerationMethods": ["generateContent"],
    }
