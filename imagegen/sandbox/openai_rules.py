"""What OpenAI's image API accepts, and how it words a refusal (read 2026-11-22)."""

import math
import re
from collections.abc import Callable, Mapping, Sequence
from typing import Any

from imagegen.sandbox.messages import Answer, Refused, json_answer

QUALITIES = ("low", "medium", "high", "auto")
QUALITIES_OF_2_5 = ("low", "medium", "high", "xhigh", "max", "auto")
MODELS: Mapping[str, Sequence[str]] = {
    "gpt-image-2": QUALITIES,
    "gpt-image-2-2026-04-21": QUALITIES,
    "gpt-image-2.5-flare": QUALITIES_OF_2_5,
    "gpt-image-2.5-flare-2026-09-08": QUALITIES_OF_2_5,
    "gpt-image-2.5-sunburst": QUALITIES_OF_2_5,
    "gpt-image-2.5-sunburst-2026-09-08": QUALITIES_OF_2_5,
}
LONGEST_PROMPT = 32_000
LONGEST_EDGE = 3840
FEWEST_PIXELS = 655_360
MOST_PIXELS = 8_294_400
NAMES_OF_TYPES = {str: "a string", int: "an integer", bool: "a boolean"}

Check = Callable[[str, Any], None]


def refusal(
    status: int, code: str | None, message: str, *, param: str | None = None, kind: str = ""
) -> Answer:
    kind = kind or "invalid_request_error"
    error = {"message": message, "type": kind, "param": param, "code": code}
    return json_answer(status, {"error": error})


def refuse(code: str, message: str, param: str | None, kind: str = "") -> Refused:
    return Refused(refusal(400, code, message, param=param, kind=kind))


def bad_key(key: str) -> Answer:
    shown = f"{key[:3]}{'*' * 20}{key[-4:]}" if len(key) >= 12 else "*" * 20
    where = "You can find your API key at https://platform.openai.com/account/api-keys."
    message = f"Incorrect API key provided: {shown}. {where}"
    return refusal(401, "invalid_api_key", message)


def model_not_found(model: str) -> Answer:
    message = f"The model `{model}` does not exist or you do not have access to it."
    return refusal(404, "model_not_found", message)


def check(fields: dict[str, Any]) -> None:
    """Raise Refused for the first rule that is broken. A null counts as not given."""
    for name in fields:
        if name not in CHECKS:
            raise refuse("unknown_parameter", f"Unknown parameter: '{name}'.", name)
    for name in ("model", "prompt"):
        if fields.get(name) is None:
            message = f"Missing required parameter: '{name}'."
            raise refuse("missing_required_parameter", message, name)
    for name, value in fields.items():
        if value is not None:
            CHECKS[name](name, value)
    _check_quality(fields)
    _check_format(fields)
    if fields.get("partial_images") and not fields.get("stream"):
        message = "The 'partial_images' parameter is only supported when 'stream' is true."
        raise refuse("invalid_value", message, "partial_images")


def size_of(text: str) -> tuple[int, int]:
    if text == "auto":
        return 1024, 1024
    width, height = (int(edge) for edge in text.split("x"))
    return width, height


def _typed(expected: type) -> Check:
    def check_type(name: str, value: Any) -> None:
        if type(value) is not expected:
            wanted = NAMES_OF_TYPES[expected]
            got = NAMES_OF_TYPES.get(type(value), f"a value of type {type(value).__name__}")
            message = f"Invalid type for '{name}': expected {wanted}, but got {got} instead."
            raise refuse("invalid_type", message, name)

    return check_type


def _between(lowest: int, highest: int) -> Check:
    def check_range(name: str, value: Any) -> None:
        _typed(int)(name, value)
        if value < lowest:
            side, limit, code = "below minimum", f">= {lowest}", "integer_below_min_value"
        elif value > highest:
            side, limit, code = "above maximum", f"<= {highest}", "integer_above_max_value"
        else:
            return
        message = f"Invalid '{name}': integer {side} value. Expected a value {limit}, but got"
        raise refuse(code, f"{message} {value} instead.", name)

    return check_range


def _one_of(*choices: str) -> Check:
    def check_choice(name: str, value: Any) -> None:
        _typed(str)(name, value)
        if value not in choices:
            supported = ", ".join(f"'{choice}'" for choice in choices[:-1])
            message = f"Supported values are: {supported} and '{choices[-1]}'."
            raise refuse("invalid_value", f"Invalid value: '{value}'. {message}", name)

    return check_choice


def _model(name: str, value: Any) -> None:
    _typed(str)(name, value)
    if value not in MODELS:
        raise Refused(model_not_found(value))


def _prompt(name: str, value: Any) -> None:
    _typed(str)(name, value)
    if not value:
        message = "empty string. Expected a string with minimum length 1, but got an empty string"
        raise refuse("empty_string", f"Invalid '{name}': {message} instead.", name)
    if len(value) > LONGEST_PROMPT:
        message = (
            f"Invalid '{name}': string too long. Expected a string with maximum length"
            f" {LONGEST_PROMPT}, but got a string with length {len(value)} instead."
        )
        raise refuse("string_above_max_length", message, name)


def _size(name: str, value: Any) -> None:
    _typed(str)(name, value)
    if value != "auto" and (problem := _problem_of_size(value)):
        raise refuse("invalid_value", f"Invalid size '{value}'. {problem}", name)


def _problem_of_size(text: str) -> str:
    if not re.fullmatch(r"[1-9]\d{0,5}x[1-9]\d{0,5}", text, re.ASCII):
        return "Expected 'auto' or WIDTHxHEIGHT."
    edges = size_of(text)
    if any(edge % 16 for edge in edges):
        return "Width and height must both be divisible by 16."
    if max(edges) > LONGEST_EDGE:
        return f"The longest edge must be less than or equal to {LONGEST_EDGE}."
    if max(edges) > 3 * min(edges):
        return "The ratio of the longest edge to the shortest must be less than or equal to 3:1."
    if math.prod(edges) < FEWEST_PIXELS:
        return "Requested resolution is below the current minimum pixel budget."
    if math.prod(edges) > MOST_PIXELS:
        return "Requested resolution is above the current maximum pixel budget."
    return ""


def _check_quality(fields: Mapping[str, Any]) -> None:
    quality = fields.get("quality")
    if quality is not None:
        _one_of(*MODELS[fields["model"]])("quality", quality)


def _check_format(fields: Mapping[str, Any]) -> None:
    output_format = fields.get("output_format") or "png"
    compression = fields.get("output_compression")
    if output_format == "jpeg" and fields.get("background") == "transparent":
        message = "Transparent background is not supported for JPEG output format"
        raise refuse("invalid_value", message, "background")
    if output_format == "png" and compression is not None and compression < 100:
        message = "Compression less than 100 is not supported for PNG output format"
        kind, code = "image_generation_user_error", "invalid_png_output_compression"
        raise refuse(code, message, "output_compression", kind)


CHECKS: Mapping[str, Check] = {
    "model": _model,
    "prompt": _prompt,
    "n": _between(1, 10),
    "size": _size,
    "quality": _typed(str),
    "background": _one_of("transparent", "opaque", "auto"),
    "moderation": _one_of("low", "auto"),
    "output_format": _one_of("png", "webp", "jpeg"),
    "output_compression": _between(0, 100),
    "stream": _typed(bool),
    "partial_images": _between(0, 3),
    "safety_identifier": _typed(str),
    "user": _typed(str),
}
