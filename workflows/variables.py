"""What the references of a step may use: inputs and the outputs of earlier steps, as data for the
highlighting and as values to fill a text with. How they are listed: see picker.py."""

import json
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from workflows import references
from workflows.inputs import WrongValue, read, values_for_a_test
from workflows.models import Input, Step, StepRun
from workflows.runs.sources import runs_used_by_later_steps

SHOWN_OF_RESOLVED = 4000


@dataclass(frozen=True)
class Variable:
    """Something that can be referred to, and its value, if there is one yet."""

    name: str
    path: str
    value: Any
    has_value: bool
    depth: int = 0
    can_unfold: bool = False
    """Whether references can go into it: into the output of a step, never into an input."""
    is_folded: bool = False
    is_hidden: bool = False
    """Because something that it is in is folded."""

    @property
    def reference(self) -> str:
        """As it is inserted."""
        return f"{{{{{self.path}}}}}"


@dataclass(frozen=True)
class Source:
    """An earlier step with its last output, or with the keys that it will have."""

    step: Step
    output: Any
    has_run: bool


@dataclass(frozen=True)
class Scope:
    """Everything that the references of one step can name."""

    inputs: Sequence[Input]
    sources: Sequence[Source]
    later: Sequence[str]
    own: str

    @property
    def earlier(self) -> list[str]:
        return [source.step.identifier for source in self.sources]

    @cached_property
    def values(self) -> dict[str, Any]:
        """By root, as `references.fill` takes them; a step without a run is left out."""
        outputs = {
            source.step.identifier: {"output": source.output}
            for source in self.sources
            if source.has_run
        }
        return {input.name: _value(input) for input in self.inputs} | outputs

    @property
    def known(self) -> str:
        """For the browser, which highlights while somebody types: names and keys, no value."""
        names = {
            "inputs": {input.name: self.values[input.name] is not None for input in self.inputs},
            "steps": {
                source.step.identifier: {"output": keys_of(source.output)}
                if source.has_run
                else None
                for source in self.sources
            },
        }
        return json.dumps(names, ensure_ascii=False, separators=(",", ":"))


def scope_of(step: Step, steps: Sequence[Step], inputs: Sequence[Input]) -> Scope:
    """`steps` and `inputs` are all of its workflow."""
    earlier = [other for other in steps if other.position < step.position]
    used = runs_used_by_later_steps(step.earlier()) if earlier else {}
    return Scope(
        inputs=inputs,
        sources=[_source(other, used.get(other.pk)) for other in earlier],
        later=[other.identifier for other in steps if other not in [*earlier, step]],
        own=step.identifier,
    )


def _source(step: Step, used: StepRun | None) -> Source:
    if used:
        return Source(step, step.step_kind.output(used), has_run=True)
    return Source(step, step.step_kind.sample_output(step.settings), has_run=False)


def _value(input: Input) -> Any:
    try:
        return read(input, input.test_value or input.default)
    except WrongValue:
        return None


def keys_of(value: Any) -> Any:
    """Its shape: of a dictionary the keys; of a list its length and the shapes of its items, the
    last of which stands for all after it, too; 0 of everything else."""
    if isinstance(value, dict):
        return {key: keys_of(child) for key, child in value.items()}
    if not isinstance(value, list):
        return 0
    shapes = [keys_of(child) for child in value]
    while len(shapes) > 1 and shapes[-1] == shapes[-2]:
        shapes.pop()
    return [len(value), *shapes]


def tree(
    output: Any, root: str, *, has_value: bool = True, folded: Collection[str] = ()
) -> list[Variable]:
    """The output object as rows, each with the exact path to it; `folded`: the paths that are shown
    closed."""
    rows: list[Variable] = []

    def visit(name: str, path: str, value: Any, depth: int, is_hidden: bool) -> None:
        unfolds, is_folded = isinstance(value, dict | list) and bool(value), path in folded
        rows.append(Variable(name, path, value, has_value, depth, unfolds, is_folded, is_hidden))
        children = enumerate(value) if isinstance(value, list) else ()
        for key, child in value.items() if isinstance(value, dict) else children:
            visit(str(key), f"{path}.{key}", child, depth + 1, is_hidden or is_folded)

    visit(root, root, output, 0, False)
    return rows


@dataclass(frozen=True)
class Resolved:
    """A text as a test would fill it now, or the sentence why it cannot be filled."""

    text: str = ""
    why: str = ""

    @property
    def shown(self) -> str:
        return self.text[:SHOWN_OF_RESOLVED]

    @property
    def not_shown(self) -> int:
        return max(0, len(self.text) - SHOWN_OF_RESOLVED)


def resolved(text: str, scope: Scope) -> Resolved:
    """With the test values of the inputs and the last outputs of earlier steps, as Run would."""
    names = [input.name for input in scope.inputs]
    if broken := references.problems(text, names, scope.earlier, scope.later, scope.own):
        return Resolved(why=broken[0])
    roots = {reference.root for reference in references.references_in(text)}
    _, missing = values_for_a_test([input for input in scope.inputs if input.name in roots])
    missing += [
        f"Run {source.step.identifier} first: it has no output yet."
        for source in scope.sources
        if source.step.identifier in roots and not source.has_run
    ]
    if missing:
        return Resolved(why=missing[0])
    try:
        return Resolved(text=references.fill(text, scope.values)[0])
    except references.MissingValue as missing_value:
        sentence = str(missing_value).removesuffix(".")
        return Resolved(why=f"{sentence}. Choose another path in Insert Variable.")
