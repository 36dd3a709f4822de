"""Files in a folder of this machine: the embedded default."""

import os
import posixpath
from collections.abc import Iterator
from pathlib import Path

from django.conf import settings
from django.core.files.storage import FileSystemStorage


class Folder(FileSystemStorage):
    def names(self, folder: str = "") -> Iterator[str]:
        """A folder holds a month of a workspace at most: that much is in memory at once."""
        try:
            folders, names = self.listdir(folder)
        except FileNotFoundError:
            return
        for name in names:
            yield posixpath.join(folder, name)
        for name in sorted(folders):
            yield from self.names(posixpath.join(folder, name))

    def move(self, name: str, target: str) -> None:
        old, new = Path(self.path(name)), Path(self.path(target))
        new.parent.mkdir(parents=True, exist_ok=True)
        os.utime(old)
        old.replace(new)

    def link(self, name: str, **headers: str) -> None:
        return None

    def arriving(self) -> Path:
        """Beside the stored files, so that one becomes another by a change of its name."""
        return Path(settings.FILES) / "arriving"
