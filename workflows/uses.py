"""Where inputs and the outputs of steps are used: told before one is deleted, and rewritten when
an input is renamed."""

from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from workflows.models import Step, Workflow
from workflows.references import Reference, named_already, references_in, renamed, shortened

MOST_NAMED = 8


@dataclass(frozen=True)
class Use:
    """The references to one input or one step in another step, as they are written."""

    step: Step
    references: list[str]

    def __str__(self) -> str:
        written = Counter(map(shortened, self.references)).items()
        words = [f"{text} ×{times}" if times > 1 else text for text, times in written]
        return f"{self.step.name} ({self.step.identifier}): {', '.join(_first(words))}"


def uses_in(steps: Sequence[Step]) -> dict[str, list[Use]]:
    """By the name of the input, or the identifier of the step, that is used; steps in their order.
    References to a step that does not come before are broken already, and left out."""
    positions = {step.identifier: step.position for step in steps}
    found: dict[str, list[Use]] = defaultdict(list)
    for step in steps:
        written: dict[str, list[str]] = defaultdict(list)
        for reference in _references(step):
            is_earlier = positions.get(reference.root, step.position) < step.position
            if is_earlier or not reference.is_step:
                written[reference.root].append(reference.text)
        for root, texts in written.items():
            found[root].append(Use(step, texts))
    return found


def _references(step: Step) -> list[Reference]:
    texts = step.step_kind.texts(step.settings).values()
    return [reference for text in texts for reference in references_in(text)]


def question(asked: str, uses: Sequence[Use]) -> str:
    """What is asked before a deletion, with what it would break."""
    if not uses:
        return f"{asked} No step uses it."
    told = [f"• {each}" for each in _first([str(use) for use in uses])]
    return "\n".join([f"{asked} This would break {counted(uses)}:", "", *told])


def _first(named: Sequence[str]) -> list[str]:
    """As many as a question can hold, and how many there are besides."""
    more = len(named) - MOST_NAMED
    return [*named[:MOST_NAMED], *([f"and {more} more"] if more > 0 else [])]


Spared = Mapping[str, Any]
"""By the identifier of a step, as {"version": 3, "places": {"prompt": [0, 2]}}: the references in
its texts, counted from 0, that an undo leaves alone, and the version in which they stand there."""


def rename_references(
    workflow: Workflow, old: str, new: str, spared: Spared | None = None
) -> list[Use]:
    """Rewrite the references to an input in all steps, but for the `spared` ones; what was
    rewritten. Each such step counts its version up: a tab that has it open meets the conflict."""
    uses = []
    for step in workflow.steps.select_for_update():
        places = _places(spared or {}, step)
        texts = step.step_kind.texts(step.settings)
        anew = {
            field: renamed(text, old, new, places.get(field, ())) for field, text in texts.items()
        }
        if anew != texts:
            uses.append(Use(step, _gone(texts, anew, old)))
            step.save_edit(
                step.version,
                name=step.name,
                settings=step.step_kind.with_texts(step.settings, anew),
                failure_policy=step.failure_policy,
            )
    return uses


def _places(spared: Spared, step: Step) -> dict[str, list[int]]:
    """None in a step that was edited since: they are counted, and may be others by now."""
    kept = spared.get(step.identifier)
    return kept["places"] if kept and kept["version"] == step.version else {}


def rename_with_undo(workflow: Workflow, old: str, new: str) -> tuple[list[Use], Spared]:
    """What was rewritten, and what its undo is to spare: references that are broken, because they
    have the new name already, and would not be told from those that are rewritten."""
    steps = workflow.steps.select_for_update()
    places = {step.identifier: _named_already(step, old, new) for step in steps}
    uses = rename_references(workflow, old, new)
    spared = {
        step.identifier: {"version": step.version, "places": places[step.identifier]}
        for step in workflow.steps.all()
        if places.get(step.identifier)
    }
    return uses, spared


def _named_already(step: Step, old: str, new: str) -> dict[str, list[int]]:
    texts = step.step_kind.texts(step.settings)
    found = {field: named_already(text, old, new) for field, text in texts.items()}
    return {field: numbers for field, numbers in found.items() if numbers}


def edited_since(workflow: Workflow, spared: Spared) -> list[Step]:
    """The steps in which nothing can be spared any more."""
    steps = workflow.steps.select_for_update().filter(identifier__in=spared)
    return [step for step in steps if step.version != spared[step.identifier]["version"]]


def _gone(before: dict[str, str], after: dict[str, str], name: str) -> list[str]:
    """The references to an input that were rewritten, as they were written."""
    texts, left = (
        [each.text for text in fields.values() for each in references_in(text) if each.root == name]
        for fields in (before, after)
    )
    return list((Counter(texts) - Counter(left)).elements())


def counted(uses: Sequence[Use]) -> str:
    """Such as "3 references in 2 steps"."""
    references = sum(len(use.references) for use in uses)
    return f"{_many(references, 'reference')} in {_many(len(uses), 'step')}"


def _many(number: int, what: str) -> str:
    return f"{number} {what}{'' if number == 1 else 's'}"
