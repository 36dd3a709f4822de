"""A broker that is down: runs are accepted, nobody waits for it, and the sweep finds them."""

import os
import subprocess
import sys
from datetime import timedelta

import pytest
from django.db.models import F

from fetchhive.celery import app
from imagegen.attempts.wake import wake_now
from workflows.models import Run
from workflows.runs.sweep import advance_overdue_runs

REFUSES = "redis://127.0.0.1:1/0"
NOBODY_THERE = {
    "broker_url": REFUSES,
    "broker_write_url": REFUSES,
    "broker_transport_options": {"max_retries": 1, "interval_start": 0, "interval_step": 0},
}


@pytest.fixture
def broker_that_is_down():
    """Nobody listens at its address."""
    pytest.importorskip("redis")
    before = {name: app.conf[name] for name in NOBODY_THERE}
    app.conf.update(NOBODY_THERE)
    app._after_fork()  # lets go of the connections to the other one
    yield
    app.conf.update(before)
    app._after_fork()


def test_a_run_that_is_pressed_while_the_broker_is_down_is_queued_and_found(
    image_step,
    press_run,
    let_the_hive_work,
    sandbox,
    page,
    address_of,
    caplog,
    broker_that_is_down,
    django_capture_on_commit_callbacks,
):
    with django_capture_on_commit_callbacks(execute=True):
        assert press_run(image_step).status_code == 200
    assert "no wake-up for workflows.tasks.execute_run" in caplog.text
    assert Run.objects.get().status == "queued"
    assert "Queued" in page.get(address_of(image_step, "step-output")).text
    Run.objects.update(created_at=F("created_at") - timedelta(seconds=3))
    assert advance_overdue_runs() == 1
    let_the_hive_work()
    assert image_step.runs.get().status == "succeeded"
    assert len(sandbox.entries()) == 1


def test_a_broker_that_is_down_is_asked_once_for_all_that_wait(broker_that_is_down, caplog):
    wake_now(64)
    assert caplog.text.count("no wake-up for imagegen.tasks.execute_next_part") == 1


CLICK = """
import time, django
django.setup()
from workflows.runs.wake import send
from workflows.tasks import execute_run
begun = time.monotonic()
assert not send(execute_run, "a run")
print(time.monotonic() - begun)
"""


def test_a_broker_that_refuses_keeps_no_click_waiting(tmp_path, repository):
    pytest.importorskip("redis")
    environment = os.environ | {
        "DJANGO_SETTINGS_MODULE": "fetchhive.settings",
        "CELERY_BROKER_URL": REFUSES,
        "FETCHHIVE_DATA": str(tmp_path),
    }
    command = [sys.executable, "-c", CLICK]
    asked = subprocess.run(
        command, env=environment, cwd=repository, stdout=subprocess.PIPE, text=True, check=True
    )
    assert float(asked.stdout.split()[-1]) < 3
