"""All images of a run in one file."""

import json
import logging
from tempfile import TemporaryFile
from typing import IO
from zipfile import ZIP_STORED, ZipFile

from django.core.files.storage import default_storage

from imagegen.assets.models import Asset
from workflows.models import StepRun

logger = logging.getLogger(__name__)

PIECE = 1 << 20


def zipped(step_run: StepRun) -> IO[bytes]:
    """A temporary file, open at its beginning: the images and a manifest.json. Images are not
    compressed a second time; one whose file is lost is left out and named in the manifest."""
    archive = TemporaryFile()  # noqa: SIM115  whoever sends it closes it
    missing: list[str] = []
    with ZipFile(archive, "w", ZIP_STORED) as files:
        for asset in step_run.assets.live():
            try:
                _add(files, asset)
            except FileNotFoundError:
                logger.error("the file of asset %s is missing", asset.pk)
                missing.append(asset.file_name)
        files.writestr("manifest.json", _manifest(step_run, missing))
    archive.seek(0)
    return archive


def _add(files: ZipFile, asset: Asset) -> None:
    with default_storage.open(asset.key, "rb") as stored, files.open(asset.file_name, "w") as file:
        while piece := stored.read(PIECE):
            file.write(piece)


def _manifest(step_run: StepRun, missing: list[str]) -> str:
    """What the images are: the prompt that was sent, and the output object with its settings."""
    manifest = {
        "workflow": step_run.run.workflow.name,
        "step": step_run.identifier,
        "run": step_run.run.number,
        "made_at": step_run.finished_at.isoformat() if step_run.finished_at else None,
        **step_run.step_kind.texts(step_run.filled or step_run.settings),
        "output": step_run.output_for_later_steps,
        "missing": missing,
    }
    return json.dumps(manifest, indent=2, ensure_ascii=False)
