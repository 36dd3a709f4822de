"""Small pictures of stored images, made when one is first asked for: of a burst of images few are
looked at while it lasts."""

import io
import logging
import os
import threading
from contextlib import suppress
from typing import IO

from django.core.files.base import ContentFile

from imagegen.assets.files import stored_files
from imagegen.assets.images import thumbnail
from imagegen.assets.models import Asset

logger = logging.getLogger(__name__)

_places = threading.BoundedSemaphore(os.cpu_count() or 1)  # each unpacks a whole image


class NoThumbnail(FileNotFoundError):
    """Its image is lost, or is one of which none can be made."""


def opened(asset: Asset) -> IO[bytes]:
    """Raises NoThumbnail, or another OSError when the storage cannot be reached."""
    if not asset.thumbnail_key:
        return io.BytesIO(_made(asset))
    try:
        return stored_files.open(asset.thumbnail_key)
    except FileNotFoundError as lost:
        raise NoThumbnail(asset.thumbnail_key) from lost


def _made(asset: Asset) -> bytes:
    with _places:
        small = _drawn(asset, _whole(asset))
    _keep(asset, small)
    return small


def _whole(asset: Asset) -> bytes:
    """In memory, so that a storage that breaks off is not taken for an image that is damaged."""
    try:
        with stored_files.open(asset.key) as file:
            return bytes(file.read())
    except FileNotFoundError as lost:
        raise NoThumbnail(asset.key) from lost


def _drawn(asset: Asset, image: bytes) -> bytes:
    try:
        return thumbnail(io.BytesIO(image))
    except (OSError, ValueError, SyntaxError) as error:
        logger.exception("no thumbnail of asset %s", asset.pk)
        raise NoThumbnail(asset.key) from error


def _keep(asset: Asset, small: bytes) -> None:
    """Shown now in any case; what cannot be kept is made again the next time."""
    try:
        key = stored_files.save(f"{asset.key}.thumbnail.webp", ContentFile(small))
    except OSError:
        logger.exception("the thumbnail of asset %s could not be stored", asset.pk)
        return
    without = Asset.objects.with_files().filter(pk=asset.pk, thumbnail_key="")
    if not without.update(thumbnail_key=key):  # somebody else was faster
        with suppress(OSError):  # the search for orphans finds it
            stored_files.delete(key)
