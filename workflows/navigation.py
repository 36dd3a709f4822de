"""The one context processor: what the header of every page shows."""

from ipaddress import ip_address
from typing import Any

from django.conf import settings
from django.http import HttpRequest

from workflows.models import Membership


def navigation(request: HttpRequest) -> dict[str, Any]:
    if not request.user.is_authenticated:
        return {}
    memberships = Membership.objects.filter(user=request.user).select_related("workspace", "user")
    match = request.resolver_match
    if match and "slug" in match.kwargs:
        memberships = memberships.filter(workspace__slug=match.kwargs["slug"])
    return {
        "membership": memberships.first(),
        "site_is_local": is_this_machine(settings.SITE_HOST),
    }


def is_this_machine(host: str) -> bool:
    """Whether a name or address means the machine that it is used on."""
    if host == "localhost":
        return True
    try:
        address = ip_address(host)
    except ValueError:
        return False
    mapped = getattr(address, "ipv4_mapped", None)  # how IPv6 sockets name IPv4 visitors
    return (mapped or address).is_loopback
