"""Ways in which an answer travels, or fails to, once the whole request has been read."""

import socket
import struct
import threading
from collections.abc import Iterator
from email.utils import formatdate
from http.client import responses
from io import BufferedIOBase

from imagegen.sandbox.markers import Arguments
from imagegen.sandbox.messages import Answer

LONGEST_PAUSE = 3600.0
RESET_ON_CLOSE = struct.pack("ii", 1, 0)
ENDLESS_START = b'{"created":1713833628,"data":[{"b64_json":"'


class Wire:
    """The connection to one client."""

    def __init__(
        self, connection: socket.socket, reader: BufferedIOBase, stopping: threading.Event
    ) -> None:
        self.broken = False
        self._connection = connection
        self._reader = reader
        self._stopping = stopping

    def send(self, content: bytes) -> None:
        self._connection.sendall(content)

    def pause(self, seconds: float) -> None:
        if self._stopping.wait(min(seconds, LONGEST_PAUSE)):
            raise ConnectionAbortedError("the sandbox is stopping")

    def wait_until_the_client_leaves(self) -> None:
        while self._connection.recv(4096):
            pass

    def close(self) -> None:
        self.broken = True

    def reset(self) -> None:
        """End the connection with RST in place of FIN."""
        self.broken = True
        self._connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, RESET_ON_CLOSE)
        # The socket closes only when nothing made from it is open.
        self._reader.close()
        self._connection.close()


def head(answer: Answer) -> bytes:
    names = {name.lower() for name, _ in answer.headers}
    lines = [f"HTTP/1.1 {answer.status} {responses.get(answer.status, 'Unknown')}"]
    if "date" not in names:
        lines.append(f"Date: {formatdate(usegmt=True)}")
    if answer.chunked:
        lines.append("Transfer-Encoding: chunked")
    elif answer.status != 204:
        lines.append(f"Content-Length: {len(answer.body)}")
    lines.extend(f"{name}: {value}" for name, value in answer.headers)
    return "\r\n".join([*lines, "", ""]).encode("latin-1", "replace")


def chunk(piece: bytes) -> bytes:
    return b"%x\r\n%b\r\n" % (len(piece), piece)


def body(answer: Answer) -> Iterator[bytes]:
    if not answer.chunked:
        return iter((answer.body,))
    return iter((*(chunk(piece) for piece in answer.pieces if piece), chunk(b"")))


def whole(wire: Wire, answer: Answer, arguments: Arguments) -> None:
    wire.send(head(answer))
    for piece in body(answer):
        wire.send(piece)


def hang(wire: Wire, answer: Answer, arguments: Arguments) -> None:
    wire.wait_until_the_client_leaves()
    wire.close()


def stall(wire: Wire, answer: Answer, arguments: Arguments) -> None:
    _send_half(wire, answer)
    wire.wait_until_the_client_leaves()
    wire.close()


def drip_headers(wire: Wire, answer: Answer, arguments: Arguments) -> None:
    _drip(wire, head(answer), float(arguments["seconds"]))
    for piece in body(answer):
        wire.send(piece)


def drip_body(wire: Wire, answer: Answer, arguments: Arguments) -> None:
    wire.send(head(answer))
    for piece in body(answer):
        _drip(wire, piece, float(arguments["seconds"]))


def drop_before_headers(wire: Wire, answer: Answer, arguments: Arguments) -> None:
    wire.close()


def drop_after_headers(wire: Wire, answer: Answer, arguments: Arguments) -> None:
    wire.send(head(answer))
    wire.close()


def drop_mid_body(wire: Wire, answer: Answer, arguments: Arguments) -> None:
    _send_half(wire, answer)
    wire.close()


def reset_before_headers(wire: Wire, answer: Answer, arguments: Arguments) -> None:
    wire.reset()


def reset_mid_body(wire: Wire, answer: Answer, arguments: Arguments) -> None:
    _send_half(wire, answer)
    wire.reset()


def endless(wire: Wire, answer: Answer, arguments: Arguments) -> None:
    """A body of unknown length that says nothing new, for as long as `megabytes` last."""
    start = Answer(answer.status, headers=answer.headers, chunked=True)
    wire.send(head(start) + chunk(ENDLESS_START))
    for _ in range(int(arguments["megabytes"])):
        wire.send(chunk(b"A" * 1_000_000))
    wire.send(chunk(b'"}]}') + chunk(b""))


def continue_games(wire: Wire, answer: Answer, arguments: Arguments) -> None:
    wire.send(b"HTTP/1.1 100 Continue\r\n\r\n" * 3)
    wire.send(b"HTTP/1.1 103 Early Hints\r\nLink: </style.css>; rel=preload\r\n\r\n")
    whole(wire, answer, arguments)


def _send_half(wire: Wire, answer: Answer) -> None:
    content = b"".join(body(answer))
    wire.send(head(answer) + content[: len(content) // 2])


def _drip(wire: Wire, content: bytes, seconds: float) -> None:
    for byte in content:
        wire.send(bytes((byte,)))
        wire.pause(seconds)
