"""What every page says about money."""

from typing import Any

from django import template

from imagegen.billing.caps import near_their_cap, sentence
from workflows.models import Membership

register = template.Library()

WARNED = (Membership.Role.OWNER, Membership.Role.BILLING)
MOST = 3
"""Of the workspaces that staff are told of on every page; each has its own mail."""


@register.simple_tag
def cap_warnings(user: Any, membership: Membership | None) -> list[str]:
    """For those who can do something about it: owners and billing in their workspace, and staff.
    `user`: nobody on pages of errors."""
    wallets = near_their_cap().select_related("workspace").order_by("workspace__name")
    if getattr(user, "is_staff", False):
        return [sentence(wallet) for wallet in wallets[:MOST]]
    if not membership or membership.role not in WARNED:
        return []
    return [sentence(wallet) for wallet in wallets.filter(workspace=membership.workspace_id)]
