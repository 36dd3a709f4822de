"""Chosen images in one file, with what they are."""

import json
from collections.abc import Sequence
from typing import IO, Any

from imagegen.assets.archive import packed
from imagegen.assets.models import Asset
from imagegen.library.listing import Card, cards

MOST_IMAGES = 100
MOST_BYTES = 2_000_000_000


def zipped_choice(assets: Sequence[Asset]) -> IO[bytes]:
    """A temporary file, open at its beginning: the images and a manifest.json."""
    names = _names(assets)
    return packed(
        [(names[asset.pk], asset) for asset in assets],
        lambda missing: _manifest(cards(assets), names, missing),
    )


def _names(assets: Sequence[Asset]) -> dict[Any, str]:
    """Runs of several workflows give their images the same names: the second gets a number."""
    taken: set[str] = set()
    names = {}
    for asset in assets:
        stem, _, extension = asset.file_name.rpartition(".")
        name, number = asset.file_name, 1
        while name in taken:
            number += 1
            name = f"{stem} ({number}).{extension}"
        taken.add(name)
        names[asset.pk] = name
    return names


def _manifest(shown: Sequence[Card], names: dict[Any, str], missing: Sequence[str]) -> str:
    images = [_about(card, names[card.asset.pk]) for card in shown]
    manifest = {"images": images, "missing": list(missing)}
    return json.dumps(manifest, indent=2, ensure_ascii=False)


def _about(card: Card, name: str) -> dict[str, Any]:
    asset = card.asset
    return {
        "file_name": name,
        "id": str(asset.pk),
        "file_url": asset.file_url,
        "file_size": asset.file_size,
        "width": asset.width,
        "height": asset.height,
        "workflow": asset.step_run.run.workflow.name,
        "step": asset.step_run.identifier,
        "run": asset.step_run.run_number,
        "model": asset.part.model,
        "prompt": card.prompt,
        "cost": card.cost,
        "simulated": asset.simulated,
        "made_at": asset.created_at.isoformat(),
    }
