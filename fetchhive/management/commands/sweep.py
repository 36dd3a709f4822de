"""`manage.py sweep`: wakes what lost its wake-up and settles what dead workers left behind."""

import logging
import signal
import threading
from itertools import count
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand
from django.db import connection

from imagegen.attempts.prune import prune
from imagegen.attempts.recover import recover
from workflows.runs.sweep import wake_overdue_runs

logger = logging.getLogger(__name__)

ROUNDS_PER_PRUNING = 300


class Command(BaseCommand):
    help = "Sweep every SWEEP_SECONDS until it is stopped. Two may run."

    def handle(self, *args: Any, **options: Any) -> None:
        stop = threading.Event()
        for caught in (signal.SIGTERM, signal.SIGINT):
            signal.signal(caught, lambda *_: stop.set())
        for number in count():
            if stop.wait(settings.SWEEP_SECONDS):
                return
            sweep_once(with_pruning=number % ROUNDS_PER_PRUNING == 0)


def sweep_once(*, with_pruning: bool = False) -> None:
    """One round. An error ends the round, never the sweep."""
    try:
        recover()
        wake_overdue_runs()
        if with_pruning:
            prune()
    except Exception:
        logger.exception("this round of the sweep failed")
        connection.close()
