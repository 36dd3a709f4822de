"""Storing one image: file first, under our own key, then the row."""

import hashlib
import logging
import os
import secrets
from collections.abc import Iterable
from contextlib import suppress
from pathlib import Path
from tempfile import NamedTemporaryFile
from typing import Any
from uuid import uuid4

from django.conf import settings
from django.core.files.base import File
from django.db import IntegrityError, transaction
from django.utils.text import slugify
from django.utils.timezone import now

from imagegen.assets.files import stored_files
from imagegen.assets.images import ImageFacts, Unusable, convert, facts
from imagegen.assets.models import Asset
from imagegen.attempts.models import LeaseLost, Part
from imagegen.errors import Fault

__all__ = ["NotStored", "Unusable", "keep"]

logger = logging.getLogger(__name__)

WAS_ANIMATED = "was animated: its first frame was kept."


class NotStored(OSError):
    """The image is sound and could not be stored: the disk is full, or the bucket does not answer.
    The answer stays in the spool, so that it can be tried again."""


class _Arrived(File):  # type: ignore[type-arg]  # generic in the stubs only
    """A finished file that the storage may move instead of copying it."""

    def temporary_file_path(self) -> str:
        return str(self.name)


def keep(part: Part, slot: int, pieces: Iterable[bytes], stored_as: str = "") -> Asset:
    """The asset of this slot, stored now or by an earlier try; converted when another format is
    asked for or it is animated, else byte by byte as it came. Raises Unusable and NotStored."""
    if existing := Asset.objects.filter(step_run_id=part.step_run_id, slot=slot).first():
        return existing
    try:
        return _keep(part, slot, pieces, stored_as)
    except OSError as error:
        raise NotStored(f"image {slot + 1} of part {part.pk}: {error}") from error


def _keep(part: Part, slot: int, pieces: Iterable[bytes], stored_as: str) -> Asset:
    path = _write(pieces)
    try:
        arrived = kept = facts(path)
        wanted = stored_as or arrived.extension
        if arrived.is_animated or arrived.extension != wanted:
            convert(path, wanted)
            kept = facts(path)
        note = f"Image {slot + 1} {WAS_ANIMATED}" if arrived.is_animated else ""
        return _commit(part, slot, path, kept, note)
    finally:
        path.unlink(missing_ok=True)


def _write(pieces: Iterable[bytes]) -> Path:
    """Decode to a file of this machine, safe on the disk. Raises Unusable."""
    folder = stored_files.arriving()
    folder.mkdir(parents=True, exist_ok=True)
    with NamedTemporaryFile(dir=folder, prefix=f"{uuid4()}.", delete=False) as file:
        path = Path(file.name)
        try:
            for piece in pieces:
                file.write(piece)
                if file.tell() > settings.IMAGE_BYTES:
                    raise Unusable(Fault.IMAGE_TOO_LARGE)
            file.flush()
            os.fsync(file.fileno())
        except BaseException as error:
            path.unlink()
            if isinstance(error, ValueError):
                raise Unusable(Fault.IMAGE_DAMAGED) from error
            raise
    return path


def _commit(part: Part, slot: int, path: Path, found: ImageFacts, note: str) -> Asset:
    size = path.stat().st_size
    key = f"{part.workspace_id}/{now():%Y/%m}/{secrets.token_hex(16)}.{found.extension}"
    with path.open("rb") as file:
        sha256 = hashlib.file_digest(file, "sha256").hexdigest()
        file.seek(0)
        key = stored_files.save(key, _Arrived(file, name=str(path)))
    row: dict[str, Any] = {
        "workspace_id": part.workspace_id,
        "part": part,
        "token": secrets.token_hex(16),
        "key": key,
        "file_name": _file_name(part, slot, found.extension),
        "file_size": size,
        "file_type": found.file_type,
        "width": found.width,
        "height": found.height,
        "sha256": sha256,
        "simulated": part.simulated,
        "note": note,
    }
    row["search_text"] = _search_text(part, row["file_name"])
    try:
        with transaction.atomic():
            part.progress()
            asset = Asset.objects.create(step_run_id=part.step_run_id, slot=slot, **row)
    except LeaseLost:
        _delete(key)
        raise
    except IntegrityError:  # another worker filled the slot meanwhile
        _delete(key)
        return Asset.objects.get(step_run_id=part.step_run_id, slot=slot)
    if part.slots > 1:  # else its step run ends with it
        part.step_run.run.touch()
    return asset


def _delete(key: str) -> None:
    """What cannot go is found by the search for orphans."""
    with suppress(OSError):
        stored_files.delete(key)


def _search_text(part: Part, file_name: str) -> str:
    step_run = part.step_run
    texts = step_run.step_kind.texts(step_run.filled or step_run.settings)
    return "\n".join([file_name, *texts.values()]).casefold()


def _file_name(part: Part, slot: int, extension: str) -> str:
    step_run = part.step_run
    name = slugify(step_run.name)[:60].strip("-") or "image"
    return f"{name}-r{step_run.run.number}-{slot + 1}.{extension}"
