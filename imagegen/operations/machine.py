"""What this machine is made of, and how much room its disks have."""

import shutil
from collections.abc import Iterator
from pathlib import Path

from django.conf import settings
from django.core.files.storage import FileSystemStorage, default_storage
from django.db import connection

from imagegen.operations.gauges import FREE, Gauge, Mark
from imagegen.templatetags.imagegen import size


def machine() -> list[Gauge]:
    return [*_disks(), _parts()]


def _disks() -> Iterator[Gauge]:
    yield _disk(
        "spool",
        "Disk of the spool",
        settings.SPOOL,
        "Answers are written here as they arrive. When it is full, nothing more is sent from this"
        " machine; each machine with workers has a spool of its own.",
    )
    if isinstance(default_storage, FileSystemStorage):
        yield _disk(
            "files",
            "Disk of the stored files",
            Path(default_storage.location),
            "Every stored image. When it is full, answers wait in the spool.",
        )


def _disk(id: str, name: str, folder: Path, meaning: str) -> Gauge:
    existing = next(each for each in (folder, *folder.parents) if each.exists())
    disk = shutil.disk_usage(existing)
    share = disk.free / disk.total
    return Gauge(
        id,
        name,
        f"{size(disk.free)} free",
        room(share),
        meaning,
        (f"{share:.0%} of {size(disk.total)}, on {settings.NODE}",),
        limits=f"Look at it below {FREE[0]:.0%}, act below {FREE[1]:.0%}.",
    )


def room(share: float) -> Mark:
    look, act = FREE
    return Mark.ACT if share < act else Mark.LOOK if share < look else Mark.OK


def _parts() -> Gauge:
    queue = settings.CELERY_BROKER_URL.partition(":")[0]
    return Gauge(
        "machine",
        "Database and queue",
        connection.display_name,
        Mark.OK,
        "Where everything is kept, and what wakes the workers. When the queue is gone, runs are"
        " accepted and wait for it.",
        (f"queue: {'built in' if queue == 'filesystem' else queue}",),
    )
