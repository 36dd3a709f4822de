"""The settings of a step, checked: one class per provider.

Single values are checked against the model's record; only rules between fields are code here.
"""

import math
from collections.abc import Mapping
from typing import Any, ClassVar, NamedTuple

from pydantic import BaseModel, ConfigDict, model_validator

from imagegen import catalogue
from imagegen.catalogue.checks import count_problem, setting_problem
from imagegen.catalogue.records import ChoiceSetting, Deadline, Model
from imagegen.catalogue.sizes import dimensions

JPEG_HAS_NO_TRANSPARENCY = (
    "Transparent is not available with JPEG. Choose PNG or WebP in Output Format, or another Image"
    " Background."
)
PNG_IS_NOT_COMPRESSED = (
    "Output Compression does not apply to PNG. Choose JPEG or WebP in Output Format to use it."
)


class Problem(NamedTuple):
    """What is wrong with a setting, or what was changed in it; the field is the setting's key."""

    field: str
    sentence: str


class InvalidSettings(Exception):
    def __init__(self, problems: list[Problem]) -> None:
        super().__init__(" ".join(problem.sentence for problem in problems))
        self.problems = problems


CONFIGS: dict[str, "type[Config]"] = {}
"""By provider; a class enters itself."""


class Config(BaseModel):
    """What every provider is asked with. An instance is valid: building one checks everything."""

    model_config = ConfigDict(frozen=True, extra="forbid")
    provider: ClassVar[str]

    model: str
    image_count: int

    @classmethod
    def __pydantic_init_subclass__(cls, **kwargs: Any) -> None:
        CONFIGS[cls.provider] = cls

    @model_validator(mode="before")
    @classmethod
    def _check(cls, given: dict[str, Any]) -> dict[str, Any]:
        record = record_of(given.get("model"))
        values = cls.settle(_filled(record, given))
        problems = [*_value_problems(record, values), *cls.conflicts(values)]
        if problems:
            raise InvalidSettings(problems)
        return values

    @classmethod
    def settle(cls, values: dict[str, Any]) -> dict[str, Any]:
        """The values with those made null that others make meaningless."""
        return values

    @classmethod
    def conflicts(cls, values: Mapping[str, Any]) -> list[Problem]:
        """Values that are offered one by one but not together."""
        return []

    @classmethod
    def mend(cls, values: dict[str, Any]) -> tuple[dict[str, Any], list[Problem]]:
        """The stored choices without conflicts, and a sentence for each that was changed."""
        return values, []

    @classmethod
    def unavailable(cls, values: Mapping[str, Any]) -> dict[tuple[str, str | None], str]:
        """What other choices rule out, and why: (field, value), or (field, None) for all of it."""
        return {}

    @property
    def record(self) -> Model:
        return catalogue.get(self.model)

    @property
    def wire_id(self) -> str:
        return self.record.wire_id

    def chosen(self, key: str) -> Any:
        """The value of a setting, None when this provider has no such setting."""
        return getattr(self, key, None)

    @property
    def dimensions(self) -> tuple[int, int] | None:
        """Of the images that will come; None when that is left to the model."""
        size, setting = self.chosen("image_size"), self.record.settings.get("image_size")
        if size is None or not isinstance(setting, ChoiceSetting):
            return None
        return setting.pixels(size) or dimensions(size)

    @property
    def deadline_seconds(self) -> int:
        deadline = self.record.deadline
        if deadline.slow_seconds and self._is_slow(deadline):
            return deadline.slow_seconds
        return deadline.seconds

    def _is_slow(self, deadline: Deadline) -> bool:
        width, height = self.dimensions or (0, 0)
        return (
            self.image_count > (deadline.slow_above_count or math.inf)
            or width * height > (deadline.slow_above_pixels or math.inf)
            or any(self.chosen(key) in slow for key, slow in deadline.slow_values.items())
        )


class OpenAIConfig(Config):
    provider = "openai"

    image_size: str
    image_quality: str
    image_background: str
    image_moderation: str
    image_output_format: str
    image_output_compression: int | None
    """None with PNG."""

    @classmethod
    def settle(cls, values: dict[str, Any]) -> dict[str, Any]:
        if values["image_output_format"] == "png":
            return values | {"image_output_compression": None}
        return values

    @classmethod
    def conflicts(cls, values: Mapping[str, Any]) -> list[Problem]:
        if _is_transparent_jpeg(values):
            return [Problem("image_background", JPEG_HAS_NO_TRANSPARENCY)]
        return []

    @classmethod
    def mend(cls, values: dict[str, Any]) -> tuple[dict[str, Any], list[Problem]]:
        if not _is_transparent_jpeg(values):
            return values, []
        sentence = "Image Background was changed to Auto: Transparent is not available with JPEG."
        return values | {"image_background": "auto"}, [Problem("image_background", sentence)]

    @classmethod
    def unavailable(cls, values: Mapping[str, Any]) -> dict[tuple[str, str | None], str]:
        output_format = values.get("image_output_format")
        if output_format == "jpeg":
            return {("image_background", "transparent"): JPEG_HAS_NO_TRANSPARENCY}
        if output_format == "png":
            return {("image_output_compression", None): PNG_IS_NOT_COMPRESSED}
        return {}


class XAIConfig(Config):
    provider = "xai"


class GeminiConfig(Config):
    provider = "gemini"

    image_size: str
    """The aspect ratio, such as 16:9."""


def output_settings(config: Config) -> dict[str, Any]:
    """The settings object of a step's output: one set of keys per provider, always all of it."""
    return {"provider": config.provider, **config.model_dump()}


def in_order(settings: Mapping[str, Any]) -> dict[str, Any]:
    """A settings object in the order of the product: some databases do not keep one."""
    known = ("provider", *CONFIGS[settings["provider"]].model_fields)
    return {key: settings.get(key) for key in known}


def prompt_problem(prompt: str, model: Model) -> tuple[str, str] | None:
    """Error code and sentence for a prompt, its references filled, that cannot be sent."""
    if not prompt.strip():
        return "prompt_empty", "The prompt is empty. Write in Prompt what the image should show."
    if len(prompt) > model.prompt_max_length:
        return "invalid_setting", (
            f"The prompt is {len(prompt):,} characters long; {model.label} takes at most"
            f" {model.prompt_max_length:,}. Shorten it or what its references insert."
        )
    return None


def _filled(record: Model, given: Mapping[str, Any]) -> dict[str, Any]:
    """What was given, with the default for each setting that is missing or null."""
    values = {"image_count": record.count.default, **given}
    for key, setting in record.settings.items():
        if values.get(key) is None:
            values[key] = setting.default
    return values


def record_of(model_id: Any) -> Model:
    """Raises InvalidSettings."""
    try:
        return catalogue.get(str(model_id))
    except catalogue.UnknownModel:
        named = f"“{str(model_id or '')[:40]}”"
        sentence = f"There is no model {named}. Choose one from the list."
        raise InvalidSettings([Problem("model", sentence)]) from None


def _value_problems(record: Model, values: Mapping[str, Any]) -> list[Problem]:
    found = {"image_count": count_problem(record, values["image_count"])}
    for key in record.settings:
        is_meaningless = values[key] is None
        found[key] = None if is_meaningless else setting_problem(record, key, values[key])
    return [Problem(key, sentence) for key, sentence in found.items() if sentence]


def _is_transparent_jpeg(values: Mapping[str, Any]) -> bool:
    asked = (values.get("image_output_format"), values.get("image_background"))
    return asked == ("jpeg", "transparent")
