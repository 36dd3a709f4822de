"""What faults do to good files, their encoding, their usage and the answer that holds them."""

import base64
import functools
import gzip
import io
import json
import struct
import zlib
from collections.abc import Callable, Mapping
from random import Random
from typing import Any

from PIL import Image

from imagegen.sandbox.markers import Arguments
from imagegen.sandbox.messages import Answer
from imagegen.sandbox.pictures import png_chunk

SVG = b'<svg xmlns="http://www.w3.org/2000/svg"><script>alert(1)</script><circle r="9"/></svg>'
HTML = b"<!doctype html><title>Not an image</title><script>alert(1)</script>"
REVISED = "A detailed studio photograph, rewritten by the provider, with soft light."
ERROR_PAGE = b"<html><head><title>Bad gateway</title></head><body>cloudflare</body></html>"


def drop(files: list[bytes], arguments: Arguments) -> list[bytes]:
    return files[: max(0, len(files) - int(arguments["drop"]))]


def add(files: list[bytes], arguments: Arguments) -> list[bytes]:
    return files + [_turned(files[0], turn) for turn in range(1, int(arguments["extra"]) + 1)]


def repeat_first(files: list[bytes], arguments: Arguments) -> list[bytes]:
    return files[:1] * len(files)


def no_files(files: list[bytes], arguments: Arguments) -> list[bytes]:
    return []


