"""Throwing away what nobody needs any more: spools of closed attempts."""

import time
from collections.abc import Iterator
from pathlib import Path
from uuid import UUID

from django.conf import settings

from imagegen.attempts.models import Attempt

KEEP_SECONDS = 24 * 60 * 60
OPEN = (Attempt.State.SENDING, Attempt.State.RECEIVED)


def prune() -> int:
    """A spool goes a day after its attempt closed; one without an attempt, too. Returns how many
    files went."""
    old = list(_old(settings.SPOOL))
    needed = _needed(old)
    done = [path for path in old if path.stem not in needed]
    for path in done:
        path.unlink(missing_ok=True)
    return len(done)


def _old(folder: Path) -> Iterator[Path]:
    before = time.time() - KEEP_SECONDS
    for path in folder.glob("*"):
        if path.is_file() and path.stat().st_mtime < before:
            yield path


def _needed(paths: list[Path]) -> set[str]:
    names = {path.stem for path in paths if _is_id(path.stem)}
    still_open = Attempt.objects.filter(pk__in=names, state__in=OPEN)
    return {str(pk) for pk in still_open.values_list("pk", flat=True)}


def _is_id(name: str) -> bool:
    try:
        return str(UUID(name)) == name
    except ValueError:
        return False
