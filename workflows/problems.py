"""What would stop a run and can be mended before it: named before anything is paid."""

from collections.abc import Iterable
from typing import Any

from workflows import references
from workflows.kinds import Problem
from workflows.models import Step


def problems_of(
    step: Step, steps: Iterable[Step], input_names: set[str], settings: Any = None
) -> list[Problem]:
    """Settings and references of one step, in the order of its form. `settings` are those of a
    form that is not stored."""
    settings = settings or step.settings
    earlier = {other.identifier for other in steps if other.position < step.position}
    later = {other.identifier for other in steps} - earlier
    found = list(step.step_kind.problems(settings))
    for field, text in step.step_kind.texts(settings).items():
        sentences = references.problems(text, input_names, earlier, later, step.identifier)
        found += [Problem(field, sentence) for sentence in sentences]
    return found


def used_roots(steps: Iterable[Step], settings: Any = None) -> set[str]:
    """The inputs and steps that the settings of these steps refer to."""
    return {
        reference.root
        for step in steps
        for text in step.step_kind.texts(settings or step.settings).values()
        for reference in references.references_in(text)
    }
