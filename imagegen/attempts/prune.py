"""Throwing away what nobody needs any more: spools of attempts that ended a day ago."""

import time
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from uuid import UUID

from django.conf import settings
from django.db.models import Q
from django.utils.timezone import now

from imagegen.attempts.models import Attempt

KEEP = timedelta(days=1)


def prune() -> int:
    """Returns how many files went. One without an attempt goes a day after it was written."""
    old = [path for path in _old(settings.SPOOL) if _is_id(path.stem)]
    needed = _needed(old)
    done = [path for path in old if path.stem not in needed]
    for path in done:
        path.unlink(missing_ok=True)
    return len(done)


def _old(folder: Path) -> Iterator[Path]:
    before = time.time() - KEEP.total_seconds()
    for path in folder.glob("*.*"):
        if path.is_file() and path.stat().st_mtime < before:
            yield path


def _needed(paths: list[Path]) -> set[str]:
    """An answer that could not be stored is tried for a day, and may be asked for a day after."""
    named = Attempt.objects.filter(pk__in={path.stem for path in paths})
    needed = named.filter(Q(finished_at=None) | Q(finished_at__gt=now() - KEEP))
    return {str(pk) for pk in needed.values_list("pk", flat=True)}


def _is_id(name: str) -> bool:
    try:
        return str(UUID(name)) == name
    except ValueError:
        return False
