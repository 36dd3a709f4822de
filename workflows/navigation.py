"""The one context processor: what the header of every page shows."""

from typing import Any

from django.conf import settings
from django.http import HttpRequest

from workflows.models import Membership


def navigation(request: HttpRequest) -> dict[str, Any]:
    if not request.user.is_authenticated:
        return {}
    memberships = Membership.objects.filter(user=request.user).select_related("workspace")
    match = request.resolver_match
    if match and "slug" in match.kwargs:
        memberships = memberships.filter(workspace__slug=match.kwargs["slug"])
    return {
        "membership": memberships.first(),
        "site_is_local": settings.SITE_HOST in LOOPBACK,
    }


LOOPBACK = ("127.0.0.1", "localhost", "::1")
