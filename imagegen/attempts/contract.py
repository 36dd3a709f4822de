"""What a kind of paid step tells the journal about itself, besides being a step kind."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any, Protocol, cast

from imagegen.assets.models import Asset
from imagegen.attempts.models import Part
from imagegen.billing.keys import Access
from imagegen.billing.prices import Line
from imagegen.errors import Fault
from imagegen.providers.contract import Body, Refusal, Request, Result, Usage
from workflows import kinds
from workflows.kinds import StepFailed
from workflows.models import StepRun
from workflows.money import Figure


@dataclass(frozen=True)
class PlannedPart:
    """One request to come: what it asks for, and the worst it can cost and need."""

    provider: str
    model: str
    route: str
    charge_type: str
    first_slot: int
    slots: int
    request: dict[str, Any]
    hold_micro: int
    expected: Figure
    reserve_bytes: int
    at_once: int = 1
    """The most parts of the step run that may be under way together."""


@dataclass(frozen=True)
class Price:
    lines: Sequence[Line]
    our_lines: Sequence[Line]
    """What the provider bills beyond them, which nobody is charged for."""
    prices_from: date
    flags: Sequence[str] = ()
    """Why somebody should look at it, in sentences."""


class PaidKind(Protocol):
    def access(self, part: Part) -> Access:
        """Raises NoAccess."""
        ...

    def request(self, part: Part, access: Access) -> Request: ...

    def parse(self, part: Part, status: int, headers: Any, body: Body) -> Result | Refusal: ...

    def deadline(self, part: Part) -> float:
        """Seconds from the first byte sent to the last one received."""
        ...

    def stored_as(self, part: Part) -> str:
        """The format that every file is converted to; empty when each is kept as it came."""
        ...

    def price(self, part: Part, result: Result, images: int) -> Price:
        """For the images that were stored. By the provider's usage; by our table when it named
        none."""
        ...

    def cost_without_image(self, part: Part, usage: Usage | None) -> Sequence[Line]:
        """What a provider bills for an answer that holds none."""
        ...

    def failure(self, part: Part, fault: Fault, detail: str = "") -> StepFailed: ...

    def finished_output(self, step_run: StepRun, assets: Sequence[Asset]) -> Any:
        """What is stored as the output of a step run that succeeded. Made of what was frozen:
        it may not fail because the catalogue has changed meanwhile."""
        ...


def paid_kind(step_run: StepRun) -> PaidKind:
    return cast(PaidKind, kinds.get(step_run.kind))  # only paid kinds plan parts
