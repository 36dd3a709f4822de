"""The simulated providers on a port of this machine, over real HTTP."""

import signal
import socket
import threading
import time
import uuid
from collections.abc import Iterator, Sequence
from contextlib import closing, contextmanager, suppress
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import partial
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from socketserver import TCPServer
from types import FrameType
from typing import Any, NoReturn
from urllib.parse import parse_qsl

from imagegen.sandbox import deliveries, gemini, openai, xai
from imagegen.sandbox.deliveries import Wire
from imagegen.sandbox.exchange import Decision, Memory, Provider, decide
from imagegen.sandbox.faults import FAULTS
from imagegen.sandbox.log import Log, key_ending, logged_headers
from imagegen.sandbox.markers import Arguments
from imagegen.sandbox.messages import Answer, Request, json_answer

PROVIDERS: Sequence[Provider[Any]] = (openai, xai, gemini)


def known_faults() -> list[str]:
    """What may stand in a marker, for any of the providers."""
    return sorted({*FAULTS, *(name for each in PROVIDERS for name in each.FAULTS)})


NO_ARGUMENTS: Arguments = {}
LARGEST_REQUEST = 100_000_000


class SandboxServer(ThreadingHTTPServer):
    daemon_threads = True
    # Some 200 connections are opened in the same instant.
    request_queue_size = 1024

    def __init__(self, address: tuple[str, int], latency: float, log: Log) -> None:
        self.latency = latency
        self.log = log
        self.memory = Memory()
        self.stopping = threading.Event()
        self.connections: set[socket.socket] = set()
        self.answering: set[Exchange] = set()
        super().__init__(address, Exchange)

    def server_bind(self) -> None:
        # HTTPServer asks the DNS for its own name, which nobody needs and which can take seconds.
        TCPServer.server_bind(self)
        self.server_name, self.server_port = str(self.server_address[0]), self.server_address[1]

    def hang_up(self) -> None:
        """End what is under way, so that no thread outlives the server."""
        self.stopping.set()
        for connection in list(self.connections):
            with suppress(OSError):
                connection.shutdown(socket.SHUT_RDWR)


class Exchange(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True
    server: SandboxServer
    connection: socket.socket

    def setup(self) -> None:
        super().setup()
        self.server.connections.add(self.connection)

    def finish(self) -> None:
        self.server.connections.discard(self.connection)
        super().finish()

    def handle(self) -> None:
        # The client has left, or the sandbox is stopping: neither is worth a traceback.
        with suppress(ConnectionError):
            super().handle()

    def log_message(self, format: str, *arguments: Any) -> None:
        """Silent: the log file says more than an access log."""

    def answer(self) -> None:
        self.server.answering.add(self)
        try:
            self._answer(time.monotonic())
        finally:
            self.server.answering.discard(self)

    def _answer(self, started: float) -> None:
        body = self._body()
        if body is None:
            self.close_connection = True
            return
        wire = Wire(self.connection, self.rfile, self.server.stopping)
        decision = self._decision(body)
        answer = decision.compose()
        wire.pause(decision.latency - (time.monotonic() - started))
        decision.deliver(wire, answer)
        self.close_connection = self.close_connection or wire.broken

    do_GET = do_POST = do_PUT = do_PATCH = do_DELETE = answer

    def _body(self) -> bytes | None:
        """None when it does not arrive in full, or has no honest length."""
        text = self.headers.get("content-length", "0")
        if "transfer-encoding" in self.headers or not text.isdecimal():
            self._send(json_answer(411, {"error": "Send a Content-Length."}))
            return None
        length = int(text)
        if length > LARGEST_REQUEST:
            self._send(json_answer(413, {"error": "The request is too large."}))
            return None
        body = self.rfile.read(length)
        return body if len(body) == length else None

    def _decision(self, body: bytes) -> Decision:
        """Decided and, for all that may cost money, safely logged."""
        headers = {name.lower(): value for name, value in self.headers.items()}
        path, _, query = self.path.partition("?")
        names = dict(parse_qsl(query))
        request = Request(f"req_{uuid.uuid4().hex}", self.command, path, names, headers, body)
        provider = next((each for each in PROVIDERS if _is_under(each, path)), None)
        if provider is None:
            decision = _outside(request)
        else:
            decision = decide(provider, request, self.server.latency, self.server.memory)
        if request.method != "GET":
            open_now = len(self.server.answering)
            self.server.log.append(_entry(request, provider, decision, open_now))
        return decision

    def _send(self, answer: Answer) -> None:
        deliveries.whole(Wire(self.connection, self.rfile, self.server.stopping), answer, {})


def _is_under(provider: Provider[Any], path: str) -> bool:
    return any(path.startswith(f"{prefix}/") for prefix in provider.PREFIXES)


def _outside(request: Request) -> Decision:
    if request.path == "/healthz":
        answer = json_answer(200, {"status": "ok"})
    else:
        answer = json_answer(404, {"error": f"Nobody answers at {request.path}."})
    deliver = partial(deliveries.whole, arguments=NO_ARGUMENTS)
    return Decision(answer.status, False, None, 0, lambda: answer, deliver)


def _entry(
    request: Request, provider: Provider[Any] | None, decision: Decision, open_now: int
) -> dict[str, Any]:
    return {
        "time": datetime.now(UTC).isoformat(),
        "provider": provider.NAME if provider else None,
        "method": request.method,
        "path": request.path,
        "request_id": request.id,
        "key": key_ending(provider.key(request)) if provider else "",
        "headers": logged_headers(request),
        "body": request.json,
        "open": open_now,
        "fault": decision.fault,
        "status": decision.status,
        "billed": decision.billed,
    }


@dataclass(frozen=True)
class Sandbox:
    base_url: str
    log: Log

    def entries(self) -> list[dict[str, Any]]:
        return self.log.entries()


@contextmanager
def running(
    *, log: Path, port: int = 0, latency: float = 0, host: str = "127.0.0.1"
) -> Iterator[Sandbox]:
    """A sandbox in a thread of this process; port 0 takes any that is free."""
    with closing(Log(log)) as lines, SandboxServer((host, port), latency, lines) as server:
        thread = threading.Thread(target=server.serve_forever, args=(0.005,), daemon=True)
        thread.start()
        try:
            yield Sandbox(f"http://{host}:{server.server_port}", lines)
        finally:
            server.shutdown()
            server.hang_up()


def serve(host: str, port: int, latency: float, log: Path) -> None:
    """Serve until SIGTERM or Ctrl-C. What prevents the start is said in one sentence."""
    try:
        lines = Log(log)
    except OSError as error:
        raise SystemExit(f"The log {log} cannot be written ({error.strerror}).") from None
    try:
        server = SandboxServer((host, port), latency, lines)
    except (OSError, OverflowError) as error:
        raise SystemExit(
            f"The sandbox cannot listen on {host}:{port} ({_reason(error)});"
            " choose another port with --port."
        ) from None
    signal.signal(signal.SIGTERM, _stop)
    print(f"The sandbox listens on http://{host}:{server.server_port}, log {log}", flush=True)
    with suppress(KeyboardInterrupt), server, closing(lines):
        server.serve_forever()


def _reason(error: Exception) -> str:
    return getattr(error, "strerror", None) or str(error)


def _stop(number: int, frame: FrameType | None) -> NoReturn:
    raise SystemExit(0)
