"""Images in one file."""

import json
import logging
from collections.abc import Callable, Sequence
from contextlib import ExitStack
from tempfile import TemporaryFile
from typing import IO
from zipfile import ZIP_STORED, ZipFile

from django.http import FileResponse, HttpResponse, HttpResponseBase

from imagegen.assets.files import stored_files
from imagegen.assets.models import Asset
from workflows.models import StepRun

logger = logging.getLogger(__name__)

PIECE = 1 << 20
UNREACHABLE = "The storage of images does not answer. Nothing is lost; try again in a minute."


def download(make: Callable[[], IO[bytes]], name: str) -> HttpResponseBase:
    """The archive that is made, to be saved under this name."""
    try:
        response = FileResponse(make(), as_attachment=True, filename=name)
    except OSError as error:
        logger.error("%s could not be packed: %s", name, error)
        return HttpResponse(UNREACHABLE, status=503, content_type="text/plain")
    response["Content-Type"] = "application/zip"
    return response


def zipped(step_run: StepRun) -> IO[bytes]:
    """A temporary file, open at its beginning: the images of a run and a manifest.json."""
    images = [(asset.file_name, asset) for asset in step_run.assets.live()]
    return packed(images, lambda missing: _manifest(step_run, missing))


def packed(
    images: Sequence[tuple[str, Asset]], manifest: Callable[[Sequence[str]], str]
) -> IO[bytes]:
    """The images under these names, not compressed a second time, and what the manifest says; one
    whose file is lost is left out and named in it. Whoever sends it closes it."""
    with ExitStack() as unfinished:
        archive = unfinished.enter_context(TemporaryFile())
        _pack(archive, images, manifest)
        archive.seek(0)
        unfinished.pop_all()
    return archive


def _pack(
    archive: IO[bytes],
    images: Sequence[tuple[str, Asset]],
    manifest: Callable[[Sequence[str]], str],
) -> None:
    missing: list[str] = []
    with ZipFile(archive, "w", ZIP_STORED) as files:
        for name, asset in images:
            try:
                _add(files, name, asset)
            except FileNotFoundError:
                logger.error("integrity: the file %s of asset %s is missing", asset.key, asset.pk)
                missing.append(name)
        files.writestr("manifest.json", manifest(missing))


def _add(files: ZipFile, name: str, asset: Asset) -> None:
    with stored_files.open(asset.key, "rb") as stored, files.open(name, "w") as file:
        while piece := stored.read(PIECE):
            file.write(piece)


def _manifest(step_run: StepRun, missing: Sequence[str]) -> str:
    """What the images are: the prompt that was sent, and the output object with its settings."""
    manifest = {
        "workflow": step_run.run.workflow.name,
        "step": step_run.identifier,
        "run": step_run.run.number,
        "made_at": step_run.finished_at.isoformat() if step_run.finished_at else None,
        **step_run.step_kind.texts(step_run.filled or step_run.settings),
        "output": step_run.output_for_later_steps,
        "missing": list(missing),
    }
    return json.dumps(manifest, indent=2, ensure_ascii=False)
