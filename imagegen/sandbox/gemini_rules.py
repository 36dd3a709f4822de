"""What Gemini's image models accept and make (read 2026-11-22)."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from imagegen.sandbox import gemini_words as words
from imagegen.sandbox.gemini_fields import integer, list_of, message, number, one_of, text
from imagegen.sandbox.messages import Refused
from imagegen.sandbox.tokens import text_tokens

Sizes = Mapping[str, tuple[int, int]]


@dataclass(frozen=True)
class Model:
    file_format: str
    sizes: Sizes
    """By aspect ratio, at 1K."""
    tokens: Mapping[str, int]
    """Of an image by its size; a model with one size only does not let it be asked for."""
    thinks: bool = True
    on_developer_api: bool = True

    def size(self, ratio: str, image_size: str) -> tuple[int, int]:
        width, height = (int(edge * SCALES[image_size]) for edge in self.sizes[ratio])
        return width, height


SIZES_OF_2_5: Sizes = {
    "1:1": (1024, 1024),
    "2:3": (832, 1248),
    "3:2": (1248, 832),
    "3:4": (864, 1184),
    "4:3": (1184, 864),
    "4:5": (896, 1152),
    "5:4": (1152, 896),
    "9:16": (768, 1344),
    "16:9": (1344, 768),
    "21:9": (1536, 672),
}
SIZES_OF_3: Sizes = {
    "1:1": (1024, 1024),
    "2:3": (848, 1264),
    "3:2": (1264, 848),
    "3:4": (896, 1200),
    "4:3": (1200, 896),
    "4:5": (928, 1152),
    "5:4": (1152, 928),
    "9:16": (768, 1376),
    "16:9": (1376, 768),
    "21:9": (1584, 672),
}
# 4:1 follows from 1024x256 at 512, which a user measured; the other three are assumed by it.
SIZES_OF_3_1: Sizes = {
    **SIZES_OF_3,
    "1:4": (512, 2048),
    "4:1": (2048, 512),
    "1:8": (384, 3072),
    "8:1": (3072, 384),
}
SCALES = {"512": 0.5, "1K": 1, "2K": 2, "4K": 4}
TOKENS = {"1K": 1120, "2K": 1680, "4K": 2520}
MODELS: Mapping[str, Model] = {
    "gemini-2.5-flash-image": Model(
        "png", SIZES_OF_2_5, {"1K": 1290}, thinks=False, on_developer_api=False
    ),
    "gemini-3.1-flash-image": Model(
        "jpeg", SIZES_OF_3_1, {"512": 747, **TOKENS}, on_developer_api=False
    ),
    "gemini-3-pro-image": Model("jpeg", SIZES_OF_3, {"1K": 1120, "2K": 1120, "4K": 2000}),
    # No page gives the ratios and tokens of lite; assumed to be those of 3.1.
    "gemini-3.1-flash-lite-image": Model("jpeg", SIZES_OF_3_1, TOKENS),
    "gemini-nano-banana-2.1": Model("jpeg", SIZES_OF_3_1, TOKENS),
}
MOST_TOKENS = 32_768
MIME_TYPES = (
    *("text/plain", "application/json", "application/xml", "application/yaml", "text/x.enum"),
)
# Images and files as input, tools, caches and more are not simulated: they are refused as unknown.
REQUEST = message(
    contents=list_of(message(role=text, parts=list_of(message(text=text)))),
    safety_settings=list_of(message(category=text, threshold=text)),
    generation_config=message(
        response_modalities=list_of(one_of("TEXT", "IMAGE")),
        image_config=message(aspect_ratio=text, image_size=text),
        candidate_count=integer,
        response_mime_type=text,
        seed=integer,
        temperature=number,
    ),
)


def prompt_of(contents: Sequence[Mapping[str, Any]]) -> str:
    if not contents:
        raise words.invalid(words.invalid_field("contents", "contents is not specified"))
    for index, content in enumerate(contents):
        _check_content(index, content)
    prompt = "\n".join(part["text"] for content in contents for part in content["parts"])
    if (tokens := text_tokens(prompt)) > MOST_TOKENS:
        limit = f"the maximum number of tokens allowed ({MOST_TOKENS})"
        raise words.invalid(f"The input token count ({tokens}) exceeds {limit}.")
    return prompt


def _check_content(index: int, content: Mapping[str, Any]) -> None:
    if content.get("role", "user") not in ("user", "model"):
        raise words.invalid("Please use a valid role: user, model.")
    if not content.get("parts"):
        where = f"contents[{index}].parts"
        raise words.invalid(words.invalid_field(where, "contents.parts must not be empty."))
    if any("text" not in part for part in content["parts"]):
        rule = "required oneof field 'data' must have one initialized field"
        raise words.invalid(words.invalid_field(f"contents[{index}].parts.data", rule))


def check_config(config: Mapping[str, Any], model: Model) -> None:
    if config.get("candidate_count", 1) > 1:
        raise words.invalid("Multiple candidates is not enabled for this model")
    if config.get("response_mime_type", "text/plain") not in MIME_TYPES:
        allowed = ", ".join(f"`{name}`" for name in MIME_TYPES)
        rule = f"allowed mimetypes are {allowed}."
        raise words.invalid(words.invalid_field("generation_config.response_mime_type", rule))
    image = config.get("image_config", {})
    _check_choice("aspect_ratio", image, model.sizes)
    if "image_size" in image and len(model.tokens) == 1:
        raise _refused("image_size", "image_size is not supported for this model.")
    _check_choice("image_size", image, model.tokens)


def _check_choice(name: str, given: Mapping[str, str], choices: Mapping[str, Any]) -> None:
    """In the words that users quote for the ratio; assumed to be those for the size."""
    if name in given and given[name] not in choices:
        *others, last = (f"'{choice}'" for choice in choices)
        raise _refused(name, f"{name} must be one of {', '.join(others)}, or {last}.")


def _refused(name: str, rule: str) -> Refused:
    return words.invalid(words.invalid_field(f"generation_config.image_config.{name}", rule))
