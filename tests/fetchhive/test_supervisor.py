import os
import signal
import subprocess
import sys

import pytest

from fetchhive.children import LOG_BYTES, begin_log

pytestmark = pytest.mark.processes

# What a supervisor looks after in these tests. `open` holds the number of open requests.
SUPERVISOR = """
import os, sys
from pathlib import Path
from fetchhive.children import Child
from fetchhive.supervisor import Supervisor

def child(name, kind, **more):
    command = [sys.executable, "child.py", name, kind]
    return Child(name, command, os.environ, Path(f"{name}.log"), **more)

def say(text):
    print(text, flush=True)

names = [name.split(":") for name in sys.argv[1:]]
children = [child(name, kind, ends_last=name == "sandbox") for name, kind in names]
Supervisor(children, lambda: int(Path("open").read_text()), say, patience=1, grace=0.5).run()
"""
CHILD = """
import os, signal, subprocess, sys, time
from pathlib import Path

name, kind = sys.argv[1:]

def end(*_):
    while kind == "patient" and Path("open").read_text() != "0":
        time.sleep(0.02)
    with open("ended", "a") as ended:
        ended.write(name + " ")
    os._exit(0)

signal.signal(signal.SIGTERM, signal.SIG_IGN if kind == "stubborn" else end)
if kind == "broken":
    sys.exit("It cannot work like this")
if kind == "parent":
    grandchild = subprocess.Popen([sys.executable, "-c", "import time; time.sleep(600)"])
    Path("grandchild.pid").write_text(str(grandchild.pid))
Path(f"{name}.part").write_text(str(os.getpid()))
os.replace(f"{name}.part", f"{name}.pid")
while True:
    time.sleep(600)
"""


def now_open(folder, number):
    """At once: the supervisor may be reading it."""
    (folder / "opening").write_text(str(number))
    (folder / "opening").replace(folder / "open")


@pytest.fixture
def supervise(tmp_path, environment, processes, eventually):
    """Starts a supervisor with children of the given kinds, and waits until they run."""
    (tmp_path / "supervisor.py").write_text(SUPERVISOR)
    (tmp_path / "child.py").write_text(CHILD)
    now_open(tmp_path, 0)

    def start(*children):
        command = [sys.executable, "supervisor.py", *children]
        with (tmp_path / "said").open("wb") as said:
            process = subprocess.Popen(
                command, cwd=tmp_path, env=environment, stdout=said, stderr=said
            )
        processes.append(process)
        for name in (child.split(":")[0] for child in children if ":broken" not in child):
            eventually((tmp_path / f"{name}.pid").exists)
        return process

    return start


@pytest.fixture
def said(tmp_path):
    return lambda: (tmp_path / "said").read_text()


@pytest.fixture
def number_of(tmp_path):
    return lambda name: int((tmp_path / f"{name}.pid").read_text())


def test_a_child_that_dies_is_started_again_and_named(supervise, said, number_of, eventually):
    supervise("web:calm", "worker:calm")
    first = number_of("worker")

    os.kill(first, signal.SIGKILL)

    eventually(lambda: number_of("worker") != first)
    assert "worker was ended by SIGKILL; starting it again in 0.5 s" in said()
    assert "web was" not in said()


def test_a_child_that_cannot_start_is_tried_later_each_time_with_its_reason(
    supervise, said, eventually
):
    supervise("worker:broken")

    eventually(lambda: "again in 2 s" in said())

    assert "ended by itself with code 1 (its last words: It cannot work like this)" in said()
    assert said().index("again in 0.5 s") < said().index("again in 1 s")


def test_what_a_dead_child_started_is_gone_too(supervise, number_of, is_alive, eventually):
    supervise("web:parent")
    grandchild = number_of("grandchild")

    os.kill(number_of("web"), signal.SIGKILL)

    eventually(lambda: not is_alive(grandchild))


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_one_signal_ends_everything_with_code_0(supervise, number_of, is_alive, number):
    process = supervise("web:calm", "worker:parent")
    children = [number_of(name) for name in ("web", "worker", "grandchild")]

    process.send_signal(number)

    assert process.wait(timeout=10) == 0
    assert not any(is_alive(child) for child in children)


def test_what_others_talk_to_ends_last(supervise, tmp_path):
    process = supervise("sandbox:calm", "web:calm", "worker:calm")

    process.send_signal(signal.SIGINT)
    process.wait(timeout=10)

    assert (tmp_path / "ended").read_text().split()[-1] == "sandbox"


def test_open_requests_are_named_and_waited_for(supervise, said, tmp_path, eventually):
    process = supervise("worker:patient")
    now_open(tmp_path, 2)

    process.send_signal(signal.SIGINT)
    eventually(lambda: "2 requests are open at providers" in said())
    assert process.poll() is None

    now_open(tmp_path, 0)
    assert process.wait(timeout=10) == 0
    assert (tmp_path / "ended").read_text().split() == ["worker"]


def test_a_second_signal_ends_everything_now(
    supervise, said, tmp_path, number_of, is_alive, eventually
):
    process = supervise("worker:stubborn")
    now_open(tmp_path, 1)
    process.send_signal(signal.SIGINT)
    eventually(lambda: "1 request is open at providers" in said())

    def press_until_heard():  # two presses at once count as one
        process.send_signal(signal.SIGINT)
        return "Ending now: 1 request is cut off" in said()

    eventually(press_until_heard)

    assert process.wait(timeout=10) == 0
    assert not is_alive(number_of("worker"))


def test_a_child_that_does_not_listen_is_ended_when_no_request_is_open(
    supervise, number_of, is_alive
):
    process = supervise("worker:stubborn")

    process.send_signal(signal.SIGTERM)

    assert process.wait(timeout=10) == 0
    assert not is_alive(number_of("worker"))


@pytest.mark.skipif(not sys.platform.startswith("linux"), reason="only Linux tells a child")
def test_no_child_outlives_a_supervisor_that_is_killed(supervise, number_of, is_alive, eventually):
    process = supervise("web:calm", "worker:calm")
    children = [number_of("web"), number_of("worker")]

    process.kill()

    eventually(lambda: not any(is_alive(child) for child in children))


def test_a_large_log_is_set_aside_at_a_start_and_one_is_kept(tmp_path):
    log = tmp_path / "logs" / "web.log"
    begin_log(log).write_text("small")
    assert begin_log(log).read_text() == "small"

    log.write_bytes(b"x" * (LOG_BYTES + 1))

    assert not begin_log(log).exists()
    assert [path.name for path in log.parent.iterdir()] == ["web.log.1"]
