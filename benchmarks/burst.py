"""Two hundred runs at once, and single ones, beside the bare floor; on SQLite with the built-in
queue, and on PostgreSQL with Redis when TEST_DATABASE_URL and TEST_BROKER_URL are set."""

import json
import os
import socket
import subprocess
import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from statistics import quantiles
from tempfile import TemporaryDirectory
from typing import Any
from urllib.parse import urlsplit

import httpx

from benchmarks.__main__ import own_database
from benchmarks.figures import FLOOR, Figure
from benchmarks.started import REPOSITORY

RUNS = 200
LATENCY = 2.0  # seconds
PROMPT = "A kite over the sea [[sandbox:heavy megabytes=1.7]]"
GROWN_UP = "PostgreSQL and Redis"


@dataclass(frozen=True)
class Sandbox:
    url: str
    log: Path

    def most_open(self) -> int:
        """Of the newest RUNS requests."""
        lines = self.log.read_text().splitlines()[-RUNS:]
        return max(int(json.loads(line)["open"]) for line in lines)


def measured() -> list[Figure]:
    with TemporaryDirectory(prefix="fetchhive-burst-") as name, _sandbox(Path(name)) as sandbox:
        floor = _floor(sandbox, Path(name))
        small = _figures("SQLite", _burst(sandbox, {}), floor, at_least=0.3)
        return [*_grown_up(sandbox, floor), *small]


def _grown_up(sandbox: Sandbox, floor: Mapping[str, float]) -> list[Figure]:
    broker = os.environ.get("TEST_BROKER_URL")
    with own_database() as database:
        if not broker or not database:
            needs = "TEST_DATABASE_URL and TEST_BROKER_URL"
            return [Figure(f"{RUNS} runs at once, {GROWN_UP}", None, FLOOR, 0.6, needs=needs)]
        number_9 = urlsplit(broker)._replace(path="/9").geturl()
        burst = _burst(sandbox, {**database, "CELERY_BROKER_URL": number_9})
        figures = _figures(GROWN_UP, burst, floor, at_least=0.6)
        most = sandbox.most_open()
        seen = Figure("… open at the provider together", most, "", RUNS, at_least=True)
        return [*figures, seen, *_strict(burst, floor)]


def _figures(
    where: str, burst: Mapping[str, Any], floor: Mapping[str, float], at_least: float
) -> list[Figure]:
    ratio = floor["seconds"] / burst["burst"]["seconds"]
    speed = Figure(f"{RUNS} runs at once, {where}: images a second", ratio, FLOOR, at_least,
                   at_least=True)  # fmt: skip
    return [speed, Figure("… that failed", burst["burst"]["failures"], "", 0)]


def _strict(burst: Mapping[str, Any], floor: Mapping[str, float]) -> list[Figure]:
    """What is asked of the grown-up parts alone."""
    spent = burst["burst"]
    cpu = sum(spent[f"{part}_cpu"] for part in ("worker", "web", "sweep")) / floor["cpu_seconds"]
    each = (spent["worker_megabytes"] - spent["idle_megabytes"]) / RUNS
    overheads = [seconds * 1000 for seconds in burst["overheads"]]
    accepted = [seconds * 1000 for seconds in burst["accepted"]]
    return [
        Figure("… CPU for an image, worker, web and sweep", cpu, FLOOR, 2),
        Figure("… memory of the worker", spent["worker_megabytes"], "MB", 250),
        Figure("… memory for an open request", each, "MB each", 0.5),
        Figure("Our time for a single run, median", _percentile(overheads, 50), "ms", 80),
        Figure("… 95th percentile", _percentile(overheads, 95), "ms", 200),
        Figure("Run accepted, 25 a second, 95th percentile", _percentile(accepted, 95), "ms", 250),
    ]


def _percentile(values: list[float], percent: int) -> float:
    return quantiles(values, n=100, method="inclusive")[percent - 1]


def _floor(sandbox: Sandbox, folder: Path) -> dict[str, float]:
    images = folder / "floor"
    images.mkdir()
    arguments = [f"{sandbox.url}/openai/v1", str(RUNS), PROMPT, str(images)]
    figures: dict[str, float] = json.loads(_said("benchmarks.floor", arguments, os.environ))
    return figures


def _burst(sandbox: Sandbox, parts: Mapping[str, str]) -> dict[str, Any]:
    with TemporaryDirectory(prefix="fetchhive-burst-") as data:
        surroundings = {
            **{name: value for name, value in os.environ.items() if name not in THEIRS},
            "FETCHHIVE_DATA": data,
            "FETCHHIVE_SANDBOX_URL": sandbox.url,
            "PORT": str(_free_port()),
            "WORKER_CONCURRENCY": str(RUNS),
            "REQUESTS_PER_WORKSPACE": str(RUNS),
            "RUNS_AT_ONCE": "100000",
            **parts,
        }
        figures: dict[str, Any] = json.loads(
            _said("benchmarks.bursting", [data, PROMPT, str(RUNS)], surroundings)
        )
        return figures


THEIRS = ("DATABASE_URL", "CELERY_BROKER_URL")


def _said(module: str, arguments: list[str], surroundings: Mapping[str, str]) -> str:
    command = [sys.executable, "-m", module, *arguments]
    return subprocess.check_output(command, cwd=REPOSITORY, env=dict(surroundings), text=True)


@contextmanager
def _sandbox(folder: Path) -> Iterator[Sandbox]:
    port, log = _free_port(), folder / "sandbox.log"
    command = [sys.executable, "manage.py", "sandbox", "--port", str(port)]
    command += ["--latency", str(LATENCY), "--log", str(log)]
    process = subprocess.Popen(command, cwd=REPOSITORY, stdout=subprocess.DEVNULL)
    try:
        url = f"http://127.0.0.1:{port}"
        with httpx.Client(transport=httpx.HTTPTransport(retries=10)) as client:
            client.get(f"{url}/healthz", timeout=60)
        yield Sandbox(url, log)
    finally:
        process.terminate()
        process.wait(30)


def _free_port() -> int:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        return int(free.getsockname()[1])
