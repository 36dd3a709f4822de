"""Wallets and charges. Money is integers of micro-dollars (10**-6 dollars)."""

from datetime import date

from django.db import models
from django.db.models import F, Q

from imagegen.attempts.models import Attempt, Part
from workflows.keys import new_id
from workflows.models import Workspace
from workflows.money import dollars


class Wallet(models.Model):
    """What a workspace may still spend. The sandbox has play money of its own, so that simulated
    and real amounts never meet in one row."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    workspace = models.ForeignKey(Workspace, models.CASCADE, related_name="wallets")
    simulated = models.BooleanField()
    posted = models.BigIntegerField(default=0)
    held = models.BigIntegerField(default=0)
    cap_micro = models.BigIntegerField(null=True)
    """The most that holds and charges of one month, UTC, may come to; None when there is none."""
    month = models.DateField(null=True)
    """First day of the month that `month_micro` counts."""
    month_micro = models.BigIntegerField(default=0)
    warned_for = models.DateField(null=True)
    """The month whose cap somebody was last warned about."""

    class Meta:
        constraints = (
            models.CheckConstraint(
                name="wallet_cap_not_negative", condition=Q(cap_micro=None) | Q(cap_micro__gte=0)
            ),
            models.UniqueConstraint(
                fields=["workspace", "simulated"], name="wallet_one_real_and_one_simulated"
            ),
            models.CheckConstraint(
                name="wallet_never_overdrawn", condition=Q(held__gte=0, posted__gte=F("held"))
            ),
        )

    def __str__(self) -> str:
        return f"wallet of {self.workspace}"

    @property
    def available(self) -> int:
        return self.posted - self.held

    def counted_in(self, month: date) -> int:
        """What counts towards the cap of a month: its charges and what is held."""
        return self.month_micro if self.month == month else 0

    def month_text(self, month: date) -> str:
        """How the cap stands, in words."""
        counted = self.counted_in(month)
        held = min(self.held, counted)
        cap = "no cap" if self.cap_micro is None else f"a cap of {dollars(self.cap_micro)}"
        return f"{dollars(counted - held)} is spent and {dollars(held)} held of {cap}"


class Charge(models.Model):
    """What a part cost, with the arithmetic. Never edited, never deleted."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    workspace = models.ForeignKey(Workspace, models.PROTECT, related_name="charges")
    part = models.OneToOneField(Part, models.PROTECT, related_name="charge")
    attempt = models.OneToOneField(Attempt, models.PROTECT, related_name="charge")
    charge_type = models.CharField(max_length=10)
    provider = models.CharField(max_length=20)
    model = models.CharField(max_length=60)
    amount_micro = models.BigIntegerField()
    """What the workspace pays; 0 with a personal key."""
    list_micro = models.BigIntegerField()
    """What the lines add up to at the provider's list price, rounded up once."""
    lines = models.JSONField()
    our_lines = models.JSONField(default=list)
    """What the provider bills beyond the lines and nobody is charged for."""
    flags = models.JSONField(default=list)
    """Why somebody should look at it: usage missing, more than the hold, …"""
    provider_ticks = models.BigIntegerField(null=True)
    prices_from = models.DateField()
    """Which dated price was applied."""
    simulated = models.BooleanField()
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        constraints = (
            models.CheckConstraint(
                name="charge_amounts_not_negative",
                condition=Q(amount_micro__gte=0, list_micro__gte=0),
            ),
            models.CheckConstraint(
                name="charge_personal_costs_the_wallet_nothing",
                condition=~Q(charge_type="personal") | Q(amount_micro=0),
            ),
        )

    def __str__(self) -> str:
        return f"charge of {self.part}"
