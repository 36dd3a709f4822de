"""What a person is shown of a step run that failed, besides its sentence."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from imagegen.journal import Journal
from imagegen.providers import registry
from workflows.states import LOOKS, which_failure

# By error code: the field of the settings that mends it, and what to do there.
REMEDIES = {
    "moderation_blocked": ("id_prompt", "Change the prompt"),
    "no_image": ("id_prompt", "Change the prompt"),
    "prompt_empty": ("id_prompt", "Write the prompt"),
    "variable_not_found": ("id_prompt", "Mend the reference"),
    "insufficient_hosted_credits": ("id_image_count", "Ask for less"),
    "spend_cap_reached": ("id_image_count", "Ask for less"),
    "personal_model_missing_credentials": ("field-charge_type", "Choose Hosted"),
    "personal_model_invalid_credentials": ("field-charge_type", "Choose Hosted"),
    "hosted_model_unavailable": ("id_model", "Choose another model"),
    "provider_quota_exhausted": ("id_model", "Choose another model"),
    "asset_storage_limit_reached": ("", ""),  # the library mends it
}
OF_A_PERSONAL_KEY = ("personal_model_missing_credentials", "personal_model_invalid_credentials")
ELSEWHERE = ("", "Change the settings")
AGAIN = ("", "")  # nothing to change: Run again stands in the strip


@dataclass(frozen=True)
class Failure:
    title: str
    said: list[str]
    """The provider's own words."""
    field: str
    """The id of what to change in the settings; empty when it is not known."""
    action: str
    """Empty when there is nothing to change."""
    is_of_key: bool
    """Whether an owner can mend it by storing another key."""


def failure_of(journal: Journal) -> Failure | None:
    """None for a step run that did not fail."""
    error = journal.step_run.error
    if error is None:
        return None
    helps_again = error.get("retryable") or error.get("is_unknown")
    field, action = REMEDIES.get(error["error_code"], AGAIN if helps_again else ELSEWHERE)
    if refused := _refused_setting(journal):
        field, action = f"field-{refused}", "Change the setting"
    said = dict.fromkeys(attempt.said for attempt in journal.attempts if attempt.said)
    is_of_key = error["error_code"] in OF_A_PERSONAL_KEY
    return Failure(_title(error), list(said), field, action, is_of_key)


def _title(error: Mapping[str, Any]) -> str:
    provider = error.get("provider")
    label = registry.get(provider).label if provider else "the provider"
    name = which_failure(error)
    more = {"refused": f" by {label}", "failed": f" at {label}", "not_started": " · $0"}
    return LOOKS[name].in_full + more.get(name, "")


def _refused_setting(journal: Journal) -> str:
    """The one that the provider named when it did not accept it."""
    refused = (part.detail for part in journal.parts if part.fault == "INVALID_SETTING")
    return next(refused, "")
