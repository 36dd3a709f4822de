"""What every page says about money."""

from django import template

from imagegen.billing.caps import near_their_cap, sentence
from workflows.models import Membership

register = template.Library()

WARNED = (Membership.Role.OWNER, Membership.Role.BILLING)


@register.simple_tag
def cap_warnings(membership: Membership | None) -> list[str]:
    """For those who can do something about it: owners, billing, and staff in their workspace."""
    if not membership or not (membership.role in WARNED or membership.user.is_staff):
        return []
    wallets = near_their_cap().filter(workspace=membership.workspace_id)
    return [sentence(wallet) for wallet in wallets.select_related("workspace")]
