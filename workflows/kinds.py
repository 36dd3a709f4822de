"""The contract of a step kind, and the kinds that registered themselves at start."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Any, Protocol
from uuid import UUID

from workflows.money import Figure, dollars

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
        was_tried: bool = False,
    ) -> None:
        """`is_unknown`: something may have happened outside all the same, and may be billed.
        `was_tried`: it ended after something outside was asked, or while it was."""
        super().__init__(message)
        self.is_unknown = is_unknown
        self.was_tried = was_tried
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
            "was_tried": self.was_tried,
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

    @property
    def charged_text(self) -> str:
        return dollars(self.charged)

    @property
    def simulated_text(self) -> str:
        """Empty when there is none: it is shown beside what was charged, never in it."""
        return dollars(self.simulated) if self.simulated else ""


@dataclass(frozen=True)
class StepCharge:
    """What a step run was charged, to be reckoned with elsewhere: micro-dollars, corrections
    included."""

    charge_type: str
    simulated: bool
    amount: int
    """What the wallet paid; 0 with a key of the workspace's own."""
    corrected: int
    """What corrections added to the amount; negative is what they gave back."""
    list_price: int | None
    """With a key of the workspace's own: what its provider bills by its list."""


@dataclass(frozen=True)
class ExpectedCost:
    """What a run of a step would cost, before there is one."""

    figure: Figure
    is_personal: bool = False
    """Paid with a key of the workspace's own: the figure is a list price, and no wallet pays it."""
    simulated: bool = False

    @property
    def is_paid_from_wallet(self) -> bool:
        return not self.is_personal and not self.simulated

    @property
    def text(self) -> str:
        """With who pays, where it is not the wallet."""
        if self.is_personal:
            return f"Personal · list price {self.figure.text}"
        return f"{self.figure.text}{' simulated' if self.simulated else ''}"


@dataclass(frozen=True)
class Activity:
    """What a step that has begun is doing right now, in a few words, and what a cancel of its run
    would still find: results that are on their way and will be charged, and those not asked for."""

    words: str
    under_way: int = 0
    not_sent: int = 0
    until: datetime | None = None
    """When it goes on by itself, while it waits for something."""


class StepSettingsForm(Protocol):
    """A Django form that knows what is to be stored once it is valid."""

    settings: dict[str, Any]
    fields: Any

    @property
    def notes(self) -> Sequence[Any]:
        """What was changed because another choice made it impossible; a run waits until it was
        seen."""
        ...

    @property
    def expected(self) -> Figure | None:
        """What a run by it would cost; None while it is not valid."""
        ...

    def is_valid(self) -> bool: ...

    def storable(self) -> dict[str, Any]:
        """Of a form that is not valid: the settings with what is wrong left as it was."""
        ...

    def add_error(self, field: str | None, error: str) -> None: ...


class StepKind(Protocol):
    name: str
    label: str
    settings_template: str
    output_template: str
    left_template: str
    sketch_template: str
    variables_template: str
    """Draws a listing of workflows/picker.py, and as its partial `rows` a part of one: the kind
    knows how values look, such as images."""

    def default_settings(self, workspace_id: UUID) -> dict[str, Any]: ...

    def summary(self, settings: dict[str, Any]) -> str: ...

    def form(self, step: "Step", data: Any = None) -> StepSettingsForm: ...

    def problems(self, settings: dict[str, Any]) -> list[Problem]:
        """What is wrong with the settings as they stand, references aside."""
        ...

    def refusals(self, workspace: "Workspace", settings: dict[str, Any]) -> list[Problem]:
        """What would end a run before anything is sent, although the settings are valid: a key
        that is missing."""
        ...

    def texts(self, settings: dict[str, Any]) -> dict[str, str]:
        """The settings that may hold references: field → text."""
        ...

    def with_texts(self, settings: dict[str, Any], texts: dict[str, str]) -> dict[str, Any]:
        """The settings with those fields replaced."""
        ...

    def described(self, settings: dict[str, Any]) -> dict[str, str]:
        """The settings that a run would use, as a person reads them: label → value."""
        ...

    def portable(self, settings: dict[str, Any]) -> dict[str, Any]:
        """The settings as a file may carry them, by an allow-list; safe whatever they were."""
        ...

    def expected_cost(self, settings: dict[str, Any]) -> ExpectedCost | None:
        """What a run by these settings would cost; None while they cannot run. Each page of a
        workflow asks it for every step: it may read no row."""
        ...

    def costs(self, workspace: "Workspace", since: datetime) -> dict[UUID, Cost]:
        """What the wallet was charged for each workflow, by one query for all of them."""
        ...

    def run_costs(self, step_runs: Sequence["StepRun"]) -> dict[UUID, Cost]:
        """The same for each of these step runs."""
        ...

    def charges(self, step_runs: Sequence["StepRun"]) -> dict[UUID, StepCharge]:
        """Of those that have been charged, be it nothing."""
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

    def activity(self, step_run: "StepRun") -> Activity: ...

    def sent_at(self, step_run: "StepRun") -> datetime | None:
        """When its first request left; None when none did."""
        ...

    def shortfall(self, step_run: "StepRun") -> str:
        """Of a success that brought less than was asked: such as "3 of 4". Empty otherwise."""
        ...

    def output(self, step_run: "StepRun") -> Any:
        """The output object of a finished step, as later steps and people see it."""
        ...

    def settings_for_missing(self, step_run: "StepRun") -> dict[str, Any] | None:
        """Those of a run that brings what this one was asked for and did not bring; None when
        nothing came or nothing is missing."""
        ...

    def sample_output(self, settings: dict[str, Any]) -> Any:
        """The keys the output will have, before a first run."""
        ...

    def previews(self, step_runs: Sequence["StepRun"]) -> dict[Any, list[dict[str, str]]]:
        """Small pictures of what came: {"src", "alt", "href"}, by the key of the step run; `href`
        leads to the whole thing."""
        ...

    def run_context(self, step_run: "StepRun") -> dict[str, Any]:
        """What the output template shows besides the step run."""
        ...

    def sketch_context(self, step: "Step") -> dict[str, Any]:
        """What a first run will bring, by the settings as they are; drawn by `sketch_template`."""
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
