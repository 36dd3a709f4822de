"""An order that Gemini accepted, and the answer to it."""

import base64
from dataclasses import dataclass
from typing import Any

from imagegen.sandbox import gemini_rules as rules
from imagegen.sandbox.fault import ChangeUsage, Encode
from imagegen.sandbox.messages import Answer, json_answer
from imagegen.sandbox.pictures import Picture, drawn
from imagegen.sandbox.tokens import text_tokens

COMPRESSION = 90
BEFORE_THE_IMAGE = "Here is your image:"
IN_PLACE_OF_IT = "I would rather describe it in words."
# Made up, as is their number: what thinking costs differs from call to call.
THOUGHT = "I am considering light and composition."
THOUGHT_TOKENS = 230
SIGNATURE = base64.b64encode(b"a signature would be here").decode()

Part = dict[str, Any]


@dataclass(frozen=True)
class ImageOrder:
    response_id: str
    model: str
    version: str
    prompt: str
    ratio: str
    image_size: str
    variant: int
    """Tells apart what several calls make of one prompt."""
    draws: bool
    words: str
    shows_thoughts: bool = False

    def files(self) -> list[bytes]:
        return [self._file()] if self.draws else []

    def answer(self, files: list[bytes], encode: Encode, usage: ChangeUsage) -> Answer:
        fields: dict[str, Any] = {}
        if files or not self.draws:
            fields["candidates"] = [self._candidate([encode(file) for file in files])]
        counts = usage(self._usage())
        if counts is not None:
            fields["usageMetadata"] = counts
        return self.response(**fields)

    def response(self, **fields: Any) -> Answer:
        """With status 200, which blocked prompts and withheld images have as well."""
        more = {"modelVersion": self.model, "responseId": self.response_id}
        return json_answer(200, {**fields, **more})

    @property
    def prompt_usage(self) -> dict[str, Any]:
        asked = text_tokens(self.prompt)
        return {
            "promptTokenCount": asked,
            "totalTokenCount": asked,
            "promptTokensDetails": [{"modality": "TEXT", "tokenCount": asked}],
        }

    def _usage(self) -> dict[str, Any]:
        drawn = self._model.tokens[self.image_size] if self.draws else 0
        made = {"TEXT": text_tokens(self.words), "IMAGE": drawn}
        details = [{"modality": name, "tokenCount": count} for name, count in made.items() if count]
        thought = THOUGHT_TOKENS if self._model.thinks or self.shows_thoughts else 0
        return {
            **self.prompt_usage,
            "candidatesTokenCount": sum(made.values()),
            "totalTokenCount": text_tokens(self.prompt) + sum(made.values()) + thought,
            "candidatesTokensDetails": details,
            **({"thoughtsTokenCount": thought} if thought else {}),
        }

    def _candidate(self, images: list[str]) -> dict[str, Any]:
        parts = self._thoughts() if self.shows_thoughts else []
        parts += [{"text": self.words}] if self.words else []
        signed = {"thoughtSignature": SIGNATURE} if self.shows_thoughts else {}
        parts += [self._image(image) | signed for image in images]
        return {"content": {"role": "model", "parts": parts}, "finishReason": "STOP", "index": 0}

    def _thoughts(self) -> list[Part]:
        sketch = base64.b64encode(self._file(sketch=True)).decode()
        return [{"text": THOUGHT, "thought": True}, self._image(sketch) | {"thought": True}]

    def _image(self, data: str) -> Part:
        return {"inlineData": {"mimeType": f"image/{self._model.file_format}", "data": data}}

    def _file(self, sketch: bool = False) -> bytes:
        size = self._model.size(self.ratio, self.image_size)
        picture = Picture(self.prompt, self.variant, *size, sketch=sketch)
        return drawn(picture, self._model.file_format, COMPRESSION)

    @property
    def _model(self) -> rules.Model:
        return rules.MODELS[self.model]
