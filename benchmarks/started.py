"""The program itself, started as people start it, on the data that was filled."""

import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from time import monotonic, sleep

REPOSITORY = Path(__file__).resolve().parent.parent
PATIENCE = 60


@contextmanager
def started(folder: Path, latency: float) -> Iterator[None]:
    command = [sys.executable, "manage.py", "start", "--sandbox-latency", f"{latency}"]
    log = folder / "start.log"
    with log.open("w") as said:
        process = subprocess.Popen(command, cwd=REPOSITORY, env=os.environ, stdout=said)
    try:
        _wait_for(process, log, "Ctrl-C stops everything")
        yield
    finally:
        process.send_signal(signal.SIGINT)
        process.wait(PATIENCE)


def sign_in_address() -> str:
    said = subprocess.check_output(
        [sys.executable, "manage.py", "sign_in"], cwd=REPOSITORY, env=os.environ, text=True
    )
    return next(word for word in said.split() if "/sign-in/" in word)


def _wait_for(process: subprocess.Popen[bytes], log: Path, words: str) -> None:
    deadline = monotonic() + PATIENCE
    while words not in log.read_text():
        if process.poll() is not None or monotonic() > deadline:
            raise RuntimeError(f"Fetch Hive did not start:\n{log.read_text()}")
        sleep(0.1)
