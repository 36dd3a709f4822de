"""Real processes that take holds on one wallet that has the money for half of them."""

import os
import subprocess
import sys
from urllib.parse import quote

import pytest
from django.conf import settings
from django.db import connection

from imagegen.billing.models import Wallet
from imagegen.books.check import breaches
from tests.imagegen.billing.hold_many import MICRO

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.processes]


@pytest.fixture
def at_once(workspace, parts_of, leave_in_wallet, tmp_path):
    """So many processes, each with so many holds to take; how many holds were taken."""

    def run(processes, each, way="wallet"):
        parts = parts_of(processes * each)
        leave_in_wallet(workspace, processes * each // 2 * MICRO)
        started = [
            _start(workspace, way, parts[first::processes], tmp_path / f"parts-{first}")
            for first in range(processes)
        ]
        for process in started:
            assert process.stdout.readline() == "ready\n"
        for process in started:
            process.stdin.write("go\n")
            process.stdin.flush()
        return sum(_taken(process) for process in started)

    return run


def _start(workspace, way, parts, file):
    file.write_text("\n".join(str(part.pk) for part in parts))
    environment = {
        **os.environ,
        "DATABASE_URL": _address(**connection.settings_dict),
        "DJANGO_SETTINGS_MODULE": "fetchhive.settings",
        "FETCHHIVE_DATA": str(file.with_suffix(".data")),
    }
    return subprocess.Popen(
        [sys.executable, "-m", "tests.imagegen.billing.hold_many", str(workspace.pk), way, file],
        env=environment,
        cwd=settings.BASE,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )


def _taken(process):
    said, _ = process.communicate(timeout=600)
    assert process.returncode == 0
    return int(said)


def _address(NAME, HOST, PORT, USER, PASSWORD, **_):
    if connection.vendor == "sqlite":
        return f"sqlite:///{NAME}"
    return f"postgres://{USER}:{quote(PASSWORD)}@{HOST}:{PORT}/{NAME}"


def test_processes_take_exactly_what_the_wallet_covers(at_once):
    assert at_once(processes=3, each=20) == 30
    assert Wallet.objects.get(simulated=False).available == 0
    assert list(breaches()) == []


@pytest.mark.slow
def test_sixteen_processes_with_500_holds_each_overdraw_nothing(at_once):
    assert at_once(processes=16, each=500) == 4_000
    assert Wallet.objects.get(simulated=False).available == 0
    assert list(breaches()) == []


def test_a_wallet_that_is_read_and_then_written_is_caught(at_once):
    """The control. What the processes believe to have, and what the wallet and the ledger say, are
    three numbers then."""
    taken = at_once(processes=3, each=80, way="read_then_write")
    held = Wallet.objects.get(simulated=False).held
    assert taken * MICRO > held or taken > 120
    assert [breach for breach in breaches() if breach.startswith("L7")]
