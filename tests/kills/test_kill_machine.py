"""Seeded random kills on real processes, judged by what the sandbox has read.

KILLS and KILL_SEED say how many, and which.
"""

import os
import secrets
import subprocess
from pathlib import Path

import pytest
from django.db import connection

from imagegen.billing import wallet
from imagegen.models import Storage
from tests import databases
from tests.journeys.conftest import free_port, own_queue
from tests.kills import clusters
from tests.kills.children import REPOSITORY, Zygote, environment_of
from tests.kills.machine import HEARTBEAT, LEASE, REQUESTS_EACH, SWEEP, Machine
from workflows.first_start import make_workspace
from workflows.models import Workflow

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.processes]
THIS_FILE = Path(__file__).relative_to(REPOSITORY)
WORKSPACES, WORKFLOWS = 4, 5


@pytest.fixture
def workspaces(author, step_of):
    """With workflows of two steps each, and with room and money for all their runs."""
    for number in range(WORKSPACES):
        workspace = make_workspace(f"Shop {number}", f"shop-{number}", author)
        for name in range(WORKFLOWS):
            workflow = Workflow.objects.create(workspace=workspace, name=f"Workflow {name}")
            step_of(workflow, image_size="1024x640")
            step_of(workflow, image_size="1024x640")
        purse = workspace.wallets.get(simulated=True)
        wallet.grant(purse, 10**12, key=f"{purse.pk}", reason="for many runs")
    Storage.objects.update(limit=10**15)


@pytest.fixture
def build_machine(request, tmp_path):
    """Starts the processes; they are gone afterwards. On a server of its own, where there is one
    to be stopped."""
    built = []
    cluster = None
    if connection.vendor == "postgresql" and clusters.programs():
        cluster = request.getfixturevalue("own_cluster")
    request.getfixturevalue("workspaces")

    def build(seed, wrong=False):
        port = free_port()
        zygote = Zygote(_environment(tmp_path, port), tmp_path / "zygote.log")
        machine = Machine(zygote, tmp_path, seed, cluster=cluster, wrong=wrong)
        built.append(machine)
        machine.start(port)
        return machine

    yield build
    for machine in built:
        machine.stop()


def _environment(folder, port):
    return environment_of(
        folder,
        **({} if connection.vendor == "sqlite" else own_queue(first=9)),
        DATABASE_URL=databases.address(),
        FETCHHIVE_SANDBOX_URL=f"http://127.0.0.1:{port}",
        LEASE_SECONDS=str(LEASE),
        HEARTBEAT_SECONDS=str(HEARTBEAT),
        SWEEP_SECONDS=str(SWEEP),
        WORKER_CONCURRENCY=str(REQUESTS_EACH),
        REQUESTS_PER_WORKSPACE="1000",
    )


@pytest.fixture
def kill(build_machine, record_property):
    """Kills so often; what was wrong afterwards."""

    def run(times):
        times = int(os.environ.get("KILLS", times))
        seed = int(os.environ.get("KILL_SEED", secrets.randbelow(10**6)))
        machine = build_machine(seed)
        try:
            machine.kill(times)
            wrong = machine.let_all_end()
        finally:
            again = (
                f"KILLS={times} KILL_SEED={seed} bin/test {Path(__file__).relative_to(REPOSITORY)}"
            )
            record_property("said", f"{machine.tally}; commit {_commit()}; again: {again}")
        return wrong

    return run


def _commit():
    asked = ["git", "describe", "--always", "--dirty"]
    return subprocess.run(asked, cwd=REPOSITORY, capture_output=True, text=True).stdout.strip()


def test_some_kills_double_nothing_and_lose_nothing(kill):
    assert kill(50 if connection.vendor == "sqlite" else 5) == []


@pytest.mark.slow
def test_two_thousand_kills_double_nothing_and_lose_nothing(kill):
    assert kill(2_000) == []


def test_a_sweep_that_asks_again_is_caught(build_machine):
    """The control."""
    machine = build_machine(seed=1, wrong=True)
    machine.kill(3)
    assert any(found.startswith("asked twice") for found in machine.let_all_end())
