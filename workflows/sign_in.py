"""Addresses that sign a person in: once, from this machine only, within a day."""

import hashlib
import secrets
from datetime import timedelta

from django.conf import settings
from django.urls import reverse
from django.utils.timezone import now

from workflows.models import SignInAddress, User

VALID_FOR = timedelta(days=1)


def address_for(user: User, site_url: str = "") -> str:
    """A fresh absolute address. Only its digest is kept, so it can never be shown again."""
    token = secrets.token_urlsafe(24)
    SignInAddress.objects.filter(expires_at__lt=now()).delete()
    SignInAddress.objects.create(user=user, digest=_digest(token), expires_at=now() + VALID_FOR)
    return (site_url or settings.SITE_URL) + reverse("workflows:sign-in-by-address", args=[token])


def use(token: str) -> User | None:
    """The person whose address this is; None when it is unknown, used or too old."""
    fresh = SignInAddress.objects.filter(
        digest=_digest(token), used_at=None, expires_at__gt=now(), user__is_active=True
    )
    if fresh.update(used_at=now()) != 1:
        return None
    return SignInAddress.objects.select_related("user").get(digest=_digest(token)).user


def _digest(token: str) -> str:
    return hashlib.sha256(token.encode()).hexdigest()
