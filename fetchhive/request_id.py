"""A number for each HTTP request, in the logs and in the answer."""

import re
from collections.abc import Callable

from django.conf import settings
from django.core.signals import request_finished
from django.dispatch import receiver
from django.http import HttpRequest, HttpResponse
from structlog.contextvars import bind_contextvars, clear_contextvars

from workflows.keys import new_id

WELL_FORMED = re.compile(r"[A-Za-z0-9_-]{8,64}")


def request_id(get_response: Callable[[HttpRequest], HttpResponse]) -> Callable[..., HttpResponse]:
    def answer(request: HttpRequest) -> HttpResponse:
        clear_contextvars()
        number = _given(request) or new_id().hex
        bind_contextvars(request_id=number)
        response = get_response(request)
        response["X-Request-ID"] = number
        return response

    return answer


def _given(request: HttpRequest) -> str:
    """By the proxy in front. Without one a visitor could choose it."""
    given = request.headers.get("X-Request-ID", "") if settings.BEHIND_PROXY else ""
    return given if WELL_FORMED.fullmatch(given) else ""


@receiver(request_finished)
def forget(**_: object) -> None:
    """Only now: a refusal is logged after the middleware, and a file is sent after that."""
    clear_contextvars()
