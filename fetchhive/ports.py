"""Ports of this machine: is one free, and which one is."""

import errno
import socket
import time

from fetchhive.refusal import Refusal

PORTS = range(1, 65536)


def free_port(host: str = "127.0.0.1") -> int:
    with socket.socket() as probe:
        probe.bind((host, 0))
        port: int = probe.getsockname()[1]
        return port


def check(host: str, port: int, patience: float = 0) -> None:
    """Refuse when the port cannot be opened, also not within `patience` seconds."""
    if port not in PORTS:
        raise Refusal(f"PORT={port} is not a port; take one like this: PORT=8001 make run")
    deadline = time.monotonic() + patience
    while error := _obstacle(host, port):
        if time.monotonic() >= deadline:
            raise Refusal(_refusal(host, port, error)) from error
        time.sleep(0.1)


def _obstacle(host: str, port: int) -> OSError | None:
    try:
        _bind(host, port)
    except OSError as error:
        return error
    return None


def _bind(host: str, port: int) -> None:
    found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM, flags=socket.AI_PASSIVE)
    family, kind, protocol, _, address = found[0]
    with socket.socket(family, kind, protocol) as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        probe.bind(address)


def _refusal(host: str, port: int, error: OSError) -> str:
    if error.errno == errno.EADDRINUSE:
        return (
            f"Port {port} is taken by another program; "
            f"take another one like this: PORT={_next_free(host, port)} make run"
        )
    if error.errno == errno.EACCES:
        return f"Port {port} needs more rights than you have; take another: PORT=8001 make run"
    return f"HOST={host} is no address of this machine; leave HOST out to use 127.0.0.1"


def _next_free(host: str, port: int) -> int:
    for other in range(port + 1, min(port + 50, PORTS.stop)):
        if not _obstacle(host, other):
            return other
    return free_port(host)
