"""What came of step runs, of whatever kinds, by one question to each kind."""

from collections import defaultdict
from collections.abc import Iterable
from uuid import UUID

from workflows import kinds
from workflows.kinds import Cost, StepCharge
from workflows.models import StepRun

Pictures = dict[UUID, list[dict[str, str]]]


def costs(step_runs: Iterable[StepRun]) -> dict[UUID, Cost]:
    """By the key of the step run; nothing where nothing was charged."""
    found: dict[UUID, Cost] = {}
    for kind, those in _by_kind(step_runs).items():
        found |= kinds.get(kind).run_costs(those)
    return found


def charges(step_runs: Iterable[StepRun]) -> dict[UUID, StepCharge]:
    found: dict[UUID, StepCharge] = {}
    for kind, those in _by_kind(step_runs).items():
        found |= kinds.get(kind).charges(those)
    return found


def pictures(step_runs: Iterable[StepRun]) -> Pictures:
    found: Pictures = {}
    for kind, those in _by_kind(step_runs).items():
        found |= kinds.get(kind).previews(those)
    return found


def _by_kind(step_runs: Iterable[StepRun]) -> dict[str, list[StepRun]]:
    by_kind: dict[str, list[StepRun]] = defaultdict(list)
    for step_run in step_runs:
        by_kind[step_run.kind].append(step_run)
    return by_kind
