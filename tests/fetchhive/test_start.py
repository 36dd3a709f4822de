import re
import signal
import socket
import subprocess
import sys
from http.client import HTTPConnection
from pathlib import Path
from urllib.parse import urlsplit

import pytest

from fetchhive.ports import free_port
from tests.fetchhive.conftest import environment_in, gone_afterwards
from tests.waiting import wait_until

pytestmark = pytest.mark.processes
REPOSITORY = Path(__file__).resolve().parents[2]
MANAGE = [sys.executable, str(REPOSITORY / "manage.py")]


@pytest.fixture
def port(environment):
    port = free_port()
    environment["PORT"] = str(port)
    return port


def begin(environment, said, processes):
    """Starts everything and waits until it is ready; answers process and what it said."""
    with said.open("wb") as out:
        process = subprocess.Popen(
            [*MANAGE, "start", "--sandbox-latency", "0.1"],
            env=environment, stdout=out, stderr=out,
        )  # fmt: skip
    processes.append(process)
    wait_until(lambda: "Ctrl-C stops" in said.read_text() or process.poll() is not None, 120)
    assert process.poll() is None, said.read_text()
    return process, said.read_text()


@pytest.fixture
def start(tmp_path, environment, port, processes):
    return lambda: begin(environment, tmp_path / "said", processes)


@pytest.fixture(scope="module")
def running(tmp_path_factory):
    """The environment of one that runs, for all who only ask it something."""
    folder = tmp_path_factory.mktemp("running")
    environment = environment_in(folder) | {"PORT": str(free_port())}
    with gone_afterwards() as processes:
        begin(environment, folder / "said", processes)
        yield environment


def manage_in(environment, *arguments):
    return subprocess.run(
        [*MANAGE, *arguments], env=environment, capture_output=True, text=True, timeout=120
    )


@pytest.fixture
def manage(environment):
    return lambda *arguments: manage_in(environment, *arguments)


def children_of(process):
    listed = Path(f"/proc/{process.pid}/task/{process.pid}/children").read_text()
    return [int(number) for number in listed.split()]


def address_in(text, port):
    return re.search(rf"http://127\.0\.0\.1:{port}/\S+", text).group()


def signs_in(address):
    parts = urlsplit(address)
    connection = HTTPConnection(parts.netloc, timeout=20)
    connection.request("GET", parts.path)
    answer = connection.getresponse()
    connection.close()
    return answer.status == 302 and "session" in (answer.getheader("Set-Cookie") or "")


def test_a_first_start_prints_an_address_that_signs_in_and_ctrl_c_stops_it(
    start, port, environment, is_alive, manage
):
    process, said = start()
    children = children_of(process)

    assert len(children) == 4
    assert "OpenAI" in said
    assert "simulated" in said
    assert environment["FETCHHIVE_DATA"] in said
    assert signs_in(address_in(said, port))

    process.send_signal(signal.SIGINT)

    assert process.wait(timeout=60) == 0
    assert not any(is_alive(child) for child in children)


def test_a_fresh_address_is_for_the_running_instance(running):
    said = manage_in(running | {"PORT": "1"}, "sign_in").stdout

    assert signs_in(address_in(said, running["PORT"]))


def test_no_process_outlives_a_start_that_is_killed(start, is_alive, eventually):
    process, _ = start()
    children = children_of(process)

    process.kill()

    eventually(lambda: not any(is_alive(child) for child in children))


def test_a_second_start_with_the_same_data_is_one_sentence(running):
    second = manage_in(running | {"PORT": str(free_port())}, "start")

    assert second.returncode == 1
    assert second.stderr.count("\n") == 1
    assert f"already runs with the data in {running['FETCHHIVE_DATA']}" in second.stderr
    assert f"at http://127.0.0.1:{running['PORT']};" in second.stderr


def test_a_port_that_is_taken_is_one_sentence_that_tells_how_to_take_another(port, manage):
    with socket.create_server(("127.0.0.1", port)):
        ended = manage("start")

    assert ended.returncode == 1
    assert ended.stderr.count("\n") == 1
    assert re.match(
        rf"Port {port} is taken by another program; take another one like this: "
        r"PORT=\d+ make run\n",
        ended.stderr,
    )


def test_before_the_first_start_nobody_can_sign_in(environment, manage):
    ended = manage("sign_in")

    assert (ended.returncode, ended.stderr) == (1, "Start Fetch Hive first: make run\n")
