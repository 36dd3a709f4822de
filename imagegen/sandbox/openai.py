"""OpenAI's Images API, simulated: the order it reads from a request and the answer it gives."""

import base64
import json
import math
import time
from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

from imagegen.sandbox import openai_rules as rules
from imagegen.sandbox.fault import ChangeUsage, Encode, Fault, Order
from imagegen.sandbox.messages import Answer, Refused, Request, json_answer
from imagegen.sandbox.openai_faults import REFUSALS
from imagegen.sandbox.pictures import Picture, drawn
from imagegen.sandbox.tokens import itemised, text_tokens

NAME = "openai"
PREFIXES = ("/openai/v1",)
FAULTS: Mapping[str, Fault[Order]] = REFUSALS
# The factors of low to high reproduce OpenAI's calculator; those of xhigh and max are made up.
FACTORS = {"low": 16, "medium": 48, "high": 96, "xhigh": 144, "max": 192}
PARTIAL_TOKENS = 100


@dataclass(frozen=True)
class ImageOrder:
    model: str
    prompt: str
    count: int
    size: tuple[int, int]
    quality: str
    background: str
    output_format: str
    compression: int
    stream: bool
    partial_images: int
    safety_identifier: str | None

    def files(self) -> list[bytes]:
        return [self._file(index) for index in range(self.count)]

    def answer(self, files: list[bytes], encode: Encode, usage: ChangeUsage) -> Answer:
        images = [encode(file) for file in files]
        if self.stream:
            return self._streamed(images, usage)
        counts = usage(self._usage(self.count, text_tokens(self.prompt)))
        payload = {"created": int(time.time()), **self._settings(), **self._identifier()}
        payload |= {"data": [{"b64_json": image} for image in images]}
        return json_answer(200, payload | ({} if counts is None else {"usage": counts}))

    def _streamed(self, images: list[str], usage: ChangeUsage) -> Answer:
        """One completed event per image; the prompt is counted in the first only (both assumed)."""
        events: list[bytes] = []
        for index, image in enumerate(images):
            events.extend(self._partial(index, number) for number in range(self.partial_images))
            counts = usage(self._usage(1, 0 if index else text_tokens(self.prompt)))
            if counts is not None:
                counts.pop("output_tokens_details")
            shown = {} if counts is None else {"usage": counts}
            events.append(self._event("completed", image, {**self._identifier(), **shown}))
        headers = (("Content-Type", "text/event-stream; charset=utf-8"),)
        return Answer(200, tuple(events), headers, chunked=True)

    def _partial(self, index: int, number: int) -> bytes:
        image = base64.b64encode(self._file(index, sketch=True)).decode()
        return self._event("partial_image", image, {"partial_image_index": number})

    def _event(self, kind: str, image: str, more: Mapping[str, Any]) -> bytes:
        name = f"image_generation.{kind}"
        payload = {"type": name, "b64_json": image, "created_at": int(time.time())}
        text = json.dumps({**payload, **self._settings(), **more})
        return f"event: {name}\ndata: {text}\n\n".encode()

    def _file(self, index: int, sketch: bool = False) -> bytes:
        transparent = self.background == "transparent"
        picture = Picture(self.prompt, index, *self.size, transparent, sketch)
        return drawn(picture, self.output_format, self.compression)

    def _settings(self) -> dict[str, str]:
        return {
            "background": self.background,
            "output_format": self.output_format,
            "quality": self.quality,
            "size": "x".join(str(edge) for edge in self.size),
        }

    def _identifier(self) -> dict[str, str]:
        return {"safety_identifier": self.safety_identifier} if self.safety_identifier else {}

    def _usage(self, count: int, asked: int) -> dict[str, Any]:
        per_image = image_tokens(self.model, self.size, self.quality)
        made = count * (per_image + PARTIAL_TOKENS * self.partial_images)
        return itemised(asked, made)


def image_tokens(model: str, size: tuple[int, int], quality: str) -> int:
    """The formula that reproduces OpenAI's calculator; 2.5 doubled, only to differ from 2."""
    width, height = size
    factor, longest, shortest = FACTORS[quality], max(size), min(size)
    area = (2 * factor * shortest + longest) // (2 * longest)
    tokens = math.ceil(factor * area * (2_000_000 + width * height) / 4_000_000)
    return tokens * 2 if model.startswith("gpt-image-2.5") else tokens


def key(request: Request) -> str:
    return request.bearer


def read(request: Request) -> ImageOrder | Answer:
    _check_key(request.bearer)
    path = request.path.removeprefix("/openai")
    match request.method, path:
        case "GET", "/v1/models":
            return _models()
        case "POST", "/v1/images/generations":
            return _order(request)
    raise Refused(rules.refusal(404, None, f"Invalid URL ({request.method} {path})"))


def misused(message: str) -> Answer:
    return rules.refusal(400, "invalid_value", message, param="prompt")


def dressed(answer: Answer, request: Request, seconds: float) -> Answer:
    headers = (
        ("x-request-id", request.id),
        ("openai-processing-ms", str(round(seconds * 1000))),
        ("openai-version", "2020-10-01"),
        ("openai-organization", "sandbox"),
    )
    return replace(answer, headers=answer.headers + headers)


def _check_key(given: str) -> None:
    if not given:
        message = (
            "You didn't provide an API key. You need to provide your API key in an Authorization"
            " header using Bearer auth (i.e. Authorization: Bearer YOUR_KEY)."
        )
        raise Refused(rules.refusal(401, None, message))
    if "invalid" in given:
        raise Refused(rules.bad_key(given))


def _order(request: Request) -> ImageOrder:
    fields = request.json
    if not isinstance(fields, dict):
        message = "We could not parse the JSON body of your request."
        raise Refused(rules.refusal(400, None, message))
    rules.check(fields)
    given = {name: value for name, value in fields.items() if value is not None}
    return ImageOrder(
        model=given["model"],
        prompt=given["prompt"],
        count=given.get("n", 1),
        size=rules.size_of(given.get("size", "auto")),
        quality=given.get("quality", "auto").replace("auto", "medium"),
        background=given.get("background", "auto").replace("auto", "opaque"),
        output_format=given.get("output_format", "png"),
        compression=given.get("output_compression", 100),
        stream=given.get("stream", False),
        partial_images=given.get("partial_images", 0),
        safety_identifier=given.get("safety_identifier", given.get("user")),
    )


def _models() -> Answer:
    entries = [
        {"id": model, "object": "model", "created": 1776729600, "owned_by": "system"}
        for model in rules.MODELS
    ]
    return json_answer(200, {"object": "list", "data": entries})
