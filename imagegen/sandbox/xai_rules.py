"""What xAI's image API accepts, what it costs and how it words a refusal (read 2026-11-22)."""

import json
import math
from collections.abc import Callable, Mapping
from typing import Any

from imagegen.sandbox.messages import Answer, Refused, json_answer

# In 10**-10 dollars an image, by quality and resolution; from the vendor's live catalogue of
# 2026-10-03 and its guide to the change of 2026-11-02. Version 1.0 has no qualities.
NO_QUALITY = ""
PRICES: Mapping[str, Mapping[tuple[str, str], int]] = {
    "grok-imagine-image": {
        (NO_QUALITY, "1k"): 200_000_000,
        (NO_QUALITY, "2k"): 200_000_000,
    },
    "grok-imagine-image-2.0": {
        ("low", "1k"): 400_000_000,
        ("low", "2k"): 600_000_000,
        ("medium", "1k"): 600_000_000,
        ("medium", "2k"): 800_000_000,
    },
}
SUCCESSOR = "grok-imagine-image-2.0"
REDIRECTED = (
    "grok-imagine-image-quality",
    "grok-imagine-image-quality-20260403",
    "grok-imagine-image-quality-latest",
    "grok-imagine-image-pro",
)
ALIASES = {
    "grok-imagine-image-2026-03-02": "grok-imagine-image",
    **dict.fromkeys(REDIRECTED, SUCCESSOR),
}
# Read from the live model endpoint for 2.0; assumed to hold for 1.0.
LONGEST_PROMPT = 64_000
MOST_IMAGES = 10
# Version 1.0 is assumed to take 21:9 and 5:2, which arrived with 2.0.
RATIOS = (
    *("1:1", "3:4", "4:3", "9:16", "16:9", "2:3", "3:2", "9:19.5", "19.5:9"),
    *("9:20", "20:9", "1:2", "2:1", "21:9", "5:2", "auto"),
)
# The vendor's spec knows 1.5k too, its guide and its clients do not.
RESOLUTIONS: Mapping[str, int] = {"1k": 1024, "2k": 2048}
NAMES_OF_TYPES: Mapping[type, str] = {str: "a string", int: "u32"}

Check = Callable[[str, Any], None]


def refusal(status: int, code: str, message: str, **more: Any) -> Answer:
    return json_answer(status, {"code": code, "error": message, **more})


def refuse(message: str) -> Refused:
    return Refused(refusal(400, "invalid-argument", message))


def unprocessable(problem: str) -> Answer:
    """The one refusal that is no JSON."""
    text = f"Failed to deserialize the JSON body into the target type: {problem}"
    return Answer(
        422, (text.encode("utf-8", "replace"),), (("Content-Type", "text/plain; charset=utf-8"),)
    )


def bad_key() -> Answer:
    where = "You can obtain an API key from https://console.x.ai."
    return refusal(400, "invalid-argument", f"Incorrect API key provided: xai-****. {where}")


def not_supported(name: str) -> str:
    return f"Argument not supported: {name}"


def model_not_found(model: str) -> Answer:
    message = f"The model {model} does not exist or your team does not have access to it."
    return refusal(404, "not-found", message)


def served_model(model: str) -> str:
    return ALIASES.get(model, model)


def check(fields: Mapping[str, Any]) -> None:
    """Raise Refused for the first rule that is broken. A null counts as not given (assumed)."""
    for name in ("model", "prompt"):
        if fields.get(name) is None:
            raise Refused(unprocessable(f"missing field `{name}`"))
    for name, value in fields.items():
        if name not in CHECKS:
            raise refuse(not_supported(name))
        if value is not None:
            CHECKS[name](name, value)


def size_of(ratio: str, resolution: str) -> tuple[int, int]:
    """The area of the square, by sides that 16 divides: xAI publishes no other pixels (assumed).

    At 2k both are twice as long as at 1k, which 1.0 only enlarges.
    """
    width, height = (float(part) for part in ratio.split(":"))
    root = math.sqrt(width / height)
    scale = RESOLUTIONS[resolution] // 1024
    return round(64 * root) * 16 * scale, round(64 / root) * 16 * scale


def _typed(expected: type) -> Check:
    def check_type(name: str, value: Any) -> None:
        if type(value) is not expected:
            wanted = NAMES_OF_TYPES[expected]
            problem = f"{name}: invalid type: {_described(value)}, expected {wanted}"
            raise Refused(unprocessable(problem))

    return check_type


def _described(value: Any) -> str:
    match value:
        case str():
            return f"string {json.dumps(value)}"
        case bool():
            return f"boolean `{json.dumps(value)}`"
        case int():
            return f"integer `{value}`"
        case float():
            return f"floating point `{value}`"
    return "sequence" if isinstance(value, list) else "map"


def _one_of(*choices: str) -> Check:
    """A value out of the list is 422, as gateways report it of resolutions."""

    def check_choice(name: str, value: Any) -> None:
        _typed(str)(name, value)
        if value not in choices:
            known = ", ".join(f"`{choice}`" for choice in choices)
            problem = f"{name}: unknown variant `{value}`, expected one of {known}"
            raise Refused(unprocessable(problem))

    return check_choice


def _model(name: str, value: Any) -> None:
    _typed(str)(name, value)
    if served_model(value) not in PRICES:
        raise Refused(model_not_found(value))


def _prompt(name: str, value: Any) -> None:
    _typed(str)(name, value)
    if not value:
        raise refuse("Prompt must not be empty.")
    if len(value) > LONGEST_PROMPT:
        raise refuse(f"Prompt length is larger than the maximum allowed length {LONGEST_PROMPT}.")


def _count(name: str, value: Any) -> None:
    _typed(int)(name, value)
    if not 1 <= value <= MOST_IMAGES:
        raise refuse(f"Invalid value for n: {value}. It must be between 1 and {MOST_IMAGES}.")


def _quality(name: str, value: Any) -> None:
    """Other models than 2.0 ignore it, says the schema of a proxy; `high` is no value of any."""
    _typed(str)(name, value)
    if value not in ("low", "medium", "auto"):
        raise refuse(f"Invalid value for quality: {value}. It must be low, medium or auto.")


# Storing at xAI, deferred answers and uploads are not simulated; they are refused, not ignored.
CHECKS: Mapping[str, Check] = {
    "model": _model,
    "prompt": _prompt,
    "n": _count,
    "aspect_ratio": _one_of(*RATIOS),
    "resolution": _one_of(*RESOLUTIONS),
    "quality": _quality,
    "response_format": _one_of("url", "b64_json"),
    "user": _typed(str),
}
