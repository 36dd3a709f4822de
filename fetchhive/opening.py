"""The time between the start of the processes and the first answer of the web server."""

import time
from collections.abc import Callable
from http.client import HTTPConnection, HTTPException

from fetchhive.children import Child
from fetchhive.refusal import Refusal

EVERYWHERE = {"": "127.0.0.1", "0.0.0.0": "127.0.0.1", "::": "::1"}


class Opening:
    """Looks at every tick of the supervisor whether the web server answers, until it does."""

    def __init__(
        self, web: Child, host: str, port: int, then: Callable[[], None], patience: float = 60
    ) -> None:
        self.web = web
        self.host = EVERYWHERE.get(host, host)
        self.port = port
        self.then = then
        self.deadline = time.monotonic() + patience
        self.is_over = False

    def look(self) -> None:
        if self.is_over:
            return
        if self.web.is_running and self._answers():
            self.is_over = True
            self.then()
        elif self.web.deaths > 3 or time.monotonic() > self.deadline:
            raise Refusal(f"The web server does not start; its log tells why: {self.web.log}")

    def _answers(self) -> bool:
        connection = HTTPConnection(self.host, self.port, timeout=1)
        try:
            connection.request("GET", "/healthz")
            return connection.getresponse().status == 200
        except (OSError, HTTPException):
            return False
        finally:
            connection.close()
