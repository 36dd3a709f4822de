"""Waking workers for parts that are due."""

from django.db import transaction

from workflows.runs.wake import send


def wake_performers(count: int) -> None:
    transaction.on_commit(lambda: wake_now(count))


def wake_now(count: int) -> None:
    from imagegen.tasks import execute_next_part  # tasks import perform, which plans and wakes

    for _ in range(count):
        if not send(execute_next_part):
            return  # the broker is down: each try may cost seconds, and the sweep has more to do
