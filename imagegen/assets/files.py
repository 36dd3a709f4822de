"""Where files are kept: in a folder of this machine or in a bucket. The settings say which."""

from collections.abc import Iterator
from datetime import datetime
from pathlib import Path
from typing import Any, Protocol, cast

from django.core.files.base import File
from django.core.files.storage import default_storage


class Files(Protocol):
    """What is lost is a FileNotFoundError, what cannot be reached any other OSError."""

    def open(self, name: str, mode: str = "rb") -> "File[bytes]": ...

    def save(self, name: str, content: "File[bytes]") -> str:
        """Under a name that nothing had before; returns it."""

    def delete(self, name: str) -> None:
        """Also when there is nothing to delete."""

    def move(self, name: str, target: str) -> None:
        """Its time becomes now."""

    def exists(self, name: str) -> bool: ...

    def size(self, name: str) -> int: ...

    def get_modified_time(self, name: str) -> datetime: ...

    def names(self, folder: str = "") -> Iterator[str]:
        """All that lies in it and below it, as it is now; never all of them in memory."""

    def link(self, name: str, **headers: str) -> str | None:
        """An address of the storage itself, for a few minutes, whose answer has these headers.
        None where the files are ours to send."""

    def arriving(self) -> Path:
        """A folder of this machine for what is to be saved."""


stored_files = cast("Files", cast("Any", default_storage))
