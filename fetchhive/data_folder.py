"""The folder where the embedded default keeps everything: database, files, spool, keys, queue."""

import os
import secrets
import tempfile
from contextlib import suppress
from pathlib import Path

from fetchhive.refusal import Refusal


def prepare(folder: Path) -> None:
    """Make the folder, for this user only, and prove that it can be written."""
    try:
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        with tempfile.TemporaryFile(dir=folder) as file:
            file.write(b"works")
    except OSError as error:
        raise Refusal(_refusal(folder, error)) from error


def kept_secret(path: Path, size: int = 48) -> str:
    """The secret in this file, mode 0600, of so many bytes; made at the first call, also when two
    call at once."""
    try:
        if not path.exists():
            prepare(path.parent)
            _make_once(path, secrets.token_urlsafe(size))
        return path.read_text()
    except OSError as error:
        raise Refusal(_refusal(path, error)) from error


def _make_once(path: Path, text: str) -> None:
    with tempfile.NamedTemporaryFile("w", dir=path.parent) as file:  # mode 0600
        file.write(text)
        file.flush()
        os.fsync(file.fileno())
        with suppress(FileExistsError):
            os.link(file.name, path)


def _refusal(path: Path, error: OSError) -> str:
    reason = (error.strerror or str(error)).lower()
    return (
        f"Fetch Hive cannot keep its data in {path} ({reason}); "
        "choose a folder you may write: FETCHHIVE_DATA=/path/to/folder make run"
    )
