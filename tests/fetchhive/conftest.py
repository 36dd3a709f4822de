import contextlib
import os
import signal
from pathlib import Path

import pytest

from tests.waiting import wait_until

REPOSITORY = Path(__file__).resolve().parents[2]


@pytest.fixture
def eventually():
    """Waits until the question is answered with something true, and returns that."""

    return wait_until


@pytest.fixture
def environment(tmp_path):
    return environment_in(tmp_path)


def environment_in(folder):
    """For processes of ours: its own data folder, no key, no service of this machine."""
    kept = {name: os.environ[name] for name in ("PATH", "HOME", "LANG") if name in os.environ}
    return {
        **kept,
        "PYTHONPATH": f"{folder}:{REPOSITORY}",
        "PYTHONUNBUFFERED": "1",
        "FETCHHIVE_DATA": str(folder / "data"),
    }


@pytest.fixture
def processes():
    """What a test appends here is gone after it, together with everything it started."""
    with gone_afterwards() as started:
        yield started


@contextlib.contextmanager
def gone_afterwards():
    started = []
    try:
        yield started
    finally:
        for process in started:
            end(process)


def end(process):
    if process.poll() is None:
        os.kill(process.pid, signal.SIGKILL)
    process.wait()
    for stream in (process.stdout, process.stderr):
        if stream:
            stream.close()


@pytest.fixture
def is_alive():
    """Whether a process runs; one that waits to be reaped does not."""

    def alive(number):
        try:
            stat = Path(f"/proc/{number}/stat").read_text()
        except FileNotFoundError:
            return False
        return stat.rpartition(")")[2].split()[0] != "Z"

    return alive
