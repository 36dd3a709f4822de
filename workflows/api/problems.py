"""Every error of the API is a problem (RFC 9457), in the words that pages use."""

import json
import logging
from collections.abc import Callable, Iterable
from typing import Any

from django.core.exceptions import RequestDataTooBig
from django.http import Http404, HttpRequest, HttpResponse
from ninja import Field, NinjaAPI
from ninja.errors import AuthenticationError, HttpError, ValidationError

from workflows.api.shapes import Shape
from workflows.kinds import Problem as Obstacle
from workflows.runs.start import CannotRun, KeyUsedElsewhere, TooManyAtOnce

logger = logging.getLogger(__name__)

MEDIA_TYPE = "application/problem+json"
TITLES = {
    400: "Bad Request",
    401: "Unauthorized",
    404: "Not Found",
    405: "Method Not Allowed",
    409: "Conflict",
    411: "Length Required",
    413: "Content Too Large",
    415: "Unsupported Media Type",
    422: "Unprocessable Content",
    429: "Too Many Requests",
    500: "Internal Server Error",
}
MOST_ERRORS = 50  # a body may hold very many names that there are not
RETRY_AFTER = 5  # seconds: runs take longer, but one of several may end any time
NOT_FOUND = (
    "There is nothing at this address that your API key may see. Check the path and the id in it."
)
REUSED = (
    "This Idempotency-Key was sent with another request before. Use a new key for a new request."
)


class WrongField(Shape):
    field: str | None = Field(description="What it is about; null for the workflow itself.")
    detail: str


class Problem(Shape):
    type: str = Field(description="Always about:blank: the status says what it is.")
    title: str
    status: int
    detail: str = Field(description="One or two sentences with the next action.")
    error_code: str | None = Field(
        description="Of the list that runs use, where one fits; else null."
    )
    errors: list[WrongField] = Field([], description="With 422: everything that is to be mended.")


class Refused(Exception):
    def __init__(self, status: int, detail: str) -> None:
        super().__init__(detail)
        self.status = status
        self.detail = detail


def problem(
    status: int,
    detail: str,
    *,
    error_code: str | None = None,
    errors: Iterable[dict[str, Any]] = (),
    headers: dict[str, str] | None = None,
) -> HttpResponse:
    told = {
        "type": "about:blank",
        "title": TITLES[status],
        "status": status,
        "detail": detail,
        "error_code": error_code,
        "errors": list(errors),
    }
    return HttpResponse(json.dumps(told), status=status, content_type=MEDIA_TYPE, headers=headers)


def not_found(request: HttpRequest, *args: Any) -> HttpResponse:
    return problem(404, NOT_FOUND)


def not_allowed(methods: str) -> HttpResponse:
    detail = f"This address answers {methods} only."
    return problem(405, detail, headers={"Allow": methods})


def unexpected(request: HttpRequest, error: Exception) -> HttpResponse:
    logger.error("the API failed at %s %s", request.method, request.path, exc_info=error)
    detail = "Something went wrong on our side. It was logged; try again, with the same"
    return problem(500, f"{detail} Idempotency-Key if you sent one.", error_code="internal_error")


def _unauthorised(request: HttpRequest, error: Exception) -> HttpResponse:
    """What a client is told is in the header, too (RFC 6750, 3)."""
    if "Authorization" not in request.headers:
        wanted = 'Send your API key in the header "Authorization: Bearer …".'
        return problem(401, wanted, headers={"WWW-Authenticate": 'Bearer realm="Fetch Hive"'})
    invalid = 'Bearer realm="Fetch Hive", error="invalid_token"'
    detail = "This is no API key, or it was revoked. An owner makes another in API keys."
    return problem(401, detail, headers={"WWW-Authenticate": invalid})


def _refused(request: HttpRequest, error: Any) -> HttpResponse:
    """Ninja hides what its parser raised behind an error of its own."""
    refused = error.__cause__ if isinstance(error.__cause__, Refused) else error
    status = refused.status if isinstance(refused, Refused) else refused.status_code
    return problem(status, str(refused))


def _too_big(request: HttpRequest, error: Exception) -> HttpResponse:
    return problem(413, "The body is larger than the 2.5 MB that Fetch Hive reads. Send less.")


def _invalid(request: HttpRequest, error: Any) -> HttpResponse:
    """Without its place in our own code: the header or parameter, or the path in the body."""
    wrong = [(".".join(map(str, each["loc"][-1:])), each["msg"]) for each in error.errors]
    return _unprocessable([Obstacle(field, f"{sentence}.") for field, sentence in wrong])


def _cannot_run(request: HttpRequest, error: Any) -> HttpResponse:
    return _unprocessable(error.problems)


def _unprocessable(found: list[Obstacle]) -> HttpResponse:
    obstacles = found[:MOST_ERRORS]
    errors = [{"field": each.field or None, "detail": each.sentence} for each in obstacles]
    detail = " ".join(dict.fromkeys(each.sentence for each in obstacles))
    return problem(422, detail, error_code="invalid_setting", errors=errors)


def _too_many(request: HttpRequest, error: Exception) -> HttpResponse:
    headers = {"Retry-After": str(RETRY_AFTER)}
    return problem(429, str(error), error_code="rate_limited", headers=headers)


def _reused(request: HttpRequest, error: Exception) -> HttpResponse:
    return problem(409, REUSED)


HANDLERS: dict[type[Exception], Callable[[HttpRequest, Any], HttpResponse]] = {
    AuthenticationError: _unauthorised,
    CannotRun: _cannot_run,
    Exception: unexpected,
    Http404: not_found,
    HttpError: _refused,
    KeyUsedElsewhere: _reused,
    Refused: _refused,
    RequestDataTooBig: _too_big,
    TooManyAtOnce: _too_many,
    ValidationError: _invalid,
}


def tell_by_problems(api: NinjaAPI) -> None:
    for kind, handler in HANDLERS.items():
        api.add_exception_handler(kind, handler)
