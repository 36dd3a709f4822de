"""A file of nothing that keeps room on the disk: an answer that was paid for finds it when all else
is full. Without it no request is sent."""

import errno
import logging
import os
from pathlib import Path

from django.conf import settings

logger = logging.getLogger(__name__)

NAME = "ballast"
PIECE = 1 << 20


class NoRoom(OSError):
    """An answer might not fit on the disk, so nothing is to be asked for."""


def ensure(folder: Path) -> None:
    """Raises NoRoom when there is none and none can be made."""
    path = folder / NAME
    if path.exists() or not settings.SPOOL_BALLAST_BYTES:
        return
    folder.mkdir(parents=True, exist_ok=True)
    try:
        _fill(path)
    except OSError as error:
        path.unlink(missing_ok=True)
        if error.errno not in (errno.ENOSPC, errno.EDQUOT):
            raise
        raise NoRoom(error.errno, "the disk of the spool is full") from error


def _fill(path: Path) -> None:
    """Another process may do the same at this moment: it is the same nothing."""
    with open(os.open(path, os.O_WRONLY | os.O_CREAT, 0o600), "wb") as file:
        for start in range(0, settings.SPOOL_BALLAST_BYTES, PIECE):  # a hole would keep no room
            file.write(bytes(min(PIECE, settings.SPOOL_BALLAST_BYTES - start)))


def free(folder: Path) -> bool:
    """Make room for an answer; False when that was done already."""
    try:
        (folder / NAME).unlink()
    except FileNotFoundError:
        return False
    logger.error("the disk of the spool is full: its ballast is gone, and nothing more is sent")
    return True
