"""The processes one by one, as systemd or Docker start them."""

import os
import signal
import subprocess
import sys
from http.client import HTTPConnection

import pytest

from fetchhive.ports import free_port
from tests.waiting import wait_until

pytestmark = pytest.mark.processes


@pytest.fixture
def manage(environment, repository):
    def run(command, **variables):
        return subprocess.run(
            [sys.executable, "manage.py", command],
            cwd=repository,
            env=environment | variables,
            capture_output=True,
            text=True,
            timeout=120,
        )

    return run


@pytest.fixture
def begun(environment, repository, processes, tmp_path):
    def begin(command, **variables):
        with (tmp_path / "said").open("wb") as said:
            process = subprocess.Popen(
                [sys.executable, "manage.py", command],
                cwd=repository,
                env=environment | variables,
                stdout=said,
                stderr=said,
            )
        processes.append(process)
        return process

    return begin


def test_prepare_makes_everything_once_and_says_how_to_sign_in_the_first_time_only(manage):
    first, second = manage("prepare"), manage("prepare")
    assert "Database: made" in first.stdout, first.stderr
    assert "/sign-in/" in first.stdout
    assert "Database: up to date" in second.stdout
    assert "/sign-in/" not in second.stdout


def test_prepare_refuses_a_bucket_that_does_not_answer_in_one_sentence(manage):
    nowhere = {
        "S3_BUCKET": "hive-images",
        "S3_ENDPOINT_URL": "http://127.0.0.1:1",
        "S3_ACCESS_KEY_ID": "an-id",
        "S3_SECRET_ACCESS_KEY": "never-to-be-shown",
        "S3_ATTEMPTS": "1",
    }
    refused = manage("prepare", **nowhere)
    assert refused.returncode == 1
    assert refused.stderr.startswith("Stored files cannot be kept")
    assert refused.stderr.count("\n") == 1
    assert "never-to-be-shown" not in refused.stderr


def test_the_web_server_answers_and_ends_when_it_is_told_to(begun):
    port = free_port()
    web = begun("web", PORT=str(port), WEB_CONCURRENCY="2")
    wait_until(lambda: answers(port))
    os.kill(web.pid, signal.SIGTERM)
    assert web.wait(30) == 0


def answers(port):
    connection = HTTPConnection("127.0.0.1", port, timeout=5)
    try:
        connection.request("GET", "/healthz")
        return connection.getresponse().status == 200
    except OSError:
        return False
    finally:
        connection.close()


def test_a_worker_ends_when_it_is_told_to(begun, tmp_path):
    worker = begun("worker")
    wait_until(lambda: "ready." in (tmp_path / "said").read_text())
    os.kill(worker.pid, signal.SIGTERM)
    assert worker.wait(30) == 0
