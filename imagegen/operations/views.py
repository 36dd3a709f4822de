"""Operations: how things stand in all workspaces, for staff."""

from typing import Any

from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_GET

from imagegen.operations.gauges import gauges, worst
from imagegen.operations.machine import machine
from imagegen.operations.overhead import last_week
from imagegen.operations.standing import Standing
from workflows.access import fragment_login_required, staff_only


@require_GET
@login_required
def operations(request: HttpRequest) -> HttpResponse:
    staff_only(request.user)
    standing = Standing()
    context = _now(standing) | {"days": last_week(standing.at)}
    return render(request, "imagegen/operations.html", context)


@require_GET
@fragment_login_required
def operations_now(request: HttpRequest) -> HttpResponse:
    staff_only(request.user)
    return render(request, "imagegen/operations.html#operations-now", _now(Standing()))


def _now(standing: Standing) -> dict[str, Any]:
    shown = [*gauges(standing), *machine()]
    return {"at": standing.at, "gauges": shown, "worst": worst(shown)}