def cut_files(files: list[bytes], arguments: Arguments) -> list[bytes]:
    return [file[: len(file) // 2] for file in files]


def as_another_format(files: list[bytes], arguments: Arguments) -> list[bytes]:
    """JPEG in place of what was asked, and PNG in place of JPEG."""
    return [_as_another_format(file) for file in files]


def replaced_by(content: bytes) -> Callable[[list[bytes], Arguments], list[bytes]]:
    return lambda files, arguments: [content] * len(files)


def animated(image_format: str) -> Callable[[list[bytes], Arguments], list[bytes]]:
    return lambda files, arguments: [_animated(file, image_format) for file in files]


def bombs(files: list[bytes], arguments: Arguments) -> list[bytes]:
    return [bomb(int(arguments["side"]))] * len(files)


@functools.lru_cache(maxsize=4)
def bomb(side: int) -> bytes:
    """A small PNG that unpacks to side x side pixels, written without unpacking it here."""
    row = b"\0" * (1 + (side + 7) // 8)
    packer = zlib.compressobj(9)
    packed = b"".join([packer.compress(row) for _ in range(side)]) + packer.flush()
    header = struct.pack(">IIBBBBB", side, side, 1, 0, 0, 0, 0)
    chunks = (png_chunk(b"IHDR", header), png_chunk(b"IDAT", packed), png_chunk(b"IEND", b""))
    return b"\x89PNG\r\n\x1a\n" + b"".join(chunks)


def made_heavy(files: list[bytes], arguments: Arguments) -> list[bytes]:
    return [_heavy(file, round(float(arguments["megabytes"]) * 1e6)) for file in files]


@functools.lru_cache(maxsize=4)
def _heavy(file: bytes, size: int) -> bytes:
    """The picture as a PNG of about that size: noise in its upper rows cannot be compressed."""
    with Image.open(io.BytesIO(file)) as image:
        picture = image.convert("RGB")
    rows = min(picture.height, size // (3 * picture.width))
    noise = Random(size).randbytes(3 * picture.width * rows)
    picture.paste(Image.frombytes("RGB", (picture.width, rows), noise), (0, 0))
    packed = io.BytesIO()
    picture.save(packed, "PNG", compress_level=1)
    return packed.getvalue()


def base64_corrupt(file: bytes, arguments: Arguments) -> str:
    text = base64.b64encode(file).decode()
    return f"{text[: len(text) // 2]}!%!{text[len(text) // 2 :]}"


def base64_with_white_space(file: bytes, arguments: Arguments) -> str:
    return f" {base64.encodebytes(file).decode()}\t\r\n"


def base64_as_data_uri(file: bytes, arguments: Arguments) -> str:
    return f"data:image/png;base64,{base64.b64encode(file).decode()}"


def base64_without_padding(file: bytes, arguments: Arguments) -> str:
    # Readers of images ignore what follows the end; without it there may be no padding to miss.
    filler = b"\0" if len(file) % 3 == 0 else b""
    return base64.b64encode(file + filler).decode().rstrip("=")


def no_usage(usage: Any, arguments: Arguments) -> Any:
    return None


def every_count(value: Any) -> Callable[[Any, Arguments], Any]:
    return lambda usage, arguments: _with_counts(usage, lambda count: value)


def negative_counts(usage: Any, arguments: Arguments) -> Any:
    return _with_counts(usage, lambda count: -count)


def fields(changes: Mapping[str, Any]) -> Callable[[Answer, Arguments], Answer]:
    return lambda answer, arguments: answer.with_fields(changes)


def rewritten_prompt(answer: Answer, arguments: Arguments) -> Answer:
    """As older models did: the prompt of each image in the provider's own words."""
    if answer.chunked:
        return answer
    entries = json.loads(answer.body)["data"]
    return answer.with_fields({"data": [one | {"revised_prompt": REVISED} for one in entries]})


only_text = fields({"data": [{"revised_prompt": "I would rather describe it in words."}]})


def of_another_request(changes: Mapping[str, Any]) -> Callable[[Answer, Arguments], Answer]:
    def spoofed(answer: Answer, arguments: Arguments) -> Answer:
        return answer.with_header("x-request-id", "req_of_somebody_else").with_fields(changes)

    return spoofed


def cut_answer(answer: Answer, arguments: Arguments) -> Answer:
    return answer.with_body(answer.body[: len(answer.body) // 2])


def zipped(answer: Answer, arguments: Arguments) -> Answer:
    packed = gzip.compress(answer.body, compresslevel=1)
    return answer.with_body(packed).with_header("Content-Encoding", "gzip")


def wrong_content_type(answer: Answer, arguments: Arguments) -> Answer:
    return answer.with_header("Content-Type", str(arguments["type"]))


def duplicate_headers(answer: Answer, arguments: Arguments) -> Answer:
    for name, value in (("x-request-id", "req_second"), ("Content-Type", "text/plain")):
        answer = answer.also_with_header(name, value)
    return answer


def long_header(answer: Answer, arguments: Arguments) -> Answer:
    return answer.with_header("x-long", "x" * int(arguments["bytes"]))


def page(status: int) -> Callable[[Arguments], Answer]:
    return lambda arguments: Answer(status, (ERROR_PAGE,), (("Content-Type", "text/html"),))


def empty(status: int) -> Callable[[Arguments], Answer]:
    return lambda arguments: Answer(status)


def redirect(arguments: Arguments) -> Answer:
    return Answer(int(arguments["status"]), headers=(("Location", str(arguments["to"])),))


def _with_counts(usage: Any, change: Callable[[int], Any]) -> Any:
    """Names, such as those of Google's modalities, are no counts."""
    if isinstance(usage, dict):
        return {name: _with_counts(count, change) for name, count in usage.items()}
    if isinstance(usage, list):
        return [_with_counts(entry, change) for entry in usage]
    return usage if isinstance(usage, str) else change(usage)


def _turned(file: bytes, turn: int) -> bytes:
    image = Image.open(io.BytesIO(file))
    flips = (Image.Transpose.FLIP_LEFT_RIGHT, Image.Transpose.FLIP_TOP_BOTTOM)
    return _saved(image.transpose(flips[turn % 2]), image.format or "PNG")


def _as_another_format(file: bytes) -> bytes:
    image = Image.open(io.BytesIO(file))
    return _saved(image.convert("RGB"), "PNG" if image.format == "JPEG" else "JPEG")


def _animated(file: bytes, image_format: str) -> bytes:
    image = Image.open(io.BytesIO(file)).convert("RGB")
    second = image.transpose(Image.Transpose.FLIP_LEFT_RIGHT)
    return _saved(image, image_format, save_all=True, append_images=[second], duration=200)


def _saved(image: Image.Image, image_format: str, **options: Any) -> bytes:
    buffer = io.BytesIO()
    image.save(buffer, image_format, **options)
    return buffer.getvalue()
