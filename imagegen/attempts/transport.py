"""Sending one request, once. No retries, no redirects, no proxies, a deadline by the wall clock."""

import json
import socket
import ssl
import threading
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from functools import cache
from http.cookiejar import CookieJar, DefaultCookiePolicy
from typing import Any

import httpx
from django.conf import settings

from imagegen.attempts.spool import SpoolWriter
from imagegen.errors import Fault
from imagegen.providers.contract import Question, Request

REPLY_BYTES = 2_000_000


@dataclass(frozen=True)
class Answered:
    """A complete answer, safe in the spool."""

    status: int
    size: int
    sha256: str


@dataclass(frozen=True)
class Reply:
    """The answer to a question, in memory. Satisfies `imagegen.providers.contract.Body`."""

    status: int
    headers: Mapping[str, str]
    body: bytes

    @property
    def size(self) -> int:
        return len(self.body)

    def start(self, size: int) -> bytes:
        return self.body[:size]

    def json(self) -> Any:
        return json.loads(self.body)

    @property
    def is_object(self) -> bool:
        with suppress(ValueError, RecursionError):
            return isinstance(self.json(), dict)
        return False


@dataclass(frozen=True)
class Failed:
    fault: Fault
    detail: str = ""
    request_id: str = ""


class FailedWithKey(RuntimeError):
    """Something went wrong while a key was open."""


@contextmanager
def nothing_quoted(*ours: type[Exception]) -> Iterator[None]:
    """An exception may quote what it was given, and so the key: its type and place go on, its
    words do not. `ours` quote nothing."""
    try:
        yield
    except ours:
        raise
    except Exception as error:
        raise FailedWithKey(type(error).__name__).with_traceback(error.__traceback__) from None


@cache
def client() -> httpx.Client:
    """One per process. Connections are not kept: a kept one that the provider closed meanwhile
    would turn a request that never arrived into one whose outcome nobody knows."""
    limits = httpx.Limits(max_connections=None, max_keepalive_connections=0)
    transport = httpx.HTTPTransport(retries=0, limits=limits, trust_env=False)
    none_at_all = CookieJar(policy=DefaultCookiePolicy(allowed_domains=[]))
    return httpx.Client(
        transport=transport, trust_env=False, follow_redirects=False, cookies=none_at_all
    )


class Deadline:
    """Ends a request by the wall clock. A read timeout alone would let a dripping answer live
    for ever; shutting the socket down ends every kind of waiting."""

    def __init__(self, seconds: float) -> None:
        self.seconds = seconds
        self.has_passed = False
        self._socket: socket.socket | None = None
        self._lock = threading.Lock()
        self._timer = threading.Timer(seconds, self._pass)
        self._timer.daemon = True

    def __enter__(self) -> "Deadline":
        self._timer.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._timer.cancel()

    def watch(self, event: str, info: dict[str, Any]) -> None:
        """httpcore's trace: learn the socket as soon as there is one."""
        if event in ("connection.connect_tcp.complete", "connection.start_tls.complete"):
            with self._lock:
                self._socket = info["return_value"].get_extra_info("socket")
            if self.has_passed:
                self._pass()

    def _pass(self) -> None:
        self.has_passed = True
        with self._lock:
            if self._socket is not None:
                _shut(self._socket)


def _shut(connection: socket.socket) -> None:
    with suppress(OSError):  # it was closed already
        # An SSLSocket's own shutdown() may first talk TLS; the plain one only cuts.
        socket.socket.shutdown(connection, socket.SHUT_RDWR)


def send(request: Request, spool: SpoolWriter, seconds: float) -> Answered | Failed:
    """Send it and spool the answer. Whatever happens, it is never sent a second time."""
    with Deadline(seconds) as deadline:
        try:
            return _exchange(request, spool, deadline)
        except NOTHING_LEFT:
            return Failed(Fault.UNREACHABLE)
        except (httpx.HTTPError, ssl.SSLError) as error:
            if deadline.has_passed or isinstance(error, httpx.ReadTimeout):
                return Failed(Fault.DEADLINE, f"{seconds:g} s", spool.request_id)
            return Failed(Fault.CONNECTION_BROKE, _so_far(spool), spool.request_id)
        except OSError:  # of the spool; httpx has words of its own for the network
            return Failed(Fault.NOT_SPOOLED, request_id=spool.request_id)


