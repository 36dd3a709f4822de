"""Lists page by page, newest first: as fast on the last page as on the first, and nothing is
skipped or shown twice while new rows arrive."""

from typing import TypeVar

from django.conf import settings
from django.db.models import Model, QuerySet
from django.http import HttpRequest, HttpResponse

from workflows.api.shapes import Paging

Row = TypeVar("Row", bound=Model)


def page_of(
    rows: QuerySet[Row], asked: Paging, request: HttpRequest, response: HttpResponse
) -> tuple[list[Row], str | None]:
    """The rows, and where the next page begins, which the header Link says, too. Keys are in the
    order of time."""
    if asked.cursor:
        rows = rows.filter(pk__lt=asked.cursor)
    found = list(rows.order_by("-pk")[: asked.limit + 1])
    shown = found[: asked.limit]
    if len(found) == len(shown):
        return shown, None
    cursor = str(shown[-1].pk)
    response["Link"] = f'<{_address(request, cursor)}>; rel="next"'
    return shown, cursor


def _address(request: HttpRequest, cursor: str) -> str:
    query = request.GET.copy()
    query["cursor"] = cursor
    return f"{settings.SITE_URL}{request.path}?{query.urlencode()}"
