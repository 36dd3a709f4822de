"""What all addresses of the API have in common."""

from collections.abc import Callable
from functools import wraps
from typing import Any

from django.conf import settings
from django.http import Http404, HttpRequest, HttpResponse
from django.urls import URLPattern, URLResolver
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_GET
from ninja import NinjaAPI
from ninja.openapi.schema import OpenAPISchema
from ninja.operation import Operation

from workflows.api.body import StrictJson, refuse_unknown_length
from workflows.api.description import INTRODUCTION, complete
from workflows.api.keys import BearerKey
from workflows.api.problems import (
    Refused,
    not_allowed,
    not_found,
    problem,
    tell_by_problems,
    unexpected,
)

View = Callable[..., HttpResponse]


class Api(NinjaAPI):
    """Without pages of documentation: their scripts come from elsewhere, which our policy
    forbids."""

    def __init__(self) -> None:
        super().__init__(
            title="Fetch Hive",
            version="1",
            description=INTRODUCTION,
            urls_namespace="api",
            auth=BearerKey(),
            parser=StrictJson(),
            docs_url=None,
            docs_decorator=require_GET,
        )
        tell_by_problems(self)

    def get_openapi_operation_id(self, operation: Operation) -> str:
        return operation.view_func.__name__

    def get_openapi_schema(self, **asked: Any) -> OpenAPISchema:
        schema = super().get_openapi_schema(**asked)
        schema["servers"] = [{"url": settings.SITE_URL}]
        complete(schema)
        return schema


def routes(api: NinjaAPI) -> tuple[list[URLResolver | URLPattern], str, str]:
    """For the table of addresses. All of them answer in the same manner."""
    patterns, application, namespace = api.urls
    for pattern in patterns:
        assert isinstance(pattern, URLPattern)  # there are no tables within this one
        pattern.callback = in_our_manner(pattern.callback)
    return patterns, application, namespace


def in_our_manner(view: View) -> View:
    """Errors are problems, whoever raised them; nobody keeps an answer."""

    @csrf_exempt  # there is no cookie to be abused: only the header opens anything
    @wraps(view)
    def answer(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        response = _answer(view, request, *args, **kwargs)
        response["Cache-Control"] = "no-store"
        return response

    return answer


def _answer(view: View, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
    try:
        refuse_unknown_length(request)
        response = view(request, *args, **kwargs)
    except Refused as refused:
        return problem(refused.status, refused.detail)
    except Http404:
        return not_found(request)
    except Exception as error:
        return unexpected(request, error)
    return not_allowed(response["Allow"]) if response.status_code == 405 else response


no_such_address = in_our_manner(not_found)
