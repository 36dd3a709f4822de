"""How much the accounts at the providers take: one limiter for each, shared by all workers.

An account that asked for patience is closed for that long. Afterwards it is asked by fewer at once,
and by one more with every good answer: a closed door that opens to everybody at once only closes
again.
"""

from collections.abc import Collection
from datetime import datetime, timedelta
from uuid import UUID

from django.conf import settings
from django.db import models
from django.db.models import ExpressionWrapper, F, Q
from django.db.models.functions import Now

from imagegen.attempts.models import Part


class ProviderAccount(models.Model):
    """One account at one provider, as far as requests of ours are concerned."""

    name = models.CharField(primary_key=True, max_length=60)
    closed_until = models.DateTimeField(null=True)
    at_once = models.PositiveIntegerField(null=True)
    """The most requests together; None until it asks for patience."""

    def __str__(self) -> str:
        return self.name

    @property
    def room(self) -> int:
        limit: int = settings.REQUESTS_PER_PROVIDER
        return limit if self.at_once is None else min(self.at_once, limit)


def account_name(provider: str, workspace_id: UUID, *, personal: bool, simulated: bool) -> str:
    if personal:
        return f"{provider}:{workspace_id}"
    return f"{provider}:{'sandbox' if simulated else 'hosted'}"


def locked(names: Collection[str]) -> dict[str, ProviderAccount]:
    """By name, those that are open. Locked until the transaction ends, so that claims of all
    workers take turns and what they count is true."""
    closed = ExpressionWrapper(Q(closed_until__gt=Now()), models.BooleanField())
    accounts = ProviderAccount.objects.annotate(closed=closed).select_for_update()
    found = list(accounts.filter(name__in=names).order_by("name"))
    if len(found) < len(names):
        new = [ProviderAccount(name=name) for name in names]
        ProviderAccount.objects.bulk_create(new, ignore_conflicts=True)
        return locked(names)
    return {account.name: account for account in found if not account.closed}


def closed_accounts(names: Collection[str]) -> dict[str, datetime]:
    """Until when, by name, those that asked for patience and are not to be asked yet."""
    if not names:
        return {}
    closed = ProviderAccount.objects.filter(name__in=names, closed_until__gt=Now())
    return {account.name: account.closed_until for account in closed if account.closed_until}


def slow_down(part: Part, seconds: float) -> None:
    """Its account asked for patience: nobody asks it for so long, and then half as many as now."""
    under_way = Part.objects.unanswered().filter(account=part.account).leased().count()
    fewer, until = max(1, under_way // 2), Now() + timedelta(seconds=seconds)
    account = ProviderAccount.objects.filter(pk=part.account)
    account.filter(Q(at_once=None) | Q(at_once__gt=fewer)).update(at_once=fewer)
    account.filter(Q(closed_until=None) | Q(closed_until__lt=until)).update(closed_until=until)


def take_more(part: Part) -> None:
    """It gave a good answer: one more at once."""
    held_back = ProviderAccount.objects.filter(pk=part.account, at_once__isnull=False)
    held_back.update(at_once=F("at_once") + 1)
