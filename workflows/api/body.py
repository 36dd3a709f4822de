"""Reading what a request brings, as strictly as can be: what is misread here is paid for."""

import json
from typing import Any, NoReturn

from django.http import HttpRequest
from ninja.parser import Parser

from workflows.api.problems import Refused


class StrictJson(Parser):
    def parse_body(self, request: HttpRequest) -> Any:
        """Raises Refused."""
        if request.content_type != "application/json":
            raise Refused(415, "Send the body as JSON, with Content-Type: application/json.")
        try:
            return json.loads(request.body, parse_constant=_refuse)
        except (ValueError, RecursionError):
            detail = 'The body is not valid JSON. Send something like {"inputs": {"name": "…"}}.'
            raise Refused(400, detail) from None


def _refuse(constant: str) -> NoReturn:
    raise ValueError(f"{constant} is no JSON")


def refuse_unknown_length(request: HttpRequest) -> None:
    """A body without a length would be read as none, and a run started without its inputs. Raises
    Refused."""
    if request.headers.get("Transfer-Encoding") and not request.headers.get("Content-Length"):
        raise Refused(411, "Send the body in one piece, with a Content-Length.")
