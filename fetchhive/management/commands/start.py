"""`manage.py start`: everything Fetch Hive needs, on this machine, until Ctrl-C."""

import sys
import time
from argparse import ArgumentParser
from contextlib import ExitStack, suppress
from typing import Any

import environ
from django.conf import settings
from django.core.management.base import BaseCommand

from fetchhive import (
    broker,
    celery_app,
    data_folder,
    database,
    embedded,
    instance,
    ports,
    static_files,
)
from fetchhive.embedded import Sandbox
from fetchhive.opening import Opening
from fetchhive.refusal import Refusal
from fetchhive.supervisor import Supervisor
from fetchhive.welcome import welcome
from workflows.first_start import ensure_first_workspace
from workflows.models import User
from workflows.sign_in import address_for


class Command(BaseCommand):
    help = "Start Fetch Hive on this machine: web, worker, sweep and simulated providers."
    requires_system_checks = ()  # they run in `make check`; a start shall be quick

    def add_arguments(self, parser: ArgumentParser) -> None:
        latency = environ.Env().float("SANDBOX_LATENCY", default=4)
        parser.add_argument("--sandbox-latency", type=float, default=latency, metavar="SECONDS")
        parser.add_argument("--sandbox-port", type=int, metavar="PORT")

    def handle(self, *args: Any, **options: Any) -> None:
        try:
            with ExitStack() as held:
                _take_folder_and_port(held)
                user = _prepare_database_and_queue()
                sandbox = embedded.sandbox_when_needed(
                    options["sandbox_port"], options["sandbox_latency"]
                )
                _run(user, sandbox, held)
        except Refusal as refused:
            sys.exit(str(refused))


def _take_folder_and_port(held: ExitStack) -> None:
    data_folder.prepare(settings.DATA)
    held.enter_context(instance.only_one(settings.DATA))
    ended_badly = instance.site_url(settings.DATA) is not None  # its last process may linger
    ports.check(settings.HOST, settings.PORT, patience=5 if ended_badly else 0)
    static_files.collect()
    say(f"[1/4] Data folder: {settings.DATA}")


def _prepare_database_and_queue() -> User:
    done = database.bring_up_to_date()
    user = ensure_first_workspace()
    if settings.CELERY_BROKER_URL.startswith("filesystem"):
        folders = settings.CELERY_BROKER_TRANSPORT_OPTIONS
        broker.clear_leftovers(folders, settings.CELERY_TASK_DEFAULT_QUEUE)
    else:
        broker.reach(celery_app.connection_for_write())
    say(f"[2/4] Database: {done}")
    return user


def _run(user: User, sandbox: Sandbox | None, held: ExitStack) -> None:
    began = time.monotonic()
    children = embedded.children(sandbox)
    say(f"[3/4] Starting {', '.join(child.name for child in children)}")

    def opened() -> None:
        say(f"[4/4] Ready after {time.monotonic() - began:.1f} s")
        held.enter_context(instance.announced(settings.DATA, settings.SITE_URL))
        say(welcome(address_for(user)))
        database.let_go()

    database.let_go()
    opening = Opening(children[0], settings.HOST, settings.PORT, opened)
    Supervisor(children, database.open_requests, say).run(opening.look)
    say("Stopped.")


def say(text: str) -> None:
    """A terminal that was closed is no reason to end the work."""
    with suppress(OSError, ValueError):
        print(text, flush=True)
