"""The one context processor: what the header of every page shows."""

from typing import Any

from django.conf import settings
from django.http import HttpRequest

from workflows.models import Membership


def navigation(request: HttpRequest) -> dict[str, Any]:
    match = request.resolver_match
    slug = match.kwargs.get("slug") if match else None
    if not slug or not request.user.is_authenticated:
        return {}
    membership = (
        Membership.objects.filter(user=request.user, workspace__slug=slug)
        .select_related("workspace")
        .first()
    )
    return {"membership": membership, "site_is_local": settings.SITE_HOST in LOOPBACK}


LOOPBACK = ("127.0.0.1", "localhost", "::1")
