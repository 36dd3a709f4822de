import base64
import contextlib
import io
import os
import signal
import socket
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime

import httpx
import pytest

from imagegen.sandbox import server

SERVE = """
import sys
from pathlib import Path
from imagegen.sandbox.server import serve
serve("127.0.0.1", int(sys.argv[1]), 0, Path(sys.argv[2]))
"""


def start(port, log):
    command = [sys.executable, "-c", SERVE, str(port), str(log)]
    return subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)


def connected(sandbox):
    return socket.create_connection(("127.0.0.1", int(sandbox.base_url.rsplit(":", 1)[1])))


def test_health_needs_no_key(sandbox):
    assert httpx.get(f"{sandbox.base_url}/healthz").status_code == 200


def test_an_address_of_no_provider_is_not_found(sandbox):
    assert httpx.post(f"{sandbox.base_url}/v1/images").status_code == 404


def test_the_log_says_what_was_asked_and_what_was_decided(sandbox, generate):
    response = generate("A fox\nin snow", n=2, quality="low")

    (entry,) = sandbox.entries()
    assert datetime.fromisoformat(entry["time"]).utcoffset().total_seconds() == 0
    assert entry["provider"] == "openai"
    assert (entry["method"], entry["path"]) == ("POST", "/openai/v1/images/generations")
    assert entry["request_id"] == response.headers["x-request-id"]
    assert entry["body"]["prompt"] == "A fox\nin snow"
    assert entry["body"]["size"] == "816x816"
    assert (entry["status"], entry["billed"], entry["fault"]) == (200, True, None)


def test_the_log_holds_the_end_of_a_key_and_never_the_key(sandbox, generate):
    generate()
    generate(headers={"Authorization": "Bearer sk-invalid-zzzz-yyyy"})
    generate(headers={"Authorization": "Bearer short"})

    text = sandbox.log.path.read_text()
    assert [entry["key"] for entry in sandbox.entries()] == ["abcd", "yyyy", ""]
    assert "Bearer" not in text
    assert "0123456789" not in text
    assert "short" not in text


def test_the_line_stands_before_the_answer(sandbox, generate):
    with pytest.raises(httpx.ReadTimeout):
        generate("Late [[sandbox:slow latency=60]]", timeout=0.3)

    assert [entry["billed"] for entry in sandbox.entries()] == [True]


def test_the_log_says_how_many_requests_were_open(sandbox, generate):
    for latency in (60, 60, 0):
        with contextlib.suppress(httpx.ReadTimeout):
            generate(f"[[sandbox:slow latency={latency}]]", timeout=0.3 if latency else 20)
    assert [entry["open"] for entry in sandbox.entries()] == [1, 2, 3]


def test_a_heavy_picture_weighs_what_was_asked_for(generate):
    (image,) = generate("[[sandbox:heavy megabytes=1.7]]").json()["data"]
    assert len(base64.b64decode(image["b64_json"])) == pytest.approx(1.7e6, rel=0.1)


def test_a_request_that_breaks_off_is_not_logged(sandbox):
    start = b"POST /openai/v1/images/generations HTTP/1.1\r\nContent-Length: 100\r\n\r\n"
    with connected(sandbox) as connection:
        connection.sendall(start + b'{"model":')
        connection.shutdown(socket.SHUT_WR)
        assert connection.recv(100) == b""

    assert sandbox.entries() == []


def test_a_request_without_an_honest_length_is_not_logged(sandbox):
    with connected(sandbox) as connection:
        connection.sendall(b"POST /openai/v1/models HTTP/1.1\r\nContent-Length: -5\r\n\r\n")
        assert connection.recv(100).startswith(b"HTTP/1.1 411")

    assert sandbox.entries() == []


def test_a_log_that_exists_is_continued(tmp_path):
    for _ in range(2):
        with server.running(log=tmp_path / "log") as sandbox:
            httpx.post(f"{sandbox.base_url}/openai/v1/images/generations")

    assert len(sandbox.entries()) == 2


def test_fifty_requests_at_once_are_all_answered_and_logged(sandbox, generate):
    with ThreadPoolExecutor(50) as pool:
        prompts = [f"Picture {number} [[sandbox:quota]]" for number in range(40)]
        prompts += [f"Picture {number}" for number in range(10)]
        statuses = [response.status_code for response in pool.map(generate, prompts)]

    assert statuses == [429] * 40 + [200] * 10
    assert sorted(entry["body"]["prompt"] for entry in sandbox.entries()) == sorted(prompts)


def test_a_latency_of_the_server_can_be_overridden_by_a_header(tmp_path):
    address = "/openai/v1/images/generations"
    headers = {"Authorization": "Bearer any", "x-sandbox-latency": "0"}
    body = {"model": "gpt-image-2", "prompt": "A fox", "size": "816x816"}
    with server.running(log=tmp_path / "log", latency=600) as sandbox:
        response = httpx.post(sandbox.base_url + address, headers=headers, json=body, timeout=20)

    assert response.status_code == 200


def test_sigterm_ends_it_cleanly(tmp_path):
    with start(0, tmp_path / "log") as process:
        assert "listens on http://127.0.0.1:" in process.stdout.readline()
        os.kill(process.pid, signal.SIGTERM)
        errors = process.communicate(timeout=10)[1]

    assert (process.returncode, errors) == (0, "")


def test_a_port_that_is_taken_is_told_in_one_sentence(sandbox, tmp_path):
    port = sandbox.base_url.rsplit(":", 1)[1]
    with start(port, tmp_path / "log") as process:
        errors = process.communicate(timeout=10)[1]

    assert process.returncode == 1
    assert len(errors.splitlines()) == 1
    assert f"127.0.0.1:{port} (Address already in use)" in errors
    assert "--port" in errors


def test_a_log_that_cannot_be_written_is_told_in_one_sentence(tmp_path):
    with start(0, tmp_path / "missing" / "log") as process:
        errors = process.communicate(timeout=10)[1]

    assert process.returncode == 1
    assert len(io.StringIO(errors).readlines()) == 1
