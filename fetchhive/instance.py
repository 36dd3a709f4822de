"""The running `manage.py start` of a data folder: one at a time, and where it answers."""

import fcntl
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from fetchhive.refusal import Refusal


@contextmanager
def only_one(folder: Path) -> Iterator[None]:
    """The kernel gives the lock back when we die, however we die."""
    with (folder / "start.lock").open("w") as file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            raise Refusal(_refusal(folder)) from None
        yield


def site_url(folder: Path) -> str | None:
    """Where the running instance answers; None when none runs (or none has ended properly)."""
    try:
        return (folder / "address").read_text().strip() or None
    except OSError:
        return None


@contextmanager
def announced(folder: Path, url: str) -> Iterator[None]:
    path = folder / "address"
    path.write_text(f"{url}\n")
    try:
        yield
    finally:
        path.unlink(missing_ok=True)


def _refusal(folder: Path) -> str:
    url = site_url(folder)
    return (
        f"Fetch Hive already runs with the data in {folder}{f' at {url}' if url else ''}; "
        "stop it first, or take another folder: FETCHHIVE_DATA=/path/to/folder make run"
    )
