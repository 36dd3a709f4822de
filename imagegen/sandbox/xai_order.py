"""An order for images that xAI accepted, and the answer to it."""

from dataclasses import dataclass
from typing import Any

from imagegen.sandbox import xai_rules as rules
from imagegen.sandbox.fault import ChangeUsage, Encode
from imagegen.sandbox.messages import Answer, json_answer
from imagegen.sandbox.pictures import Picture, drawn
from imagegen.sandbox.tokens import itemised, text_tokens
from imagegen.sandbox.xai_links import LIFETIME, LINKS

JPEG_QUALITY = 90
# Both made up: xAI publishes none, and a price per image leaves them without effect.
REWRITTEN_PROMPT = 3
IMAGE_TOKENS = 1024


@dataclass(frozen=True)
class ImageOrder:
    model: str
    served: str
    """The model that draws and is billed."""
    prompt: str
    count: int
    size: tuple[int, int]
    resolution: str
    quality: str
    as_links: bool
    site: str
    """Where the addresses of images lead."""
    names_model: bool
    lifetime: float = LIFETIME

    def files(self) -> list[bytes]:
        pictures = (Picture(self.prompt, index, *self.size) for index in range(self.count))
        return [drawn(picture, "jpeg", JPEG_QUALITY) for picture in pictures]

    def answer(self, files: list[bytes], encode: Encode, usage: ChangeUsage) -> Answer:
        payload: dict[str, Any] = {"data": [self._entry(file, encode) for file in files]}
        counts = usage(self._usage())
        if counts is not None:
            payload["usage"] = counts
        if self.names_model:
            payload["model"] = self.served
        return json_answer(200, payload)

    def _entry(self, file: bytes, encode: Encode) -> dict[str, str]:
        if self.as_links:
            address = self.site + LINKS.add(file, self.lifetime)
            return {"url": address, "mime_type": "image/jpeg"}
        return {"b64_json": encode(file), "mime_type": "image/jpeg"}

    @property
    def ticks(self) -> int:
        return self.count * rules.PRICES[self.served][self.quality, self.resolution]

    def _usage(self) -> dict[str, Any]:
        cost = {"cost_in_usd_ticks": self.ticks}
        return cost | (self._tokens() if self.served == rules.SUCCESSOR else {})

    def _tokens(self) -> dict[str, Any]:
        asked = REWRITTEN_PROMPT * text_tokens(self.prompt)
        made = IMAGE_TOKENS * self.count
        return itemised(asked, made)
