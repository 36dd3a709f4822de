"""Whether stored files are still what their rows say. Nothing is mended here: it is told."""

import hashlib
from collections.abc import Iterator
from uuid import UUID

from imagegen.assets.files import stored_files
from imagegen.assets.models import Asset, AssetQuerySet

BATCH = 500
QUARANTINE = "quarantine"


def damaged() -> Iterator[str]:
    """A sentence for each asset, live or in the trash, whose file is not what it should be."""
    for assets in batches(Asset.objects.filter(purged_at=None)):
        yield from filter(None, (wrong_with(asset) or _changed(asset) for asset in assets))


def batches(assets: AssetQuerySet) -> Iterator[list[Asset]]:
    """By key, so that rows may come and go between two of them."""
    few = assets.order_by("pk").only("pk", "key", "file_size", "sha256")
    last = UUID(int=0)
    while batch := list(few.filter(pk__gt=last)[:BATCH]):
        yield batch
        last = batch[-1].pk


def wrong_with(asset: Asset) -> str:
    """Found without reading the file; empty when nothing is."""
    try:
        size = stored_files.size(asset.key)
    except FileNotFoundError:
        lies = f"; it lies in {QUARANTINE}/" if stored_files.exists(quarantined(asset.key)) else ""
        return f"asset {asset.pk}: its file {asset.key} is missing{lies}"
    if size != asset.file_size:
        return f"asset {asset.pk}: its file {asset.key} has {size} bytes, not {asset.file_size}"
    return ""


def quarantined(name: str) -> str:
    return f"{QUARANTINE}/{name}"


def _changed(asset: Asset) -> str:
    with stored_files.open(asset.key, "rb") as file:
        digest = hashlib.file_digest(file, "sha256").hexdigest()
    if digest == asset.sha256:
        return ""
    return f"asset {asset.pk}: its file {asset.key} is not the one that was stored: other SHA-256"
