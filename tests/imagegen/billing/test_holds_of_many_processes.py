"""Real processes that take holds on one wallet that has the money for half of them."""

import os

import pytest

from benchmarks.holds import taken_at_once
from imagegen.billing.models import Wallet
from imagegen.books.check import breaches
from tests import databases
from tests.imagegen.billing.hold_many import MICRO

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.processes]


@pytest.fixture
def at_once(workspace, parts_of, leave_in_wallet, tmp_path):
    """So many processes, each with so many holds to take; how many holds were taken."""

    def run(processes, each, way="wallet"):
        parts = parts_of(processes * each)
        leave_in_wallet(workspace, processes * each // 2 * MICRO)
        taken, _ = taken_at_once(parts, processes, tmp_path, _environment(tmp_path), way)
        return taken

    return run


def _environment(folder):
    return {
        **os.environ,
        "DATABASE_URL": databases.address(),
        "DJANGO_SETTINGS_MODULE": "fetchhive.settings",
        "FETCHHIVE_DATA": str(folder / "data"),
    }


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
