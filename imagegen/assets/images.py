"""What a file really is, read from its bytes and from nothing anybody declared."""

import io
import os
from dataclasses import dataclass
from pathlib import Path
from typing import IO

from django.conf import settings
from PIL import Image, ImageOps

from imagegen.errors import Fault

TYPES = {
    "PNG": ("image/png", "png"),
    "JPEG": ("image/jpeg", "jpeg"),
    "WEBP": ("image/webp", "webp"),
}
THUMBNAIL_EDGE = 640  # twice the width of a column of the gallery
MAGIC = (b"\x89PNG\r\n\x1a\n", b"\xff\xd8\xff")


class Unusable(Exception):
    """The bytes are no image that may be stored."""

    def __init__(self, fault: Fault) -> None:
        super().__init__(fault.name)
        self.fault = fault


@dataclass(frozen=True)
class ImageFacts:
    file_type: str
    extension: str
    width: int
    height: int
    is_animated: bool


def facts(path: Path) -> ImageFacts:
    """Type and size of a whole, undamaged image. Raises Unusable."""
    if not _looks_like_an_image(path):
        raise Unusable(Fault.IMAGE_TYPE_REFUSED)
    try:
        with Image.open(path, formats=list(TYPES)) as image:
            if image.width * image.height > settings.IMAGE_PIXELS:
                raise Unusable(Fault.IMAGE_TOO_LARGE)
            image.load()
            file_type, extension = TYPES[image.format or ""]
            is_animated = getattr(image, "n_frames", 1) > 1
            return ImageFacts(file_type, extension, image.width, image.height, is_animated)
    except (Image.DecompressionBombError, Image.DecompressionBombWarning) as error:
        raise Unusable(Fault.IMAGE_TOO_LARGE) from error
    except (OSError, SyntaxError, ValueError, EOFError) as error:
        raise Unusable(Fault.IMAGE_DAMAGED) from error


def convert(path: Path, extension: str) -> None:
    """In place, of an image that is whole, to PNG or WebP without loss: its first frame, upright.
    Colours keep their profile, but for those of printers (CMYK); no other metadata is kept."""
    converted = path.with_suffix(f".{extension}")
    options = {"lossless": True} if extension == "webp" else {}
    try:
        with Image.open(path, formats=list(TYPES)) as image, converted.open("xb") as file:
            _as_on_screen(image).save(file, extension.upper(), **options)
            file.flush()
            os.fsync(file.fileno())
        converted.replace(path)
    finally:
        converted.unlink(missing_ok=True)


def thumbnail(file: IO[bytes]) -> bytes:
    """WebP of an image that is whole, for galleries: at most THUMBNAIL_EDGE pixels a side."""
    with Image.open(file, formats=list(TYPES)) as image:
        image.thumbnail((THUMBNAIL_EDGE, THUMBNAIL_EDGE), reducing_gap=2.0)
        small = _as_on_screen(image)
        if small.mode not in ("RGB", "RGBA"):
            small = small.convert("RGBA" if small.has_transparency_data else "RGB")
        buffer = io.BytesIO()
        small.save(buffer, "WEBP", quality=80, method=2)
    return buffer.getvalue()


def _as_on_screen(image: Image.Image) -> Image.Image:
    ImageOps.exif_transpose(image, in_place=True)
    if image.mode != "CMYK":
        return image
    on_screen = image.convert("RGB")
    on_screen.info.pop("icc_profile", None)
    return on_screen


def _looks_like_an_image(path: Path) -> bool:
    with path.open("rb") as file:
        start = file.read(12)
    return start.startswith(MAGIC) or (start[:4] == b"RIFF" and start[8:12] == b"WEBP")
