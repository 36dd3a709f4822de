"""What is asked before a step is deleted: the references that would break, by name."""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass

from workflows.models import Step
from workflows.references import references_in, shortened

MOST_NAMED = 8


@dataclass(frozen=True)
class Use:
    """A reference to the output of a step, and the later step that it stands in."""

    step: Step
    text: str

    def __str__(self) -> str:
        return f"{self.step.name} ({self.step.identifier}): {shortened(self.text)}"


def uses(steps: Sequence[Step]) -> dict[str, list[Use]]:
    """By the identifier of the step that is used. What is broken already is left out."""
    positions = {step.identifier: step.position for step in steps}
    found: dict[str, dict[Use, None]] = defaultdict(dict)
    for step in steps:
        for text in step.step_kind.texts(step.settings).values():
            for reference in references_in(text):
                if positions.get(reference.root, step.position) < step.position:
                    found[reference.root][Use(step, reference.text)] = None
    return {root: list(each) for root, each in found.items()}


def question(step: Step, uses: Sequence[Use]) -> str:
    asked = f"Delete “{step.name}” ({step.identifier})? Its runs and images are kept."
    if not uses:
        return f"{asked} No other step uses it."
    lines = [f"• {use}" for use in uses[:MOST_NAMED]]
    if len(uses) > MOST_NAMED:
        lines.append(f"• and {len(uses) - MOST_NAMED} more")
    return "\n".join([f"{asked} These references would break:", "", *lines])
