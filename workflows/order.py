"""The steps of a workflow in their order: added, duplicated, moved, deleted and restored.

Whoever changes the order holds the row of the workflow meanwhile, so that of two changes at once
neither loses a step. Runs execute their own copy and are not concerned.
"""

from collections import defaultdict
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import Any

from django.db import transaction
from django.utils.timezone import now

from workflows.description import MOST_STEPS, name_of_a_copy
from workflows.models import Step, Workflow

CHANGED_MEANWHILE = (
    "The steps changed meanwhile. They are shown as they are now, and were not moved."
    " Move the step again."
)


class Refused(Exception):
    """Nothing was changed. The message is for the person."""


def add(workflow: Workflow, *, before: str = "") -> Step:
    """A new step before that one, at the end unless there is such a step. Raises Refused."""
    with _held(workflow) as steps:
        _refuse_too_many(steps)
        places = [place for place, step in enumerate(steps) if step.identifier == before]
        return _insert(steps, workflow.add_step(), places[0] if places else len(steps))


def duplicate(step: Step) -> Step:
    """A copy right after the step. Raises Refused."""
    with _held(step.workflow) as steps:
        _refuse_too_many(steps)
        place = steps.index(step)
        original = steps[place]
        copy = step.workflow.add_step(
            original.kind,
            name=name_of_a_copy(original.name, {each.name for each in _live(steps)}),
            settings=original.settings,
            failure_policy=original.failure_policy,
        )
        return _insert(steps, copy, place + 1)


def move(step: Step, by: int) -> int:
    """One up (-1) or down (1); it stays where it is at either end. Returns its place, counted from
    1. Raises Refused."""
    with _held(step.workflow) as steps:
        live = _live(steps)
        if step not in live:
            raise Refused(CHANGED_MEANWHILE)
        here = live.index(step)
        there = min(max(here + by, 0), len(live) - 1)
        live.insert(there, live.pop(here))
        _number(_with_deleted(steps, live))
        return there + 1


def put_in_order(workflow: Workflow, identifiers: Sequence[str]) -> None:
    """All steps of the workflow, each once, as they shall stand. Raises Refused."""
    with _held(workflow) as steps:
        live = {step.identifier: step for step in _live(steps)}
        if sorted(identifiers) != sorted(live):
            raise Refused(CHANGED_MEANWHILE)
        _number(_with_deleted(steps, [live[identifier] for identifier in identifiers]))


def delete(step: Step) -> None:
    """Its runs, images and charges stay; its identifier is never used again."""
    Step.objects.filter(pk=step.pk).update(deleted_at=now())


def restore(step: Step) -> None:
    """Back to its place. Raises Refused."""
    with _held(step.workflow) as steps:
        _refuse_too_many([other for other in steps if other != step])
        Step.everything.filter(pk=step.pk).update(deleted_at=None)
    step.refresh_from_db()


@contextmanager
def _held(workflow: Workflow) -> Iterator[list[Step]]:
    """All steps in order, the deleted ones in their places; nobody else changes them meanwhile."""
    with transaction.atomic():
        workflow.take_turns()
        yield list(Step.everything.filter(workflow=workflow))


def _live(steps: list[Step]) -> list[Step]:
    return [step for step in steps if step.deleted_at is None]


def _refuse_too_many(steps: list[Step]) -> None:
    if len(_live(steps)) >= MOST_STEPS:
        raise Refused(f"A workflow has at most {MOST_STEPS} steps. Delete one first.")


def _insert(steps: list[Step], new: Step, place: int) -> Step:
    _number([*steps[:place], new, *steps[place:]])
    return new


def _with_deleted(before: list[Step], live: list[Step]) -> list[Step]:
    """Each deleted step goes along behind the live one that it stood behind."""
    behind: dict[Any, list[Step]] = defaultdict(list)
    last = None
    for step in before:
        if step.deleted_at:
            behind[last].append(step)
        else:
            last = step.pk
    return behind[None] + [each for step in live for each in (step, *behind[step.pk])]


def _number(steps: list[Step]) -> None:
    moved = []
    for position, step in enumerate(steps, start=1):
        if step.position != position:
            step.position = position
            moved.append(step)
    Step.everything.bulk_update(moved, ["position"])
