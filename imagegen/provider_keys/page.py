"""What the page Provider keys shows, and what the settings of a step say of a key."""

from dataclasses import dataclass
from uuid import UUID

from imagegen import catalogue
from imagegen.provider_keys.master_keys import is_known
from imagegen.provider_keys.models import ProviderKey
from imagegen.provider_keys.store import live_key
from imagegen.providers import registry
from workflows.models import Workspace


@dataclass(frozen=True)
class KeyState:
    """Of one provider in one workspace."""

    provider: str
    is_hosted_only: bool
    key: ProviderKey | None = None
    before: ProviderKey | None = None
    """The last one that ended."""
    error: str = ""
    """What was wrong with the key that somebody has just tried to store."""

    @property
    def label(self) -> str:
        return registry.get(self.provider).label

    @property
    def can_be_opened(self) -> bool:
        return self.key is not None and is_known(self.key.master_key)

    @property
    def last_result(self) -> str:
        return said(self.key.last_result, self.label) if self.key else ""

    @property
    def missing(self) -> str:
        """Why no run can use a key that could be stored; empty when one can."""
        if self.is_hosted_only:
            return ""
        if self.key is None:
            return f"No {self.label} key is stored."
        return "" if self.can_be_opened else f"The {self.label} key cannot be opened any more."


def said(result: str, label: str) -> str:
    """A result as a sentence; empty before there is one."""
    return ProviderKey.Result(result).label.replace("{provider}", label) if result else ""


def takes_personal_keys(provider: str) -> bool:
    models = [model for model in catalogue.models() if model.provider == provider]
    return any("personal" in model.charge_types for model in models)


def key_state(workspace_id: UUID, provider: str) -> KeyState:
    """For the settings of a step."""
    key = live_key(workspace_id, provider)
    return KeyState(provider, not takes_personal_keys(provider), key)


def key_states(workspace: Workspace, errors: dict[str, str]) -> list[KeyState]:
    """Of every provider, in the order of the models."""
    keys = workspace.provider_keys.select_related("added_by", "ended_by")
    live = {key.provider: key for key in keys if key.ended_at is None}
    ended = {key.provider: key for key in keys if key.ended_at}  # the newest comes last
    providers = dict.fromkeys(model.provider for model in catalogue.models())
    return [
        KeyState(
            provider,
            not takes_personal_keys(provider),
            live.get(provider),
            ended.get(provider),
            errors.get(provider, ""),
        )
        for provider in providers
    ]
