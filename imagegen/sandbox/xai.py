"""xAI's image API, simulated: the order it reads from a request, its models and its addresses."""

import zlib
from collections.abc import Mapping
from typing import Any

from imagegen.sandbox import xai_links as links
from imagegen.sandbox import xai_rules as rules
from imagegen.sandbox.fault import Fault
from imagegen.sandbox.messages import Answer, Refused, Request, json_answer
from imagegen.sandbox.xai_faults import REFUSALS
from imagegen.sandbox.xai_order import ImageOrder

NAME = "xai"
ROOT = "/xai"
PREFIXES = ("/xai/v1", "/xai/xai-imgen")
FAULTS: Mapping[str, Fault[ImageOrder]] = REFUSALS
NO_KEY = "No authorization header or an invalid authorization token is provided."


def key(request: Request) -> str:
    return request.bearer


def read(request: Request) -> ImageOrder | Answer:
    path = request.path.removeprefix(ROOT)
    if request.method == "GET" and path.startswith(links.FOLDER):
        return links.fetched(request, path)
    _check_key(request.bearer)
    match request.method, path.split("/")[2:]:
        case "GET", ["image-generation-models"]:
            return json_answer(200, {"models": [_described(model) for model in rules.PRICES]})
        case "GET", ["image-generation-models", name]:
            return _model(name)
        case "POST", ["images", "generations"]:
            return _order(request)
    raise Refused(rules.refusal(404, "not-found", f"No route for {request.method} {path}."))


def misused(message: str) -> Answer:
    return rules.refusal(400, "invalid-argument", message)


def dressed(answer: Answer, request: Request, seconds: float) -> Answer:
    return answer.also_with_header("x-request-id", request.id)


def _check_key(given: str) -> None:
    if not given:
        # The status is the vendor's; the words and their code are assumed.
        raise Refused(rules.refusal(401, "unauthenticated", NO_KEY))
    if "invalid" in given:
        raise Refused(rules.bad_key())


def _order(request: Request) -> ImageOrder:
    fields = request.json
    if not isinstance(fields, dict):
        raise rules.refuse("The request body is not a JSON object.")
    rules.check(fields)
    given = {name: value for name, value in fields.items() if value is not None}
    served = rules.served_model(given["model"])
    resolution = given.get("resolution", "1k")
    ratio = _ratio(given.get("aspect_ratio", "auto"), given["prompt"])
    return ImageOrder(
        model=given["model"],
        served=served,
        prompt=given["prompt"],
        count=given.get("n", 1),
        size=rules.size_of(ratio, resolution),
        resolution=resolution,
        quality=_quality(given, served),
        as_links=given.get("response_format", "url") == "url",
        site=f"http://{request.headers.get('host', '')}{ROOT}",
        names_model=given["model"] in rules.REDIRECTED,
    )


def _ratio(asked: str, prompt: str) -> str:
    """For `auto` one that differs from prompt to prompt, as it would at xAI."""
    if asked != "auto":
        return asked
    choices = [ratio for ratio in rules.RATIOS if ratio != "auto"]
    return choices[zlib.crc32(prompt.encode("utf-8", "surrogatepass")) % len(choices)]


def _quality(given: Mapping[str, Any], served: str) -> str:
    if served != rules.SUCCESSOR:
        return rules.NO_QUALITY
    if given["model"] in rules.REDIRECTED:
        return "low"
    return str(given.get("quality", "auto")).replace("auto", "low")


def _model(name: str) -> Answer:
    model = rules.served_model(name)
    if model not in rules.PRICES:
        raise Refused(rules.model_not_found(name))
    return json_answer(200, _described(model))


def _described(model: str) -> dict[str, Any]:
    """A redirected name is listed as an alias of the model that serves it (assumed)."""
    return {
        "id": model,
        "object": "model",
        "created": 1772409600,
        "owned_by": "xai",
        "aliases": [alias for alias, served in rules.ALIASES.items() if served == model],
        "input_modalities": ["text", "image"],
        "output_modalities": ["image"],
        "max_prompt_length": rules.LONGEST_PROMPT,
        "image_price": min(rules.PRICES[model].values()),
        **_pricing(model),
    }


def _pricing(model: str) -> dict[str, Any]:
    """Only models priced by tier have it."""
    tiers = [
        {"quality": quality, "resolution": resolution, "price_per_image": ticks}
        for (quality, resolution), ticks in rules.PRICES[model].items()
        if quality
    ]
    return {"pricing": tiers} if tiers else {}
