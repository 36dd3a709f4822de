"""The temporary addresses under which xAI hands out images by default."""

import threading
import time
import uuid

from imagegen.sandbox.messages import Answer, Request

FOLDER = "/xai-imgen/"
# Minutes by some reports, an hour by the pages on batches.
LIFETIME = 60.0
BARE_AGENTS = ("python-urllib", "python-requests", "python-httpx", "aiohttp")


class Links:
    def __init__(self) -> None:
        self._files: dict[str, tuple[float, bytes]] = {}
        self._lock = threading.Lock()

    def add(self, file: bytes, lifetime: float) -> str:
        """The path of its address, for so many seconds."""
        path = f"{FOLDER}xai-tmp-{uuid.uuid4()}.jpeg"
        with self._lock:
            now = time.monotonic()
            self._files = {path: kept for path, kept in self._files.items() if kept[0] > now}
            self._files[path] = (now + lifetime, file)
        return path

    def find(self, path: str) -> bytes | None:
        expires, file = self._files.get(path, (0.0, b""))
        return file if time.monotonic() < expires else None


LINKS = Links()


def fetched(request: Request, path: str) -> Answer:
    """The bodies of the refusals are assumed."""
    agent = request.headers.get("user-agent", "").lower()
    if not agent or any(bare in agent for bare in BARE_AGENTS):
        return Answer(403, (b"error code: 1010",), (("Content-Type", "text/plain"),))
    file = LINKS.find(path)
    if file is None:
        return Answer(404, (b"Not Found",), (("Content-Type", "text/plain"),))
    return Answer(200, (file,), (("Content-Type", "image/jpeg"),))
