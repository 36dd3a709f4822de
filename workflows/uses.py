"""Where the inputs of a workflow are used, and the renaming of an input wherever it is."""

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass

from workflows.models import Step, Workflow
from workflows.references import references_in, refers_to, renamed


@dataclass(frozen=True)
class Use:
    """The references to one input in one step, as they are written."""

    step: Step
    references: list[str]

    def __str__(self) -> str:
        written = Counter(self.references).items()
        words = [f"{text} ×{times}" if times > 1 else text for text, times in written]
        return f"{self.step.name} ({self.step.identifier}): {', '.join(words)}"


def uses_of(name: str, steps: Iterable[Step]) -> list[Use]:
    """The steps that refer to this input, in their order."""
    uses = [Use(step, _references(name, step)) for step in steps]
    return [use for use in uses if use.references]


def _references(name: str, step: Step) -> list[str]:
    return [
        reference.text
        for text in step.step_kind.texts(step.settings).values()
        for reference in references_in(text)
        if refers_to(reference, name)
    ]


def rename_references(workflow: Workflow, old: str, new: str) -> list[Use]:
    """Rewrite the references to an input in all steps; what was rewritten. Each such step counts
    its version up: a tab that has it open meets the conflict."""
    uses = uses_of(old, workflow.steps.select_for_update())
    for use in uses:
        step = use.step
        texts = step.step_kind.texts(step.settings)
        anew = {field: renamed(text, old, new) for field, text in texts.items()}
        step.save_edit(
            step.version,
            name=step.name,
            settings=step.step_kind.with_texts(step.settings, anew),
            failure_policy=step.failure_policy,
        )
    return uses


def counted(uses: list[Use]) -> str:
    """Such as "3 references in 2 steps"."""
    references = sum(len(use.references) for use in uses)
    return f"{_many(references, 'reference')} in {_many(len(uses), 'step')}"


def _many(number: int, what: str) -> str:
    return f"{number} {what}{'' if number == 1 else 's'}"