# No connection, or a request that cannot be written as HTTP at all.
NOTHING_LEFT = (
    httpx.ConnectError,
    httpx.ConnectTimeout,
    httpx.PoolTimeout,
    httpx.LocalProtocolError,
    UnicodeError,
)


def _so_far(spool: SpoolWriter) -> str:
    return f"it broke off after {spool.size:,} bytes" if spool.size else "no answer had come"


def _exchange(request: Request, spool: SpoolWriter, deadline: Deadline) -> Answered | Failed:
    body = json.dumps(request.body, ensure_ascii=False).encode("utf-8", "replace")
    with client().stream(
        "POST",
        request.url,
        content=body,
        headers={**request.headers, "accept-encoding": "identity"},
        timeout=httpx.Timeout(deadline.seconds + 1, connect=settings.CONNECT_SECONDS),
        extensions={"trace": deadline.watch},
    ) as response:
        spool.begin(response.status_code, response.headers)
        if fault := _refused_by_headers(response):
            return Failed(fault, request_id=spool.request_id)
        for chunk in response.iter_raw():
            if spool.size + len(chunk) > settings.ANSWER_BYTES:
                return Failed(Fault.ANSWER_TOO_LARGE, request_id=spool.request_id)
            spool.write(chunk)
        if _ends_with_the_connection(response) and not spool.is_whole():
            return Failed(Fault.CONNECTION_BROKE, _so_far(spool), spool.request_id)
        sha256 = spool.complete()
        return Answered(response.status_code, spool.size, sha256)


def ask(question: Question, seconds: float) -> Reply | Failed:
    """Send it and read the answer, under the rules of every request."""
    with Deadline(seconds) as deadline:
        try:
            return _replied(question, deadline)
        except NOTHING_LEFT:
            return Failed(Fault.UNREACHABLE)
        except (httpx.HTTPError, ssl.SSLError):
            return Failed(Fault.DEADLINE if deadline.has_passed else Fault.CONNECTION_BROKE)


def _replied(question: Question, deadline: Deadline) -> Reply | Failed:
    with client().stream(
        "GET",
        question.url,
        headers={**question.headers, "accept-encoding": "identity"},
        timeout=httpx.Timeout(deadline.seconds + 1, connect=settings.CONNECT_SECONDS),
        extensions={"trace": deadline.watch},
    ) as response:
        if fault := _refused_by_headers(response):
            return Failed(fault)
        body = b""
        for chunk in response.iter_raw():
            body += chunk
            if len(body) > REPLY_BYTES:
                return Failed(Fault.ANSWER_TOO_LARGE)
        return Reply(response.status_code, dict(response.headers), body)


def _ends_with_the_connection(response: httpx.Response) -> bool:
    """Then a connection that was cut looks like the end of the answer."""
    if response.status_code == 204:  # has no body, whatever its headers say
        return False
    return not {"content-length", "transfer-encoding"} & set(response.headers)


def _refused_by_headers(response: httpx.Response) -> Fault | None:
    if response.headers.get("content-encoding", "identity").lower() != "identity":
        return Fault.ANSWER_UNEXPECTED  # not asked for; unpacking it could exhaust memory
    if 300 <= response.status_code < 400:
        return Fault.REDIRECTED
    return None


def refuse_foreign_host(url: str) -> None:
    """Only the hosts of the providers' routes are ever called. Raises ValueError."""
    bases = [route["base_url"].rstrip("/") for route in settings.PROVIDER_ROUTES.values()]
    if settings.SANDBOX_URL:
        bases.append(settings.SANDBOX_URL)
    if not any(url.startswith(f"{base}/") for base in bases):
        raise ValueError("this address belongs to no provider of ours")
