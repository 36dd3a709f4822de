"""The journal of paid requests."""

from typing import Any

from django.conf import settings
from django.db import models
from django.db.models import Count, F, OuterRef, Q, Subquery
from django.db.models.functions import Coalesce, Now
from django.utils.timezone import now

from imagegen.provider_keys.models import ProviderKey
from workflows.keys import new_id
from workflows.models import StepRun, Workspace
from workflows.models.written import as_written
from workflows.money import Figure

UNLEASED = {"lease_owner": "", "lease_until": None}


class LeaseLost(Exception):
    """Somebody else has taken the part over; nothing of ours may be written."""


class PartQuerySet(models.QuerySet["Part"]):
    def open(self) -> "PartQuerySet":
        return self.filter(state__in=Part.OPEN)

    def due(self) -> "PartQuerySet":
        return self.filter(state=Part.State.DUE)

    def unanswered(self) -> "PartQuerySet":
        return self.filter(state__in=(Part.State.DUE, Part.State.SENDING))

    def answered(self) -> "PartQuerySet":
        return self.filter(state=Part.State.RECEIVED)

    def leased(self) -> "PartQuerySet":
        return self.filter(lease_until__gte=Now())

    def workable(self) -> "PartQuerySet":
        """What this machine could work on now: what is due, and answers that lie on its disk."""
        here = Q(state=Part.State.RECEIVED, node=settings.NODE)
        come = Q(due_at=None) | Q(due_at__lte=Now())
        return self.unleased().filter(come, Q(state=Part.State.DUE) | here).in_turn()

    def in_turn(self) -> "PartQuerySet":
        """As many of a step run as may be under way together. Their numbers decide it by how many
        have finished, so that claims at the same instant cannot make it more."""
        siblings = Part.objects.filter(step_run=OuterRef("step_run"), finished_at__isnull=False)
        finished = siblings.order_by().values("step_run").annotate(n=Count("pk")).values("n")
        return self.filter(number__lte=F("at_once") + Coalesce(Subquery(finished), 0))

    def unleased(self) -> "PartQuerySet":
        """Nobody holds them, or whoever did has gone silent. Compared in database time."""
        return self.filter(Q(lease_until=None) | Q(lease_until__lt=Now()))


class Part(models.Model):
    """A piece of a step run that one request can answer. It owns a hold of money, a reservation
    of storage and a range of slots."""

    class State(models.TextChoices):
        DUE = "due", "Queued"
        SENDING = "sending", "Waiting for the provider"
        RECEIVED = "received", "Saving"
        SETTLED = "settled", "Settled"
        REJECTED = "rejected", "Rejected"
        BILLED_EMPTY = "billed_empty", "Billed without an image"
        UNKNOWN = "unknown", "Outcome unknown"
        CANCELLED = "cancelled", "Cancelled"

    OPEN = (State.DUE, State.SENDING, State.RECEIVED)

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    workspace = models.ForeignKey(Workspace, models.CASCADE, related_name="+")
    step_run = models.ForeignKey(StepRun, models.CASCADE, related_name="parts")
    number = models.PositiveSmallIntegerField()
    operation = models.CharField(max_length=20, default="generate")
    provider = models.CharField(max_length=20)
    model = models.CharField(max_length=60)
    charge_type = models.CharField(max_length=10)
    simulated = models.BooleanField()
    account = models.CharField(max_length=60, blank=True, default="")
    """Whose account at the provider it is asked by: what that account is refused, all its parts
    wait for."""
    at_once = models.PositiveSmallIntegerField(default=1)
    """The most parts of its step run that may be under way together."""
    first_slot = models.PositiveSmallIntegerField()
    slots = models.PositiveSmallIntegerField()
    request = models.JSONField()
    """What is asked of the provider, in the words of our settings."""
    hold_micro = models.BigIntegerField()
    estimate_micro = models.BigIntegerField(default=0)
    """What it was expected to cost when it was planned."""
    estimate_low_micro = models.BigIntegerField(null=True)
    estimate_high_micro = models.BigIntegerField(null=True)
    """Between what and what; None before there were ranges."""
    reserved_bytes = models.BigIntegerField()
    state = models.CharField(max_length=15, choices=State, default=State.DUE)
    node = models.CharField(max_length=100, blank=True, default="")
    """The machine that sent it: its disk has the answer, and only it may read it."""
    lease_owner = models.CharField(max_length=64, blank=True, default="")
    lease_until = models.DateTimeField(null=True)
    lease_epoch = models.PositiveIntegerField(default=0)
    claims = models.PositiveSmallIntegerField(default=0)
    """Claims since the part last made progress; after three it fails as ours."""
    due_at = models.DateTimeField(null=True)
    """Not before: when a provider that asked for patience is asked again, or when what could not
    be stored is stored anew. In database time."""
    save_tries = models.PositiveSmallIntegerField(default=0)
    """How often its answer could not be stored."""
    woken_at = models.DateTimeField(null=True)
    """When a worker was last told of it."""
    fault = models.CharField(max_length=40, blank=True, default="")
    detail = models.CharField(max_length=200, blank=True, default="")
    created_at = models.DateTimeField(auto_now_add=True)
    finished_at = models.DateTimeField(null=True)

    objects = PartQuerySet.as_manager()

    class Meta:
        ordering = ("number",)
        constraints = (
            models.UniqueConstraint(fields=["step_run", "number"], name="part_once_per_step_run"),
            models.CheckConstraint(
                name="part_amounts_not_negative",
                condition=Q(hold_micro__gte=0, reserved_bytes__gte=0),
            ),
            models.CheckConstraint(
                name="part_charge_type_known", condition=Q(charge_type__in=["hosted", "personal"])
            ),
            models.CheckConstraint(
                name="part_finished_at_only_when_closed",
                condition=Q(finished_at__isnull=True, state__in=["due", "sending", "received"])
                | Q(
                    finished_at__isnull=False,
                    state__in=["settled", "rejected", "billed_empty", "unknown", "cancelled"],
                ),
            ),
        )
        indexes = (
            models.Index(fields=["state", "lease_until"], name="part_by_state_and_lease"),
            models.Index(fields=["workspace", "model", "-created_at"], name="part_by_model_newest"),
            models.Index(
                fields=["-finished_at"], condition=Q(state="unknown"), name="part_unknown_newest"
            ),
        )

    def __str__(self) -> str:
        return f"{self.step_run} part {self.number}"

    @property
    def is_personal(self) -> bool:
        return self.charge_type == "personal"

    @property
    def expected(self) -> Figure:
        """As it was when it was planned."""
        likely, low, high = self.estimate_micro, self.estimate_low_micro, self.estimate_high_micro
        return Figure(likely, likely if low is None else low, likely if high is None else high)

    def siblings(self) -> PartQuerySet:
        """The parts of its step run, itself among them."""
        return Part.objects.filter(step_run=self.step_run_id)

    @property
    def slot_range(self) -> range:
        return range(self.first_slot, self.first_slot + self.slots)

    def move(self, expected: str, state: str, **fields: Any) -> bool:
        """One conditional UPDATE under our lease; False when the lease or the state is lost."""
        ours = Part.objects.filter(pk=self.pk, state=expected, lease_epoch=self.lease_epoch)
        fields |= {"state": state, "claims": 0}
        moved = ours.update(**fields) == 1
        if moved:
            as_written(self, fields)
        return moved

    def progress(self) -> None:
        """Say that a claim was not in vain. Raises LeaseLost when the part is no longer ours."""
        ours = Part.objects.filter(pk=self.pk, state=self.state, lease_epoch=self.lease_epoch)
        if ours.update(claims=0) != 1:
            raise LeaseLost

    def take_back(self, state: str, *, fault: str = "", detail: str = "") -> bool:
        """Close it before it was sent, also from a worker that has just claimed it: sending begins
        by moving a part that is due. False when it has begun."""
        due = Part.objects.filter(pk=self.pk).due()
        taken = due.update(
            state=state,
            fault=fault,
            detail=detail[:200],
            finished_at=now(),
            lease_epoch=F("lease_epoch") + 1,
            **UNLEASED,
        )
        if taken:
            self.refresh_from_db()
        return taken == 1

    def close(self, state: str, *, fault: str = "", detail: str = "") -> bool:
        return self.move(
            self.state,
            state,
            fault=fault,
            detail=detail[:200],
            finished_at=now(),
            **UNLEASED,
        )


