"""Kills real processes at random moments, drawn by a seed, while people press Run."""

import signal
import sqlite3
import time
from collections import Counter
from contextlib import closing
from dataclasses import dataclass, field
from random import Random

from django.db import connection

from imagegen.attempts.saving import save_again
from imagegen.errors import Fault
from imagegen.models import Part
from tests.kills import oracle
from tests.kills.clusters import forget_connections
from tests.waiting import wait_until

LEASE, HEARTBEAT, SWEEP = 2.5, 0.4, 0.3
ATTEMPTS_PER_KILL = 20
GOING, LATENCY = 24, 1.0
WORKERS, REQUESTS_EACH = 3, 16
PATIENCE = 120


@dataclass
class Tally:
    kills: Counter = field(default_factory=Counter)
    truth: list = field(default_factory=list)
    """Seconds from a kill until nothing shows a dead worker's request as going on."""
    attempts: int = 0
    unknown: int = 0
    given_up: int = 0
    """Answers that three workers in a row left unsaved; Save again must bring them."""
    lost: int = 0
    doubled: int = 0

    def __str__(self):
        fates = ", ".join(f"{number} {fate}" for fate, number in sorted(self.kills.items()))
        return (
            f"{self.kills.total()} kills ({fates}), {self.attempts} attempts,"
            f" {self.unknown} unknown, {self.doubled} doubled, {self.lost} lost,"
            f" {self.given_up} stored by Save again;"
            f" truth p50 {self._truth(0.5)} p99 {self._truth(0.99)} max {self._truth(1)} s"
        )

    def _truth(self, share):
        ordered = sorted(self.truth) or [0]
        return round(ordered[min(int(len(ordered) * share), len(ordered) - 1)], 2)


class Machine:
    def __init__(self, zygote, folder, seed, *, cluster=None, wrong=False):
        self.zygote, self.folder = zygote, folder
        self.cluster, self.wrong = cluster, wrong
        self.log = folder / "sandbox.log"
        self.seed, self.random = seed, Random(seed)
        self.workers = []
        self.tally = Tally()
        self.broken = []
        """Answers that were not heard although nobody died who waited for them."""

    def start(self, port):
        self.providers = self._started("providers", port=port, requests=str(self.log))
        wait_until(self.log.exists)
        self.workers = [self._started("worker") for _ in range(WORKERS)]
        self.sweep = self._started("sweep", wrong=self.wrong)
        self.crowd = self._started("crowd", seed=self.seed, going=GOING, latency=LATENCY)

    def _started(self, play, **more):
        return self.zygote.play(play, log=str(self.folder / f"{play}.log"), **more)

    def kill(self, times):
        """Each after so many attempts, and only while some are under way."""
        fates = [self.worker_killed] * 5 + [self.worker_ended, self.worker_frozen]
        fates += [self.sweep_killed] + [self.database_stopped] * bool(self.cluster)
        while self.tally.kills.total() < times:
            self._wait_for_attempts()
            fate = self.random.choice(fates)
            if fate():
                self.tally.kills[fate.__name__.replace("_", " ")] += 1

    def _wait_for_attempts(self):
        enough = self.tally.attempts + ATTEMPTS_PER_KILL
        wait_until(lambda: self._attempts() >= enough, PATIENCE)
        self.tally.attempts = self._attempts()
        time.sleep(self.random.uniform(0, HEARTBEAT))  # any moment, not the one of a new attempt

    def _attempts(self):
        with self.log.open("rb") as log:
            return sum(1 for _ in log)

    # What befalls them; False when nothing was under way, which does not count

    def worker_killed(self):
        at = self.random.randrange(WORKERS)
        dead = self.workers[at]
        dead.signal(signal.SIGKILL)
        died = time.monotonic()
        self.workers[at] = self._started("worker")
        return self._truth_is_told(dead, died)

    def worker_ended(self):
        """Whatever it has begun comes to its end."""
        at = self.random.randrange(WORKERS)
        leaving = self.workers[at]
        begun = list(sending(leaving))
        leaving.signal(signal.SIGTERM)
        self.workers[at] = self._started("worker")
        wait_until(leaving.is_gone, PATIENCE)
        self._must_be_heard(begun, "SIGTERM")
        return bool(begun)

    def _must_be_heard(self, begun, fate):
        parts = Part.objects.filter(pk__in=begun)
        wait_until(lambda: not parts.filter(state=Part.State.SENDING).exists(), PATIENCE)
        unknown = parts.filter(state=Part.State.UNKNOWN)
        self.broken += [f"unknown after {fate}: part {part.pk}" for part in unknown]

    def worker_frozen(self):
        frozen = self.random.choice(self.workers)
        self._freeze(frozen)
        told = self._truth_is_told(frozen, time.monotonic())
        frozen.signal(signal.SIGCONT)
        return told

    def _freeze(self, worker):
        """Not while it holds the one lock of SQLite: then all would stand still until it wakes."""
        worker.signal(signal.SIGSTOP)
        while connection.vendor == "sqlite" and is_locked():
            worker.signal(signal.SIGCONT)
            time.sleep(0.01)
            worker.signal(signal.SIGSTOP)

    def sweep_killed(self):
        under_way = Part.objects.filter(state=Part.State.SENDING).exists()
        self.sweep.signal(signal.SIGKILL)
        self.sweep = self._started("sweep", wrong=self.wrong)
        return under_way

    def database_stopped(self):
        """Nobody has died but the server: every answer is still heard."""
        begun = list(Part.objects.filter(state=Part.State.SENDING).values_list("pk", flat=True))
        self.cluster.stop()
        self.cluster.start()
        forget_connections()
        self._must_be_heard(begun, "the database was stopped")
        return bool(begun)

    def _truth_is_told(self, dead, since):
        """False when it was not waiting for any answer."""
        shown = list(sending(dead))
        going_on = Part.objects.filter(pk__in=shown, state=Part.State.SENDING)
        wait_until(lambda: not going_on.exists(), PATIENCE)
        if shown:
            self.tally.truth.append(time.monotonic() - since)
        return bool(shown)

    # The end

    def let_all_end(self):
        """What is wrong then, a line for each."""
        self.crowd.signal(signal.SIGKILL)
        self._wait_for_the_last()
        given_up = Part.objects.filter(fault=Fault.NOT_SAVED.name)
        self.tally.given_up = sum(save_again(part.step_run) for part in given_up)
        self._wait_for_the_last()
        self.tally.attempts = self._attempts()
        self.tally.unknown = Part.objects.filter(state=Part.State.UNKNOWN).count()
        self.tally.doubled, self.tally.lost = len(oracle.doubled(self.log)), len(oracle.lost())
        return [*self.broken, *oracle.found_wrong(self.log)]

    def _wait_for_the_last(self):
        wait_until(lambda: not oracle.unended() and not Part.objects.open().exists(), PATIENCE)

    def stop(self):
        """No process outlives the zygote."""
        self.zygote.stop()
        wait_until(lambda: all(child.is_gone() for child in self.workers))


def sending(worker):
    """The parts for which it waits for an answer."""
    parts = Part.objects.filter(state=Part.State.SENDING, lease_owner=worker.owner)
    return parts.values_list("pk", flat=True)


def is_locked():
    with closing(sqlite3.connect(connection.settings_dict["NAME"], timeout=0.1)) as file:
        try:
            file.execute("BEGIN IMMEDIATE")
        except sqlite3.OperationalError:
            return True
        file.rollback()
        return False
