"""Answers on disk: written as they arrive, before anybody parses them.

A spool file is one line of JSON with status and headers, then the raw body. It is called
`<attempt>.part` while it grows and `<attempt>.spool` when it is complete and safe on the disk.
"""

import base64
import binascii
import errno
import hashlib
import json
import mmap
import os
import re
import secrets
from collections.abc import Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType
from typing import Any

from imagegen.attempts import ballast
from imagegen.attempts.veil import Veil, without
from imagegen.providers.contract import Blob

FULL = (errno.ENOSPC, errno.EDQUOT)
KEPT_HEADERS = frozenset(
    (
        *("content-type", "content-length", "date", "location"),
        *("retry-after", "retry-after-ms", "x-should-retry"),
        *("openai-processing-ms", "openai-version"),
    )
)
LONG_STRING = re.compile(rb'"([A-Za-z0-9+/=\\]{1024})')  # base64 begins, maybe with \n and \/
FRAME_LIMIT = 8_000_000  # bytes of an answer besides its images
PIECE = 4 << 20
META_LIMIT = 1 << 20
BACKSLASH = ord("\\")


class SpoolWriter:
    """Opened before a request, so that a full or read-only disk is noticed while it is free."""

    def __init__(self, folder: Path, name: str, secret: str = "") -> None:
        """`secret` is the key of the request: a vendor may echo it, no disk of ours keeps it."""
        folder.mkdir(parents=True, exist_ok=True)
        self._growing = folder / f"{name}.part"
        self._complete = folder / f"{name}.spool"
        descriptor = os.open(self._growing, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        self._file = os.fdopen(descriptor, "wb", buffering=0)
        self._secret = secret
        self._veil = Veil(secret, also_pieces=True)
        self._sha256 = hashlib.sha256()
        self.size = 0
        self.request_id = ""

    def __enter__(self) -> "SpoolWriter":
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        with suppress(OSError):  # of a disk that is full; what was sent is unknown then, anyway
            self._write_rest()
        self._file.close()

    def begin(self, status: int, headers: Mapping[str, str]) -> None:
        lower = {name.lower(): without(value, self._secret) for name, value in headers.items()}
        ids = {name: value for name, value in lower.items() if name.endswith("request-id")}
        self.request_id = next(iter(ids.values()), "")[:200]
        kept = {name: value for name, value in lower.items() if name in KEPT_HEADERS} | ids
        meta = {"status": status, "headers": kept}
        self._veil = Veil(self._secret, also_pieces=not 200 <= status < 300)
        self._write(json.dumps(meta).encode() + b"\n")

    def _write(self, chunk: bytes) -> None:
        """All of it: a disk that is nearly full takes a part and reports no error."""
        left = memoryview(chunk)
        while left:
            try:
                left = left[self._file.write(left) :]
            except OSError as error:
                if error.errno not in FULL or not ballast.free(self._growing.parent):
                    raise

    def write(self, chunk: bytes) -> None:
        self._write_body(self._veil.over(chunk))

    def _write_rest(self) -> None:
        self._write_body(self._veil.rest())

    def _write_body(self, shown: bytes) -> None:
        self._write(shown)
        self._sha256.update(shown)
        self.size += len(shown)

    def is_whole(self) -> bool:
        """Whether what has arrived is one whole answer."""
        self._write_rest()
        spool = _opened(self._growing)
        return spool is not None and _is_whole(spool)

    def complete(self) -> str:
        """Make it safe and give it its final name; returns the SHA-256 of the body."""
        self._write_rest()
        os.fsync(self._file.fileno())
        os.replace(self._growing, self._complete)
        sync_folder(self._complete.parent)
        return self._sha256.hexdigest()


def sync_folder(folder: Path) -> None:
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


@dataclass(frozen=True)
class Spool:
    """A complete answer. Satisfies `imagegen.providers.contract.Body`."""

    path: Path
    status: int
    headers: Mapping[str, str]
    offset: int
    size: int

    def start(self, size: int) -> bytes:
        with self.path.open("rb") as file:
            file.seek(self.offset)
            return file.read(size)

    def json(self) -> Any:
        """Long base64 strings stay on the disk: the document holds their Blob instead."""
        if self.size == 0:
            raise ValueError("the body is empty")
        with self.path.open("rb") as file, _mapped(file.fileno()) as body:
            mark = secrets.token_hex(16)  # nobody who wrote the body can know it
            lean = _lean(body, self.offset, mark)
        try:
            return _with_blobs(json.loads(lean), mark)
        except RecursionError as error:
            raise ValueError("the document is nested too deeply") from error

    def decoded(self, data: Blob | str) -> Iterator[bytes]:
        """The bytes of one base64 string, in pieces. Raises ValueError when it is none."""
        if isinstance(data, str):
            yield decode_tolerantly(data)
            return
        held = b""
        for piece in self._pieces(data):
            held += piece
            usable = len(held) - len(held) % 4
            yield _decode(held[:usable])
            held = held[usable:]
        yield _decode(held + b"=" * (-len(held) % 4))

    def _pieces(self, blob: Blob) -> Iterator[bytes]:
        """The characters of a string without JSON's escapes."""
        held = b""
        with self.path.open("rb") as file:
            file.seek(blob.start)
            left = blob.end - blob.start
            while left:
                piece = file.read(min(PIECE, left))
                if not piece:
                    raise ValueError("the spool is cut off")
                left -= len(piece)
                held += piece
                if not held.endswith(b"\\"):  # else an escape is cut in two
                    yield _unescaped(held)
                    held = b""
        yield held


def _lean(body: mmap.mmap, offset: int, mark: str) -> bytes:
    """The body with marks in the place of its long strings. Raises ValueError when what remains
    is too much to be the frame of some images."""
    lean = bytearray()
    done = offset
    for start, end in _long_strings(body, offset):
        lean += body[done:start]
        lean += f"{mark}:{start}:{end}".encode()
        done = end
        if len(lean) > FRAME_LIMIT:
            break
    if len(lean) + len(body) - done > FRAME_LIMIT:
        raise ValueError("there is too much besides images")
    return bytes(lean + body[done:])


def _long_strings(body: mmap.mmap, offset: int) -> Iterator[tuple[int, int]]:
    """Where those stand that begin like base64. Whether they are says the decoding."""
    while match := LONG_STRING.search(body, offset):
        offset = body.find(b'"', match.end())
        if offset < 0:
            return
        if body[offset - 1] != BACKSLASH:  # else it is a text with a quotation in it
            yield match.start(1), offset


def _unescaped(text: bytes) -> bytes:
    if b"\\" in text:
        for escape, meant in ((rb"\n", b""), (rb"\r", b""), (rb"\/", b"/")):
            text = text.replace(escape, meant)
    return text.replace(b" ", b"") if b" " in text else text


def _mapped(descriptor: int) -> mmap.mmap:
    return mmap.mmap(descriptor, 0, access=mmap.ACCESS_READ)


def _with_blobs(value: Any, mark: str) -> Any:
    if isinstance(value, dict):
        return {key: _with_blobs(each, mark) for key, each in value.items()}
    if isinstance(value, list):
        return [_with_blobs(each, mark) for each in value]
    if isinstance(value, str) and value.startswith(mark):
        start, end = value.split(":")[1:]
        return Blob(int(start), int(end))
    return value


def decode_tolerantly(text: str) -> bytes:
    """Short or unusual base64: a data-URI prefix, white space or missing padding are forgiven."""
    compact = "".join(text.partition(";base64,")[2].split() or text.split())
    return _decode((compact + "=" * (-len(compact) % 4)).encode("ascii", "replace"))


def _decode(data: bytes) -> bytes:
    try:
        return base64.b64decode(data, validate=True)
    except binascii.Error as error:
        raise ValueError(f"not base64: {error}") from error


def is_complete(folder: Path, name: str) -> bool:
    """Whether the answer has its final name, by a look at the folder only."""
    return (folder / f"{name}.spool").exists()


def read(folder: Path, name: str) -> Spool | None:
    """The complete answer of this name; None when there is none on this disk.

    A file that was still growing when its writer died counts as complete when every byte that
    Content-Length promised is there, or when the JSON document closes.
    """
    complete = folder / f"{name}.spool"
    growing = folder / f"{name}.part"
    for path, is_complete in ((complete, _always), (growing, _is_whole)):
        spool = _opened(path)
        if spool and is_complete(spool):
            return spool
    return None


def _opened(path: Path) -> Spool | None:
    try:
        with path.open("rb") as file:
            line = file.readline(META_LIMIT)
            size = os.fstat(file.fileno()).st_size
        meta = json.loads(line)
    except (OSError, ValueError):
        return None
    return Spool(path, meta["status"], meta["headers"], len(line), size - len(line))


def _always(spool: Spool) -> bool:
    return True


def _is_whole(spool: Spool) -> bool:
    """Whether every byte that was promised is there."""
    promised = spool.headers.get("content-length", "")
    if promised.isascii() and promised.isdecimal():
        return spool.size == int(promised)
    try:
        spool.json()
    except ValueError:
        return False
    return True