class Attempt(models.Model):
    """At most one request to a provider, and its fate."""

    class State(models.TextChoices):
        SENDING = "sending", "Sending"
        UNSENT = "unsent", "Nothing was sent"
        RECEIVED = "received", "Answer received"
        SETTLED = "settled", "Settled"
        REJECTED = "rejected", "Rejected"
        BILLED_EMPTY = "billed_empty", "Billed without an image"
        UNKNOWN = "unknown", "Outcome unknown"

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    workspace = models.ForeignKey(Workspace, models.CASCADE, related_name="+")
    part = models.ForeignKey(Part, models.CASCADE, related_name="attempts")
    number = models.PositiveSmallIntegerField()
    state = models.CharField(max_length=15, choices=State, default=State.SENDING)
    simulated = models.BooleanField()
    provider_key = models.ForeignKey(ProviderKey, models.SET_NULL, null=True, related_name="+")
    """The personal key that it was sent with."""
    sent = models.JSONField()
    """The body of the request; the key is in none of it."""
    key_label = models.CharField(max_length=40, blank=True, default="")
    """Which key it was sent with, in words; never more of it than its end."""
    returned = models.JSONField(default=dict)
    usage = models.JSONField(null=True)
    status_code = models.PositiveSmallIntegerField(null=True)
    request_id = models.CharField(max_length=200, blank=True, default="")
    provider_ticks = models.BigIntegerField(null=True)
    """What the provider says it cost, in 10**-10 dollars."""
    spool_bytes = models.BigIntegerField(null=True)
    spool_sha256 = models.CharField(max_length=64, blank=True, default="")
    fault = models.CharField(max_length=40, blank=True, default="")
    said = models.CharField(max_length=500, blank=True, default="")
    """The provider's own words, redacted."""
    started_at = models.DateTimeField(auto_now_add=True)
    received_at = models.DateTimeField(null=True)
    finished_at = models.DateTimeField(null=True)

    class Meta:
        ordering = ("number",)
        constraints = (
            models.UniqueConstraint(fields=["part", "number"], name="attempt_number_per_part"),
        )
        indexes = (
            models.Index(
                fields=["-finished_at"], condition=Q(state="settled"), name="attempt_settled_newest"
            ),
        )

    def __str__(self) -> str:
        return f"{self.part} attempt {self.number}"

    @property
    def seconds(self) -> float | None:
        """From the first byte sent to the end of the answer; None while it is under way."""
        ended = self.received_at or self.finished_at
        return (ended - self.started_at).total_seconds() if ended else None

    def move(self, expected: str, state: str, **fields: Any) -> bool:
        fields |= {"state": state}
        moved = Attempt.objects.filter(pk=self.pk, state=expected).update(**fields)
        if moved:
            as_written(self, fields)
        return moved == 1
