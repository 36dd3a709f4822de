"""Stands before an HTTP server and spoils what it is told to; everything else passes unchanged."""

import contextlib
import socket
import struct
import threading
from http.client import HTTPConnection
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import urlsplit

SAID = "<Error><Code>{}</Code><Message>As it was told.</Message></Error>"
REFUSALS = {
    "error": (500, "InternalError"),
    "busy": (503, "SlowDown"),
    "skewed_clock": (403, "RequestTimeTooSkewed"),
    "taken": (412, "PreconditionFailed"),
}
AT_ONCE = struct.pack("ii", 1, 0)  # SO_LINGER: a close that resets


class FaultProxy:
    def __init__(self, behind):
        self.behind = urlsplit(behind).netloc
        self.url = ""
        self.faults = []
        """For the next requests that change something, in turn; None lets one pass."""
        self.seen = []
        """Method and headers of each request."""
        self.over = threading.Event()

    def next_fault(self, method, headers):
        self.seen.append((method, headers))
        return self.faults.pop(0) if method in ("PUT", "DELETE") and self.faults else None


class Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    proxy: FaultProxy

    def handle_expect_100(self):
        return True  # the body comes after a second, too, and is not worth a round trip

    def log_message(self, *args):
        pass

    def pass_on(self):
        fault = self.proxy.next_fault(self.command, self.headers)
        if self.headers.get("Expect"):
            self.send_response_only(100)
            self.end_headers()
        length = int(self.headers.get("Content-Length", 0))
        if fault == "reset":
            self.rfile.read(length // 2)
            self.connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, AT_ONCE)
            self.connection.close()
            self.close_connection = True
            return
        body = self.rfile.read(length)
        if fault == "slow":
            self.proxy.over.wait(30)
            self.close_connection = True
        elif fault in REFUSALS:
            status, code = REFUSALS[fault]
            self.answer(status, {}, SAID.format(code).encode())
        else:
            self.answer(*self.asked_behind(body, fault))

    do_GET = do_HEAD = do_PUT = do_DELETE = pass_on

    def asked_behind(self, body, fault):
        connection = HTTPConnection(self.proxy.behind, timeout=30)
        headers = {name: value for name, value in self.headers.items() if name != "Expect"}
        connection.putrequest(self.command, self.path, skip_host=True, skip_accept_encoding=True)
        for name, value in headers.items():
            connection.putheader(name, value)
        connection.endheaders(body)
        with contextlib.closing(connection):
            answer = connection.getresponse()
            said = dict(answer.getheaders())
            if fault == "wrong_etag":
                said["Etag"] = f'"{"0" * 32}"'
            if fault == "lost_answer":
                answer.read()
                return 500, {}, SAID.format("InternalError").encode()
            return answer.status, said, answer.read()

    def answer(self, status, headers, body):
        self.send_response_only(status)
        for name, value in headers.items():
            if name.lower() not in ("content-length", "transfer-encoding", "connection"):
                self.send_header(name, value)
        length = headers.get("Content-Length") if self.command == "HEAD" else len(body)
        self.send_header("Content-Length", str(length or 0))
        self.end_headers()
        if self.command != "HEAD":
            self.wfile.write(body)


class QuietServer(ThreadingHTTPServer):
    daemon_threads = True

    def handle_error(self, request, client_address):
        pass  # of a connection that was reset


@contextlib.contextmanager
def before(url):
    proxy = FaultProxy(url)
    handler = type("Bound", (Handler,), {"proxy": proxy})
    with QuietServer(("127.0.0.1", 0), handler) as server:
        proxy.url = f"http://127.0.0.1:{server.server_port}"
        thread = threading.Thread(target=server.serve_forever, args=[0.02], daemon=True)
        thread.start()
        try:
            yield proxy
        finally:
            proxy.over.set()
            server.shutdown()
            thread.join()
