"""The Celery app. Tasks are wake-ups: they carry no order and no data."""

import os

from celery import Celery
from celery.signals import setup_logging, worker_ready, worker_shutting_down
from kombu import transport

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "fetchhive.settings")
transport.TRANSPORT_ALIASES["filesystem"] = "fetchhive.broker:Transport"

app = Celery("fetchhive")
app.config_from_object("django.conf:settings", namespace="CELERY")
app.autodiscover_tasks()


@setup_logging.connect
def leave_logs_alone(**_: object) -> None:
    """They are set up like those of every process; Celery would add handlers of its own."""


@worker_ready.connect
def keep_leases(**_: object) -> None:
    from imagegen.attempts.leases import start_heartbeat  # needs the apps to be loaded

    start_heartbeat()


@worker_shutting_down.connect
def take_up_nothing_more(**_: object) -> None:
    """Requests that are open are brought to their end; Celery waits for them."""
    from imagegen.attempts.claims import stop_claiming

    stop_claiming()
