"""The contract of a step kind, and the kinds that registered themselves at start."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Any, Protocol
from uuid import UUID

if TYPE_CHECKING:
    from workflows.models import Step, StepRun, Workspace


# What later steps see of an error; the row keeps more.
ERROR_KEYS = ("error_code", "message", "provider", "retryable")


class StepFailed(Exception):
    """A step cannot go on. The message is for the person and names the next action."""

    def __init__(
        self,
        code: str,
        message: str,
        *,
        provider: str | None = None,
        retryable: bool = False,
        is_unknown: bool = False,
    ) -> None:
        """`is_unknown`: something may have happened outside all the same, and may be billed."""
        super().__init__(message)
        self.is_unknown = is_unknown
        self.code = code
        self.message = message
        self.provider = provider
        self.retryable = retryable

    def as_error(self) -> dict[str, Any]:
        return {
            "error_code": self.code,
            "message": self.message,
            "provider": self.provider,
            "retryable": self.retryable,
            "is_unknown": self.is_unknown,
        }


@dataclass(frozen=True)
class Waiting:
    """The step has begun and will be finished by its kind, later."""


@dataclass(frozen=True)
class Finished:
    output: Any


@dataclass(frozen=True)
class Problem:
    """What would stop a run and can be mended before: the field it stands on, and a sentence."""

    field: str
    sentence: str


@dataclass(frozen=True)
class Cost:
    """In micro-dollars. What the sandbox simulated is never added to what was charged."""

    charged: int = 0
    simulated: int = 0

    def __add__(self, other: "Cost") -> "Cost":
        return Cost(self.charged + other.charged, self.simulated + other.simulated)


class StepSettingsForm(Protocol):
    """A Django form that knows what is to be stored once it is valid."""

    settings: dict[str, Any]
    fields: Any

    @property
    def notes(self) -> Sequence[Any]:
        """What was changed because another choice made it impossible; a run waits until it was
        seen."""
        ...

    def is_valid(self) -> bool: ...

    def add_error(self, field: str | None, error: str) -> None: ...


class StepKind(Protocol):
    name: str
    label: str
    settings_template: str
    output_template: str
    left_template: str

    def default_settings(self) -> dict[str, Any]: ...

    def summary(self, settings: dict[str, Any]) -> str: ...

    def form(self, step: "Step", data: Any = None) -> StepSettingsForm: ...

    def problems(self, settings: dict[str, Any]) -> list[Problem]:
        """What is wrong with the settings as they stand, references aside."""
        ...

    def texts(self, settings: dict[str, Any]) -> dict[str, str]:
        """The settings that may hold references: field → text."""
        ...

    def with_texts(self, settings: dict[str, Any], texts: dict[str, str]) -> dict[str, Any]:
        """The settings with those fields replaced."""
        ...

    def portable(self, settings: dict[str, Any]) -> dict[str, Any]:
        """The settings as a file may carry them, by an allow-list; safe whatever they were."""
        ...

    def costs(self, workspace: "Workspace", since: datetime) -> dict[UUID, Cost]:
        """What the wallet was charged for each workflow, by one query for all of them."""
        ...

    def version(self) -> str:
        """What a run freezes besides the settings, such as the version of a catalogue."""
        ...

    def start(self, step_run: "StepRun") -> Waiting | Finished:
        """Begin, inside the transaction that marks the step as running. Raises StepFailed."""
        ...

    def cancel(self, step_run: "StepRun") -> bool:
        """Give up what has not left yet; True when nothing is under way any more."""
        ...

    def output(self, step_run: "StepRun") -> Any:
        """The output object of a finished step, as later steps and people see it."""
        ...

    def sample_output(self, settings: dict[str, Any]) -> Any:
        """The keys the output will have, before a first run."""
        ...

    def previews(self, step_runs: Sequence["StepRun"]) -> dict[Any, list[dict[str, str]]]:
        """Small pictures for the cards of steps: {"src", "alt"}, by the key of the step run."""
        ...

    def charged(self, step_runs: Sequence["StepRun"]) -> dict[Any, str]:
        """What each cost, as people read it, by the key of the step run; without those that cost
        nothing. One question for all of them."""
        ...

    def run_context(self, step_run: "StepRun") -> dict[str, Any]:
        """What the output template shows besides the step run."""
        ...

    def left_context(self, step: "Step") -> dict[str, Any]:
        """What is left to spend and to store; drawn by `left_template`."""
        ...


_kinds: dict[str, StepKind] = {}


def register(kind: StepKind) -> None:
    if kind.name in _kinds and type(_kinds[kind.name]) is not type(kind):
        raise ValueError(f"two step kinds are named {kind.name}")
    _kinds[kind.name] = kind


def default() -> StepKind:
    """The kind that registered first."""
    return next(iter(_kinds.values()))


def names() -> list[str]:
    return list(_kinds)


def get(name: str) -> StepKind:
    return _kinds[name]
