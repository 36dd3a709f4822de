"""Child processes of `manage.py start`: how one is started, watched and ended."""

import ctypes
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

LOG_BYTES = 10_000_000
PR_SET_PDEATHSIG = 1
LONGEST_PAUSE = 30.0
SOUND_AFTER = 30.0
"""A child that ran this long was well: its next death counts as the first."""


@dataclass
class Child:
    name: str
    command: Sequence[str]
    environment: Mapping[str, str]
    log: Path
    ends_last: bool = False
    """Others talk to it while they end."""
    process: subprocess.Popen[bytes] | None = None
    started_at: float = 0
    starts_at: float = 0
    deaths: int = 0

    @property
    def is_running(self) -> bool:
        return self.process is not None and self.process.poll() is None

    @property
    def is_dead(self) -> bool:
        return self.process is not None and self.process.poll() is not None

    def start_when_due(self) -> None:
        if self.process is None and time.monotonic() >= self.starts_at:
            self.start()

    def start(self) -> None:
        with self.log.open("ab") as log:
            self.process = subprocess.Popen(
                self.command,
                env=dict(self.environment),
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=subprocess.STDOUT,
                start_new_session=True,
                preexec_fn=_ends_with_parent(),
            )
        self.started_at = time.monotonic()

    def ask_to_end(self) -> None:
        if self.process and self.is_running:
            self.process.terminate()

    def clear_away(self) -> None:
        """End it and everything it started: it leads a group of its own."""
        if self.process:
            with suppress(ProcessLookupError, PermissionError):
                os.killpg(self.process.pid, signal.SIGKILL)
            self.process.wait()
            self.process = None

    def bury(self) -> str:
        """Plan its next start, later after each early death, and tell what happened."""
        lived = time.monotonic() - self.started_at
        self.deaths = 1 if lived > SOUND_AFTER else self.deaths + 1
        pause = min(0.5 * 2 ** min(self.deaths - 1, 10), LONGEST_PAUSE)
        self.starts_at = time.monotonic() + pause
        cause = self._cause_of_death()
        self.clear_away()  # what it started may still hold its port
        return f"{self.name} {cause}; starting it again in {pause:g} s. Its log: {self.log}"

    def _cause_of_death(self) -> str:
        code = self.process.returncode if self.process else 0
        if code < 0:
            return f"was ended by {signal.Signals(-code).name}"
        words = f" (its last words: {self.last_words()})" if code and self.last_words() else ""
        return f"ended by itself with code {code}{words}"

    def last_words(self) -> str:
        """The last line of its log, for a message: a traceback ends with its reason."""
        try:
            with self.log.open("rb") as log:
                log.seek(max(0, log.seek(0, os.SEEK_END) - 4000))
                lines = log.read().decode(errors="replace").split("\n")
        except OSError:
            return ""
        return next((line.strip()[:200] for line in reversed(lines) if line.strip()), "")


def begin_log(path: Path) -> Path:
    """Where a child writes; a large log of earlier starts is set aside, and one is kept."""
    path.parent.mkdir(parents=True, exist_ok=True)
    if path.exists() and path.stat().st_size > LOG_BYTES:
        path.replace(path.with_name(path.name + ".1"))
    return path


def _ends_with_parent() -> Callable[[], None] | None:
    """Linux tells a child when its parent dies, even by kill -9; elsewhere nobody does."""
    if not sys.platform.startswith("linux"):
        return None
    prctl = ctypes.CDLL(None).prctl  # looked up before the fork, not after it
    parent = os.getpid()

    def ask() -> None:
        prctl(PR_SET_PDEATHSIG, signal.SIGTERM)
        if os.getppid() != parent:  # it died in between
            os._exit(1)

    return ask
