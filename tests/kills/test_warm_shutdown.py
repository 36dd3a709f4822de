"""A deployment: a real worker that holds several open requests is asked to end."""

import signal
import subprocess
import sys

import pytest
from django.db import connection

from fetchhive import embedded
from imagegen.attempts.perform import perform_next
from imagegen.books.check import breaches
from imagegen.models import Part
from tests import databases
from tests.journeys.conftest import own_queue
from tests.kills.children import REPOSITORY, environment_of
from tests.waiting import wait_until
from workflows.models import Run
from workflows.runs.advance import advance

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.processes]
OPEN, QUEUED = 4, 3


@pytest.fixture
def environment(sandbox, tmp_path):
    """Of worker and sweep, on the database of this test."""
    return environment_of(
        tmp_path,
        **({} if connection.vendor == "sqlite" else own_queue(first=9)),
        DATABASE_URL=databases.address(),
        FETCHHIVE_SANDBOX_URL=sandbox.base_url,
        WORKER_CONCURRENCY=str(OPEN),
        REQUESTS_PER_WORKSPACE="100",
        LEASE_SECONDS="2",  # shorter than the answers take
        HEARTBEAT_SECONDS="0.4",
        SWEEP_SECONDS="0.2",
    )


@pytest.fixture
def start(environment, tmp_path):
    """Starts a process, which is gone afterwards."""
    started = []

    def begin(command):
        with (tmp_path / "processes.log").open("ab") as log:
            started.append(
                subprocess.Popen(command, cwd=REPOSITORY, env=environment, stdout=log, stderr=log)
            )
        return started[-1]

    yield begin
    for process in started:
        process.kill()
        process.wait()


def test_a_worker_asked_to_end_finishes_its_open_requests_and_takes_up_no_other(
    start, workflow, step_of, press_run, sandbox
):
    for number in range(OPEN + QUEUED):
        seconds = 4 if number < OPEN else 0
        press_run(step_of(workflow, f"jar {number} [[sandbox:slow latency={seconds}]]"))
    for run in Run.objects.all():
        advance(run.pk)
    Part.objects.update(woken_at=None)  # nobody has told this worker
    worker, _ = start(embedded.worker()), start([sys.executable, "manage.py", "sweep"])
    wait_until(lambda: len(sandbox.entries()) == OPEN)
    worker.send_signal(signal.SIGTERM)
    assert worker.wait(60) == 0
    assert len(sandbox.entries()) == OPEN
    assert Part.objects.filter(state="settled").count() == OPEN
    assert Part.objects.due().count() == QUEUED
    while perform_next():  # the next worker
        pass
    assert Part.objects.filter(state="settled").count() == OPEN + QUEUED
    assert len(sandbox.entries()) == OPEN + QUEUED
    assert list(breaches(sandbox.log.path)) == []
