"""What Insert Variable lists: as it opens, what a search finds, and what is under one row."""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import chain, zip_longest

from workflows.references import render
from workflows.variables import Scope, Variable, tree

INPUTS = "Inputs"
MOST_OPENED = 120
MOST_FOUND = 60


@dataclass(frozen=True)
class Row:
    variable: Variable
    is_unfolded: bool
    """Whether the rows under it are listed, too; if not, they are fetched when it is unfolded."""
    is_best: bool = False
    """Where Enter goes first."""


@dataclass(frozen=True)
class Group:
    """The inputs, or an earlier step."""

    title: str
    rows: Sequence[Row]


@dataclass(frozen=True)
class Listing:
    groups: Sequence[Group]
    words: str = ""
    """What was searched for."""
    more: int = 0
    """How many rows were found besides."""


Titled = tuple[str, Sequence[Variable]]


def opened(scope: Scope) -> Listing:
    """All of the nearest steps, and of those before them one row each: however many steps there
    are, and however much they have put out, the list is no longer than one can read."""
    listed: list[Titled] = []
    room = MOST_OPENED
    for title, variables in reversed(_groups(scope)):
        roots = [variable for variable in variables if variable.depth == 0]
        shown = variables if len(variables) <= room else roots
        room -= len(shown)
        listed.insert(0, (title, shown))
    return Listing(_drawn(listed, ""))


def found(scope: Scope, words: str) -> Listing:
    """What has these words in its path or value, below the rows that it is in. When it is much,
    that of the nearest steps."""
    words = words.casefold()
    listed: list[Titled] = []
    room, more = MOST_FOUND, 0
    for title, variables in reversed(_groups(scope)):
        matching = [variable for variable in variables if _has(variable, words)]
        more += max(0, len(matching) - room)
        kept, room = matching[:room], max(0, room - len(matching))
        if kept:
            listed.insert(0, (title, _with_parents(variables, {each.path for each in kept})))
    return Listing(_drawn(listed, words), words, more)


def under(scope: Scope, path: str) -> list[Row]:
    variables = [variable for _, group in _groups(scope) for variable in group]
    return _rows([variable for variable in variables if variable.path.startswith(f"{path}.")])


def _groups(scope: Scope) -> list[Titled]:
    inputs = [
        Variable(input.name, input.name, value, value is not None)
        for input, value in ((input, scope.values[input.name]) for input in scope.inputs)
    ]
    steps = [
        (
            f"Workflow Steps · {source.step}",
            tree(source.output, f"{source.step.identifier}.output", has_value=source.has_run),
        )
        for source in scope.sources
    ]
    return [(INPUTS, inputs), *steps] if inputs else [*steps]


def _has(variable: Variable, words: str) -> bool:
    value = "" if variable.can_unfold or not variable.has_value else render(variable.value)
    return words in variable.reference.casefold() or words in value.casefold()


def _with_parents(variables: Sequence[Variable], paths: set[str]) -> list[Variable]:
    kept: list[Variable] = []
    parent = -1  # the depth of the nearest row that is still wanted above
    for variable in reversed(variables):
        if variable.path in paths or variable.depth <= parent:
            kept.insert(0, variable)
            parent = variable.depth - 1
    return kept


def _drawn(listed: Sequence[Titled], words: str) -> list[Group]:
    best = _best([variable for variables in _by_nearness(listed) for variable in variables], words)
    return [Group(title, _rows(variables, best)) for title, variables in listed]


def _by_nearness(listed: Sequence[Titled]) -> list[Sequence[Variable]]:
    """Inputs first, then the step just before."""
    inputs = [variables for title, variables in listed if title == INPUTS]
    steps = [variables for title, variables in listed if title != INPUTS]
    return [*inputs, *reversed(steps)]


def _best(variables: Sequence[Variable], words: str) -> Variable | None:
    """A name that begins with the words, else one that has them, else a path or a value."""
    begins = (each for each in variables if each.name.casefold().startswith(words))
    has = (each for each in variables if words in each.name.casefold())
    matches = (each for each in variables if _has(each, words))
    return next(chain(begins, has, matches), None)


def _rows(variables: Sequence[Variable], best: Variable | None = None) -> list[Row]:
    return [
        Row(variable, bool(after and after.depth > variable.depth), is_best=variable is best)
        for variable, after in zip_longest(variables, variables[1:])
    ]
