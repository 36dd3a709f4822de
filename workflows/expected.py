"""What a run of the whole workflow would cost: the sum over its steps, and each by itself."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import reduce
from operator import add

from workflows.kinds import ExpectedCost
from workflows.models import Step
from workflows.money import Figure


@dataclass(frozen=True)
class StepCost:
    step: Step
    expected: ExpectedCost | None
    """None while it cannot run as it is set."""


@dataclass(frozen=True)
class WorkflowCost:
    """Money of the wallet, play money and what personal keys are billed are never added up."""

    steps: Sequence[StepCost]

    @property
    def left_out(self) -> str:
        """The steps that nothing can be said of, in a sentence; empty when there are none."""
        names = [each.step.identifier for each in self.steps if each.expected is None]
        if not names:
            return ""
        listed = " and ".join(filter(None, [", ".join(names[:-1]), names[-1]]))
        return f"Without {listed}, which cannot run as set."

    @property
    def wallet(self) -> Figure | None:
        """None when no step is paid from it."""
        return _sum(each.figure for each in self._known if each.is_paid_from_wallet)

    @property
    def simulated(self) -> Figure | None:
        return _sum(each.figure for each in self._known if each.simulated)

    @property
    def personal(self) -> Figure | None:
        return _sum(each.figure for each in self._known if each.is_personal)

    @property
    def text(self) -> str:
        """What stands beside the button: the wallet's sum, and the others where it has none."""
        if figure := self.wallet or self.simulated:
            return figure.text
        return "Personal" if self.personal else ""

    @property
    def _known(self) -> list[ExpectedCost]:
        return [each.expected for each in self.steps if each.expected]


def workflow_cost(steps: Iterable[Step]) -> WorkflowCost:
    """By the stored settings: those are what Run workflow runs."""
    return WorkflowCost(
        [StepCost(step, step.step_kind.expected_cost(step.settings)) for step in steps]
    )


def _sum(figures: Iterable[Figure]) -> Figure | None:
    found = list(figures)
    return reduce(add, found) if found else None
