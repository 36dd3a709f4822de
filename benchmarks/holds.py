"""Real processes that take holds on one wallet, all at once, and how many they take in a second."""

import os
import subprocess
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path
from tempfile import TemporaryDirectory
from time import perf_counter
from uuid import UUID

from django.db import connection

from benchmarks.figures import Figure, rate
from benchmarks.started import REPOSITORY
from imagegen.attempts.models import Part
from imagegen.billing import wallet
from imagegen.billing.models import Wallet
from tests.imagegen.billing.hold_many import MICRO
from workflows.models import StepRun

PROCESSES, EACH = 16, 500
A_SECOND = 150
WHAT = f"Holds of {PROCESSES} processes on one wallet"
PATIENCE = 600


def measured(empty_seconds: float) -> list[Figure]:
    """Asked for, on a wallet with money for half of them; that must be what they get."""
    if connection.vendor != "postgresql":
        return [Figure(WHAT, None, "a second", A_SECOND, at_least=True, needs="PostgreSQL")]
    parts = _parts(PROCESSES * EACH)
    _leave(parts[0].workspace_id, len(parts) // 2 * MICRO)
    with TemporaryDirectory() as folder:
        taken, seconds = taken_at_once(parts, PROCESSES, Path(folder), os.environ)
    return [
        rate(WHAT, len(parts) / seconds, A_SECOND, empty_seconds),
        Figure("… more or fewer than the wallet covers", abs(taken - len(parts) // 2), "", limit=0),
    ]


def taken_at_once(
    parts: Sequence[Part],
    processes: int,
    folder: Path,
    environment: Mapping[str, str],
    way: str = "wallet",
) -> tuple[int, float]:
    """How many of the holds were taken, and the seconds from the first to the last."""
    started = [
        _start(parts[first::processes], folder / f"parts-{first}", environment, way)
        for first in range(processes)
    ]
    for process in started:
        assert process.stdout
        assert process.stdout.readline() == "ready\n"
    began = perf_counter()
    for process in started:
        assert process.stdin
        process.stdin.write("go\n")
        process.stdin.flush()
    taken = sum(map(_taken, started))
    return taken, perf_counter() - began


def _start(
    parts: Sequence[Part], file: Path, environment: Mapping[str, str], way: str
) -> subprocess.Popen[str]:
    file.write_text("\n".join(str(part.pk) for part in parts))
    module, workspace = "tests.imagegen.billing.hold_many", str(parts[0].workspace_id)
    return subprocess.Popen(
        [sys.executable, "-m", module, workspace, way, file],
        env=environment,
        cwd=REPOSITORY,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )


def _taken(process: subprocess.Popen[str]) -> int:
    said, _ = process.communicate(timeout=PATIENCE)
    assert process.returncode == 0
    return int(said)


def _parts(number: int) -> list[Part]:
    """That nobody has held money for yet."""
    step_run = StepRun.objects.latest("id")
    return Part.objects.bulk_create(
        Part(
            workspace_id=step_run.workspace_id,
            step_run=step_run,
            number=100 + each,
            provider="openai",
            model="gpt-image-2",
            charge_type="hosted",
            simulated=False,
            first_slot=0,
            slots=1,
            request={},
            hold_micro=MICRO,
            reserved_bytes=0,
        )
        for each in range(number)
    )


def _leave(workspace_id: UUID, micro: int) -> None:
    purse = Wallet.objects.get(workspace=workspace_id, simulated=False)
    wallet.grant(purse, micro - purse.available, key=f"holds:{purse.pk}", reason="for the holds")
