"""A line per request that was read to the end, safe on disk before it is answered."""

import json
import os
import threading
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from imagegen.sandbox.messages import Request

LOGGED_HEADERS = (
    "accept",
    "accept-encoding",
    "content-length",
    "content-type",
    "idempotency-key",
    "openai-organization",
    "openai-project",
    "user-agent",
    "x-client-request-id",
    "x-sandbox-fault",
    "x-sandbox-latency",
)


class Log:
    def __init__(self, path: Path) -> None:
        self.path = path
        self._file = path.open("ab", buffering=0)
        self._lock = threading.Lock()

    def append(self, entry: Mapping[str, Any]) -> None:
        line = json.dumps(entry).encode() + b"\n"
        with self._lock:
            self._file.write(line)
        # Outside the lock, so that the disk may settle many lines at once.
        os.fsync(self._file.fileno())

    def entries(self) -> list[dict[str, Any]]:
        return [json.loads(line) for line in self.path.read_bytes().splitlines()]

    def close(self) -> None:
        self._file.close()


def logged_headers(request: Request) -> dict[str, str]:
    return {name: request.headers[name] for name in LOGGED_HEADERS if name in request.headers}


def key_ending(key: str) -> str:
    """The last four characters; nothing of a key so short that they would be most of it."""
    return key[-4:] if len(key) >= 12 else ""
