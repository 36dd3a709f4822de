"""The spend cap of a month: who is warned when little is left of it."""

import logging
from smtplib import SMTPException

from django.conf import settings
from django.core.mail import EmailMessage
from django.db.models import F, QuerySet

from imagegen.billing.models import Wallet
from imagegen.billing.wallet import this_month
from workflows.models import Membership, User
from workflows.money import dollars

logger = logging.getLogger(__name__)

WARN_AT = 80
"""Percent of the cap."""


def near_their_cap() -> QuerySet[Wallet]:
    """Those of real money that have spent or hold so much of this month's cap that people are
    warned."""
    capped = Wallet.objects.filter(simulated=False, month=this_month(), cap_micro__isnull=False)
    return capped.filter(month_micro__gte=F("cap_micro") * WARN_AT / 100)


def warn_of_caps() -> int:
    """Once a month and wallet, by e-mail, to the owners of the workspace and to staff. The banner
    needs no sending. Returns how many wallets were warned of; two sweeps may run."""
    month = this_month()
    unwarned = near_their_cap().exclude(warned_for=month).select_related("workspace")
    return sum(_warn_once(wallet) for wallet in unwarned)


def _warn_once(wallet: Wallet) -> bool:
    month = this_month()
    taken = Wallet.objects.filter(pk=wallet.pk).exclude(warned_for=month).update(warned_for=month)
    if not taken:
        return False
    try:
        _mail(wallet).send()
    except (OSError, SMTPException):
        logger.exception("the warning about the cap of %s could not be sent", wallet.workspace)
        Wallet.objects.filter(pk=wallet.pk).update(warned_for=None)
        return False
    return True


def _mail(wallet: Wallet) -> EmailMessage:
    return EmailMessage(
        subject=f"{wallet.workspace}: {percent(wallet)} % of this month's spend cap is used",
        body=f"{sentence(wallet)}\n\n{settings.SITE_URL}\n",
        bcc=_who_is_warned(wallet),
    )


def _who_is_warned(wallet: Wallet) -> list[str]:
    owners = User.objects.filter(
        memberships__workspace=wallet.workspace_id, memberships__role=Membership.Role.OWNER
    )
    staff = User.objects.filter(is_staff=True)
    people = (owners | staff).filter(is_active=True).distinct()
    return list(people.order_by("email").values_list("email", flat=True))


def percent(wallet: Wallet) -> int:
    """How much of the cap is used; 100 for a cap of nothing."""
    cap = wallet.cap_micro or 0
    return 100 * wallet.counted_in(this_month()) // cap if cap else 100


def sentence(wallet: Wallet) -> str:
    used, cap = dollars(wallet.counted_in(this_month())), dollars(wallet.cap_micro or 0)
    return (
        f"{used} of {cap} of this month's spend cap of {wallet.workspace} is spent or held. At"
        " the cap, hosted runs stop until the next month (UTC) or until the cap is raised."
    )
