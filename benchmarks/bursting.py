"""Runs, one by one, at a steady rate and two hundred at once, on the program as it is started; the
surroundings say with which database and broker. Prints one line of JSON.

    python -m benchmarks.bursting FOLDER PROMPT RUNS
"""

import json
import os
import sys
from concurrent.futures import ThreadPoolExecutor
from dataclasses import asdict, dataclass
from pathlib import Path
from time import monotonic, sleep
from typing import Any

import httpx

from benchmarks.started import started

PATIENCE = 300
SINGLE, STEADY, A_SECOND = 20, 100, 25
POSTERS = 16
PARTS = {"web": "gunicorn", "worker": "celery", "sweep": "sweep"}


@dataclass(frozen=True)
class Burst:
    seconds: float
    failures: int
    worker_cpu: float
    web_cpu: float
    sweep_cpu: float
    idle_megabytes: float
    worker_megabytes: float


def main(folder: Path, prompt: str, runs: int) -> None:
    import django

    django.setup()
    from benchmarks.bursting_rows import prepared

    address, key = prepared(prompt)
    with started(folder, 0), httpx.Client(timeout=60) as client:
        post = poster(client, address, key)
        wait_for([post()])  # everything is loaded now
        idle = megabytes("worker", "VmRSS")
        overheads = [overhead_of(wait_for([post()])[0]) for _ in range(SINGLE)]
        accepted, ids = steadily(post)
        wait_for(ids)
        burst = all_at_once(post, runs, idle)
    print(json.dumps({"overheads": overheads, "accepted": accepted, "burst": asdict(burst)}))


def poster(client: httpx.Client, address: str, key: str) -> Any:
    headers = {"Authorization": f"Bearer {key}"}

    def post() -> str:
        answer = client.post(address, headers=headers, json={})
        answer.raise_for_status()
        return str(answer.json()["id"])

    return post


def wait_for(ids: list[str]) -> list[Any]:
    """The runs, once all have ended."""
    from workflows.models import Run

    deadline = monotonic() + PATIENCE
    while Run.objects.unfinished().exists():
        if monotonic() > deadline:
            raise TimeoutError("the runs do not end")
        sleep(0.05)
    return list(Run.objects.filter(pk__in=ids))


def overhead_of(run: Any) -> float:
    """Seconds between acceptance and end in which no provider was at work."""
    from imagegen.models import Attempt

    attempts = Attempt.objects.filter(part__step_run__run=run)
    provider = sum(each.seconds or 0.0 for each in attempts)
    return float((run.finished_at - run.created_at).total_seconds() - provider)


def steadily(post: Any) -> tuple[list[float], list[str]]:
    """Seconds until each was accepted, from when it was to be sent: one that waits for another
    counts its waiting."""
    began = monotonic()

    def one(number: int) -> tuple[float, str]:
        due = began + number / A_SECOND
        sleep(max(0.0, due - monotonic()))
        run = post()
        return monotonic() - due, run

    with ThreadPoolExecutor(STEADY) as pool:
        answers = list(pool.map(one, range(STEADY)))
    return [seconds for seconds, _ in answers], [run for _, run in answers]


def all_at_once(post: Any, runs: int, idle: float) -> Burst:
    before, began = cpu_seconds(), monotonic()
    with ThreadPoolExecutor(POSTERS) as pool:
        ids = list(pool.map(lambda _: post(), range(runs)))
    ended = wait_for(ids)
    seconds, after = monotonic() - began, cpu_seconds()
    spent = {name: after[name] - before[name] for name in PARTS}
    return Burst(
        seconds,
        sum(run.status != "succeeded" for run in ended),
        spent["worker"],
        spent["web"],
        spent["sweep"],
        idle,
        megabytes("worker", "VmHWM"),
    )


def cpu_seconds() -> dict[str, float]:
    tick = os.sysconf("SC_CLK_TCK")
    return {
        name: sum(int(each) for process in processes(name) for each in times(process)) / tick
        for name in PARTS
    }


def times(process: Path) -> list[str]:
    """Ticks in user and system mode."""
    return (process / "stat").read_text().rsplit(")", 1)[1].split()[11:13]


def megabytes(name: str, which: str) -> float:
    lines = (processes(name)[0] / "status").read_text().splitlines()
    return next(int(line.split()[1]) / 1024 for line in lines if line.startswith(which))


def processes(name: str) -> list[Path]:
    """Those of this start: they share its data folder."""
    folder = os.environ["FETCHHIVE_DATA"].encode()
    return [
        entry
        for entry in Path("/proc").iterdir()
        if entry.name.isdecimal()
        and PARTS[name].encode() in _read(entry / "cmdline")
        and folder in _read(entry / "environ")
    ]


def _read(file: Path) -> bytes:
    try:
        return file.read_bytes()
    except OSError:
        return b""


if __name__ == "__main__":
    main(Path(sys.argv[1]), sys.argv[2], int(sys.argv[3]))
