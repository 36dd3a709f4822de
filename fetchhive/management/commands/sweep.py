"""`manage.py sweep`: wakes what lost its wake-up and settles what dead workers left behind."""

import logging
import signal
import threading
from collections.abc import Callable
from itertools import count
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand
from django.db import connection

from imagegen.assets.orphans import SlowScan
from imagegen.assets.trash import purge
from imagegen.attempts.outages import Outages
from imagegen.attempts.prune import prune
from imagegen.attempts.sweeps import tell_of_round
from imagegen.billing.caps import warn_of_caps
from workflows.runs.sweep import advance_overdue_runs

logger = logging.getLogger(__name__)

ROUNDS_PER_SIGN = 5
ROUNDS_PER_WARNING = 15
ROUNDS_PER_PRUNING = 300


class Command(BaseCommand):
    help = "Sweep every SWEEP_SECONDS until it is stopped. Two may run."

    def handle(self, *args: Any, **options: Any) -> None:
        stop = threading.Event()
        for caught in (signal.SIGTERM, signal.SIGINT):
            signal.signal(caught, lambda *_: stop.set())
        orphans, outages = SlowScan(), Outages()
        for number in count():
            if stop.wait(settings.SWEEP_SECONDS):
                return
            if sweep_once(outages) and number % ROUNDS_PER_SIGN == 0:
                tried(tell_of_round)
            tried(orphans.scan_on)
            if number % ROUNDS_PER_WARNING == 0:
                tried(warn_of_caps)
            if number % ROUNDS_PER_PRUNING == 0:
                tried(prune)
                tried(purge)


def sweep_once(outages: Outages) -> bool:
    """Whether nothing failed."""
    return all([tried(outages.recover), tried(advance_overdue_runs)])


def tried(part_of_the_sweep: Callable[[], object]) -> bool:
    """False after an error: it ends this part of the round, never the sweep."""
    try:
        part_of_the_sweep()
    except Exception:
        logger.exception("%s failed in this round of the sweep", part_of_the_sweep.__name__)
        connection.close()
        return False
    return True
