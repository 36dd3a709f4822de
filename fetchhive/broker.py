"""The queue of the embedded default: one small file per message, no server.

Kombu's own filesystem transport lets a reader see a file while it is being written, and ends the
worker over a file it cannot read (kombu 5.7.0, issue 1551). Here a file appears whole or not at
all, and one that cannot be read is thrown away: a message is only a wake-up.
"""

import fcntl
import logging
import os
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from queue import Empty
from typing import Any
from uuid import uuid4

from kombu import Connection
from kombu.exceptions import ChannelError, OperationalError
from kombu.transport import filesystem
from kombu.utils.json import dumps, loads

from fetchhive.refusal import Refusal

logger = logging.getLogger(__name__)

Table = list[filesystem.exchange_queue_t]


class Channel(filesystem.Channel):
    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for folder in (self.messages, self.processed, self.control_folder):
            folder.mkdir(parents=True, exist_ok=True)

    @property
    def messages(self) -> Path:
        return Path(self.data_folder_in)

    @property
    def processed(self) -> Path:
        return Path(self.processed_folder)

    def _bindings(self, exchange: str) -> Path:
        path: Path = self._exchange_file(exchange)  # type: ignore[attr-defined]  # not in the stubs
        return path

    def _put(  # type: ignore[override]  # the stubs disagree
        self, queue: str, payload: dict[str, Any], **_: Any
    ) -> None:
        # Wall-clock time, because the order of the names has to survive a restart of the machine.
        name = f"{time.time_ns():020d}_{uuid4()}.{queue}.msg"
        try:
            _write_whole(self.messages / name, dumps(payload))
        except OSError as error:
            raise ChannelError(f"Cannot put a message into {self.messages}") from error

    def _get(self, queue: str, timeout: float | None = None) -> dict[str, Any]:
        for name in sorted(os.listdir(self.messages)):
            if name.partition(".")[2] == f"{queue}.msg":
                payload = self._take(name)
                if payload is not None:
                    return payload
        raise Empty

    def _take(self, name: str) -> dict[str, Any] | None:
        """The message, or None when another reader was faster or nobody can read it."""
        mine = self.processed / name
        try:
            os.rename(self.messages / name, mine)
            text = mine.read_bytes()
        except OSError:
            return None
        mine.unlink(missing_ok=True)
        try:
            payload: dict[str, Any] = loads(text)
            self.Message(payload, channel=self)
        except (ValueError, KeyError, TypeError, AttributeError):
            logger.warning("Threw away a message that cannot be read: %s", name)
            return None
        return payload

    def get_table(self, exchange: str) -> Table:  # type: ignore[override]  # the stubs disagree
        try:
            rows = loads(self._bindings(exchange).read_bytes())
            return [filesystem.exchange_queue_t(*row) for row in rows]
        except FileNotFoundError:
            return []
        except (ValueError, TypeError):
            logger.warning("The bindings of %r cannot be read and are made anew", exchange)
            return []

    def _queue_bind(self, exchange: str, routing_key: str, pattern: str | None, queue: str) -> None:
        row = filesystem.exchange_queue_t(routing_key or "", pattern or "", queue or "")
        self._change_table(exchange, lambda table: [row, *(old for old in table if old != row)])

    def _delete(
        self, queue: str, exchange: str, routing_key: str, pattern: str, *_: Any, **__: Any
    ) -> None:
        self._purge(queue)
        row = filesystem.exchange_queue_t(routing_key or "", pattern or "", queue or "")
        self._change_table(exchange, lambda table: [old for old in table if old != row])

    def _change_table(self, exchange: str, change: Callable[[Table], Table]) -> None:
        with _locked(self.control_folder / ".lock"):
            table = self.get_table(exchange)
            changed = change(table)
            if changed != table:
                _write_whole(self._bindings(exchange), dumps(changed))


class Transport(filesystem.Transport):
    Channel = Channel


def clear_leftovers(options: dict[str, Any], queue: str) -> None:
    """Empty the queue's folders of everything an earlier start left, except work for `queue`.

    Only for a moment when no worker runs: commands meant for an earlier worker, half-written and
    half-read files and old bindings all go.
    """
    messages = Path(options["data_folder_in"])
    folders = [messages, Path(options["control_folder"]), Path(options["processed_folder"])]
    for folder in folders:
        folder.mkdir(parents=True, exist_ok=True)
        for file in folder.iterdir():
            if folder != messages or file.name.partition(".")[2] != f"{queue}.msg":
                file.unlink(missing_ok=True)


def reach(connection: Connection, seconds: int = 3) -> None:
    """For a broker of somebody else: is it there?"""
    try:
        with connection:
            connection.ensure_connection(max_retries=1, interval_start=0, timeout=seconds)
    except (OperationalError, OSError) as error:
        raise Refusal(
            f"The broker at {connection.as_uri()} does not answer; "
            "start it, or unset CELERY_BROKER_URL to use the built-in one"
        ) from error


def _write_whole(path: Path, text: str) -> None:
    unfinished = path.with_name(f".{uuid4()}.tmp")
    try:
        unfinished.write_text(text)
        os.replace(unfinished, path)
    except OSError:
        with suppress(OSError):
            unfinished.unlink()
        raise


@contextmanager
def _locked(path: Path) -> Iterator[None]:
    with path.open("w") as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        yield
