"""What the children of the zygote do."""

import functools
import logging
import os
import pkgutil
import signal
import sys
from collections.abc import Callable
from contextlib import suppress
from itertools import count
from pathlib import Path
from random import Random
from time import sleep
from typing import Any

# What the children need, imported once. Nothing that opens a connection or starts a thread.
import celery.apps.worker
import celery.bin.celery
import celery.bin.worker
import celery.concurrency.thread
import celery.worker.consumer
import celery.worker.strategy  # noqa: F401
import httpx  # noqa: F401
import PIL.Image  # noqa: F401
from django.conf import settings
from django.core.management import call_command
from django.db import Error, connection

from tests.kills.points import POINTS, Point
from workflows.models import Run, Workflow
from workflows.runs.start import CannotRun, run_workflow

logger = logging.getLogger(__name__)


def crash(play: dict[str, Any]) -> None:
    """A worker with one thread, which stands still at a point until it is told to go on."""
    _move_into(play)
    from fetchhive.celery import take_up_nothing_more
    from imagegen.tasks import execute_next_part
    from workflows.tasks import execute_run

    signal.signal(signal.SIGTERM, lambda *_: take_up_nothing_more())
    _watch(POINTS[play["point"]])
    _tried(execute_run, play["run"])
    for _ in range(play["messages"]):
        _tried(execute_next_part)


def _tried(task: Callable[..., None], *arguments: str) -> None:
    """A task that fails is logged, and the worker goes on."""
    try:
        task(*arguments)
    except Exception:
        logger.exception("a task failed")


def _move_into(play: dict[str, Any]) -> None:
    """The surroundings of one test."""
    connection.settings_dict.update(play["database"])
    settings.SANDBOX_URL = play["sandbox"]
    settings.SPOOL, settings.FILES = Path(play["spool"]), Path(play["files"])
    settings.STORAGES["default"]["OPTIONS"]["location"] = play["files"]


def _watch(point: Point) -> None:
    path, _, name = point.function.replace(":", ".").rpartition(".")
    owner = pkgutil.resolve_name(path)
    real = getattr(owner, name)
    calls = 0

    @functools.wraps(real)
    def watched(*arguments: Any, **named: Any) -> Any:
        nonlocal calls
        calls += 1
        if calls != point.call:
            return real(*arguments, **named)
        if point.when == "within":
            writer, chunk = arguments
            real(writer, chunk[: len(chunk) // 2])
            _stand_still()
            return real(writer, chunk[len(chunk) // 2 :])
        if point.when == "before":
            _stand_still()
        done = real(*arguments, **named)
        if point.when == "after":
            _stand_still()
        return done

    setattr(owner, name, watched)


def _stand_still() -> None:
    from imagegen.attempts import leases

    print("reached", flush=True)
    match sys.stdin.readline().strip():
        case "":
            os._exit(1)  # whoever watches is gone
        case "wake":
            leases.beat()  # as the thread does that prolongs leases


def worker(play: dict[str, Any]) -> None:
    """As `manage.py start` starts it."""
    from celery.__main__ import main

    from fetchhive import embedded

    sys.argv = ["celery", *embedded.worker()[3:]]
    main()


def sweep(play: dict[str, Any]) -> None:
    if play["wrong"]:
        from imagegen.attempts import recover
        from tests.kills.wrong import ask_again

        recover._decide = ask_again
    call_command("sweep")


def providers(play: dict[str, Any]) -> None:
    call_command("sandbox", port=play["port"], latency=0.1, log=Path(play["requests"]))


def crowd(play: dict[str, Any]) -> None:
    """People who press Run again and again, each time with prompts that were never there before."""
    random = Random(play["seed"])
    for number in count():
        try:
            while Run.objects.unfinished().count() >= play["going"]:
                sleep(0.05)
            _press_run(random, play["latency"], f"{play['seed']}-{number}")
        except Error as error:  # the database was stopped
            logger.warning("nobody could press Run: %s", error)
            connection.close()


def _press_run(random: Random, latency: float, words: str) -> None:
    workflow = random.choice(Workflow.objects.all())
    for step in workflow.steps.all():
        marker = f"[[sandbox:slow latency={random.uniform(0.05, latency):.2f}]]"
        step.settings["prompt"] = f"{words} {step.identifier} {marker}"
        step.save()
    with suppress(CannotRun):  # as many of this workflow are going as may
        run_workflow(workflow, workflow.workspace.memberships.get().user, words)
