import logging
import subprocess
import sys
from collections import Counter

import pytest
from kombu import Connection

from fetchhive.broker import Transport, clear_leftovers

PROBE = """
import os
from celery import Celery
from kombu import transport

transport.TRANSPORT_ALIASES["filesystem"] = "fetchhive.broker:Transport"
app = Celery("probe", fixups=[])
app.conf.update(
    broker_url="filesystem://",
    broker_transport_options=dict(
        polling_interval=0.02,
        data_folder_in="queue/messages",
        data_folder_out="queue/messages",
        control_folder="queue/control",
        processed_folder="queue/processed",
    ),
    task_ignore_result=True,
    worker_prefetch_multiplier=1,
)

@app.task
def note(number):
    out = os.open("noted", os.O_WRONLY | os.O_CREAT | os.O_APPEND)
    os.write(out, f"{number}\\n".encode())
    os.close(out)
"""
MESSAGES = 200


@pytest.fixture
def folders(tmp_path):
    return {
        "data_folder_in": str(tmp_path / "messages"),
        "data_folder_out": str(tmp_path / "messages"),
        "control_folder": str(tmp_path / "control"),
        "processed_folder": str(tmp_path / "processed"),
        "polling_interval": 0.01,
    }


@pytest.fixture
def queue(folders):
    Transport.global_state.clear()  # what a process knows about the folders of another test
    connection = Connection(transport=Transport, transport_options=folders)
    with connection, connection.SimpleQueue("work") as simple:
        yield simple


def test_folders_are_made_before_they_are_used(queue, tmp_path):
    assert {"messages", "control", "processed"} <= {path.name for path in tmp_path.iterdir()}


def test_messages_come_in_the_order_they_were_put(queue):
    for number in range(20):
        queue.put(number)

    assert [queue.get(timeout=5).payload for _ in range(20)] == list(range(20))


def test_a_message_that_was_read_leaves_no_file(queue, tmp_path):
    queue.put("wake up")
    queue.get(timeout=5).ack()

    assert not [*(tmp_path / "messages").iterdir(), *(tmp_path / "processed").iterdir()]


@pytest.mark.parametrize(
    "content", [b"", b'{"body": "W1", "prop', b"[]", b"{}", b"\xff\xfe", b'{"properties": null}']
)
def test_a_message_that_cannot_be_read_is_thrown_away_and_the_next_one_comes(
    queue, tmp_path, caplog, content
):
    torn = tmp_path / "messages" / "!torn.work.msg"
    torn.write_bytes(content)
    queue.put("the next one")

    with caplog.at_level(logging.WARNING):
        assert queue.get(timeout=5).payload == "the next one"

    assert not torn.exists()
    assert "!torn.work.msg" in caplog.text


def test_torn_bindings_are_made_anew(queue, folders, tmp_path):
    bindings = tmp_path / "control" / "work.exchange"
    assert bindings.exists()
    bindings.write_bytes(b"")

    Transport.global_state.clear()
    other = Connection(transport=Transport, transport_options=folders)
    with other, other.SimpleQueue("work") as simple:
        simple.put("found its way")

    assert queue.get(timeout=5).payload == "found its way"


def test_at_start_only_work_is_kept(folders, tmp_path):
    for name in ("messages", "control", "processed"):
        (tmp_path / name).mkdir()
    kept = tmp_path / "messages" / "1_a.work.msg"
    for path in (
        kept,
        tmp_path / "messages" / "1_b.celery@here.celery.pidbox.msg",
        tmp_path / "messages" / ".half.tmp",
        tmp_path / "processed" / "1_c.work.msg",
        tmp_path / "control" / "celery.pidbox.exchange",
    ):
        path.write_text("{}")

    clear_leftovers(folders, "work")

    assert [path for path in tmp_path.rglob("*") if path.is_file()] == [kept]


@pytest.mark.processes
def test_a_worker_gets_every_message_of_two_producers_once_and_survives_an_empty_one(
    tmp_path, environment, processes, eventually
):
    (tmp_path / "probe.py").write_text(PROBE)
    (tmp_path / "queue" / "messages").mkdir(parents=True)
    flags = "--without-gossip --without-mingle --without-heartbeat -P threads -c 8"
    log = (tmp_path / "worker.log").open("wb")
    here = {"cwd": tmp_path, "env": environment, "stdout": log, "stderr": log}
    worker = [sys.executable, "-m", "celery", "-A", "probe", "worker", *flags.split()]
    processes.append(subprocess.Popen(worker, **here))
    for first in (0, MESSAGES):
        numbers = f"range({first}, {first + MESSAGES})"
        code = f"import probe\nfor number in {numbers}: probe.note.delay(number)"
        processes.append(subprocess.Popen([sys.executable, "-c", code], **here))
    (tmp_path / "queue" / "messages" / "!empty.celery.msg").touch()
    log.close()

    noted = tmp_path / "noted"
    eventually(
        lambda: noted.exists() and len(noted.read_text().split()) >= 2 * MESSAGES, seconds=60
    )

    assert Counter(noted.read_text().split()) == Counter(map(str, range(2 * MESSAGES)))
    assert processes[0].poll() is None
    assert "Threw away a message that cannot be read" in (tmp_path / "worker.log").read_text()
