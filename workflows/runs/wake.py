"""Wake-ups. Losing, doubling or delaying one changes nothing but time: the sweep finds the rest."""

import logging
from typing import Any
from uuid import UUID

from celery import Task
from django.db import transaction
from kombu.exceptions import KombuError, OperationalError

logger = logging.getLogger(__name__)


def wake_on_commit(task: "Task[Any, Any]", *arguments: str) -> None:
    transaction.on_commit(lambda: send(task, *arguments))


def send(task: "Task[Any, Any]", *arguments: str) -> bool:
    """Publish, or say so in the log: a broker that is down must not undo what is committed. False
    when it is down."""
    try:
        task.apply_async(arguments, ignore_result=True)
    except (KombuError, OperationalError, OSError) as error:
        logger.warning("no wake-up for %s: %s; the sweep will do it", task.name, error)
        return False
    return True


def wake_run(run_id: UUID) -> None:
    from workflows.tasks import execute_run  # tasks import the engine, which wakes

    wake_on_commit(execute_run, str(run_id))
