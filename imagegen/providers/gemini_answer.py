"""What is read of a Gemini answer, and what can be asked of it."""

from typing import Any

from pydantic import AliasChoices, AliasGenerator, BaseModel, ConfigDict, model_validator
from pydantic.alias_generators import to_camel

from imagegen.providers import answers
from imagegen.providers.loose import Loose, LooseList

# Reasons to finish that mean: made and withheld.
BLOCKING = {
    *("SAFETY", "RECITATION", "PROHIBITED_CONTENT", "BLOCKLIST", "SPII", "MODEL_ARMOR"),
    *("IMAGE_SAFETY", "IMAGE_PROHIBITED_CONTENT", "IMAGE_RECITATION"),
}


class Wire(BaseModel):
    """Names are in camelCase; snake_case has been seen."""

    model_config = ConfigDict(
        alias_generator=AliasGenerator(
            validation_alias=lambda name: AliasChoices(to_camel(name), name)
        )
    )


class InlineData(Wire):
    mime_type: Loose[str] = None
    data: Loose[answers.Base64] = None


class Part(Wire):
    text: Loose[str] = None
    inline_data: Loose[InlineData] = None
    thought: Loose[bool] = None


class Content(Wire):
    parts: LooseList[Part] = []


class Candidate(Wire):
    content: Loose[Content] = None
    finish_reason: Loose[str] = None
    finish_message: Loose[str] = None


class PromptFeedback(Wire):
    block_reason: Loose[str] = None
    block_reason_message: Loose[str] = None


class Modality(Wire):
    modality: str
    token_count: answers.Count = 0


class UsageMetadata(Wire):
    prompt_token_count: answers.Count
    candidates_token_count: answers.Count = 0
    candidates_tokens_details: list[Modality] = []
    thoughts_token_count: answers.Count = 0


class Violation(Wire):
    quota_id: Loose[str] = None
    quota_value: Loose[str] = None


class Detail(Wire):
    reason: Loose[str] = None
    violations: LooseList[Violation] = []
    retry_delay: Loose[str] = None


class Error(Wire):
    code: Loose[int] = None
    message: Loose[str] = None
    status: Loose[str] = None
    details: LooseList[Detail] = []


class Answer(Wire):
    candidates: LooseList[Candidate] = []
    prompt_feedback: Loose[PromptFeedback] = None
    usage_metadata: Loose[UsageMetadata] = None
    model_version: Loose[str] = None
    response_id: Loose[str] = None
    error: Loose[Error] = None

    @model_validator(mode="before")
    @classmethod
    def _unwrap(cls, answer: Any) -> Any:
        """Errors sometimes come in a list of one."""
        return answer[0] if isinstance(answer, list) and len(answer) == 1 else answer

    @property
    def parts(self) -> list[Part]:
        """Without the drafts that a model makes while it thinks."""
        contents = [candidate.content for candidate in self.candidates if candidate.content]
        return [part for content in contents for part in content.parts if not part.thought]

    @property
    def text(self) -> str:
        return " ".join(part.text for part in self.parts if part.text).strip()

    @property
    def finish_reasons(self) -> list[str]:
        found = [candidate.finish_reason for candidate in self.candidates]
        return [reason.upper() for reason in found if reason]

    @property
    def blocked_for(self) -> str:
        """Why an image was withheld or the prompt refused; empty when neither was."""
        withheld = [reason for reason in self.finish_reasons if reason in BLOCKING]
        refused = self.prompt_feedback and self.prompt_feedback.block_reason
        return withheld[0] if withheld else refused or ""
