"""What a workflow consists of, and what would stop a run of it."""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from workflows import inputs
from workflows.kinds import Problem
from workflows.models import Input, Step, StepRun, Workflow
from workflows.problems import problems_of, used_roots
from workflows.uses import Use, question, uses_in


@dataclass(frozen=True)
class Obstacle:
    """What would stop a run, with the place where it is mended: a field of a step, or an input."""

    sentence: str
    step: Step | None = None
    field: str = ""
    input: Input | None = None


@dataclass(frozen=True)
class Contents:
    """Read once for everything that a page shows of a workflow."""

    workflow: Workflow
    steps: list[Step]
    inputs: list[Input]

    @cached_property
    def uses(self) -> dict[str, list[Use]]:
        return uses_in(self.steps)

    @property
    def input_names(self) -> set[str]:
        return {input.name for input in self.inputs}

    def delete_question(self, step: Step) -> str:
        asked = f"Delete “{step.name}” ({step.identifier})? Its runs and images are kept."
        return question(asked, self.uses.get(step.identifier, []))

    def problems(self, step: Step, settings: Any = None) -> list[Problem]:
        """`settings` are those of a form that is not stored."""
        return problems_of(step, self.steps, self.input_names, settings)

    def obstacles(
        self, step: Step, settings: Any = None, when_filled: Sequence[Problem] = ()
    ) -> list[Obstacle]:
        """What would stop a test of this step; `when_filled`: once its references are."""
        roots = used_roots([step], settings)
        used = [input for input in self.inputs if input.name in roots]
        in_form = self._in_its_form(step, settings) if settings else self._as_stored[step]
        found = in_form + _without_value(used)
        return found or [Obstacle(each.sentence, step, each.field) for each in when_filled]

    @cached_property
    def all_obstacles(self) -> list[Obstacle]:
        """What would stop a run of the whole workflow."""
        found = [each for those in self._as_stored.values() for each in those]
        return found + _without_value(self.inputs)

    @cached_property
    def _as_stored(self) -> dict[Step, list[Obstacle]]:
        """Asked for the card of each step, and again for all of them."""
        return {step: self._in_its_form(step, step.settings) for step in self.steps}

    def _in_its_form(self, step: Step, settings: Any) -> list[Obstacle]:
        found = self.problems(step, settings)
        found += step.step_kind.refusals(self.workflow.workspace, settings)
        return [Obstacle(problem.sentence, step, problem.field) for problem in found]


def contents_of(workflow: Workflow) -> Contents:
    steps = workflow.steps.select_related("used_run")
    long = [f"used_run__{name}" for name in StepRun.LONG]
    return Contents(workflow, list(steps.defer(*long)), list(workflow.inputs.all()))


def _without_value(asked: list[Input]) -> list[Obstacle]:
    return [
        Obstacle(sentence, input=input)
        for input in asked
        for sentence in inputs.values_for_a_test([input])[1]
    ]
