"""The statement: one line for everything that came of a paid request, with whom and what it was
for. Lines are written once, in the transaction that closes the part or corrects its charge; the
totals of each day are kept beside them, so that a month of a million lines adds up at once."""

import hashlib
from collections.abc import Mapping
from datetime import date
from typing import Any

from django.db import IntegrityError, models, transaction
from django.db.models import F, Q

from imagegen.attempts.models import Attempt, Part
from workflows.keys import new_id
from workflows.models import StepRun, User, Workflow, Workspace

AMOUNTS = (
    "parts", "images", "charged_micro", "corrected_micro", "released_micro", "loss_micro",
    "list_micro", "cost_micro",
)  # fmt: skip
DIMENSIONS = (
    "workspace_id", "user_id", "provider", "model", "charge_type", "key_label", "outcome",
    "simulated",
)  # fmt: skip
NEWEST = ["-at", "-id"]


class Facts(models.Model):
    """What lines and days have in common. Amounts are micro-dollars."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    workspace = models.ForeignKey(Workspace, models.PROTECT, related_name="+")
    user = models.ForeignKey(User, models.PROTECT, null=True, related_name="+")
    provider = models.CharField(max_length=20)
    model = models.CharField(max_length=60)
    charge_type = models.CharField(max_length=10)
    key_label = models.CharField(max_length=40, blank=True, default="")
    """Which key was used, for comparison with the vendor's invoice; never more of it than that."""
    outcome = models.CharField(max_length=15, choices=Part.State)
    simulated = models.BooleanField()
    parts = models.IntegerField(default=0)
    images = models.IntegerField(default=0)
    charged_micro = models.BigIntegerField(default=0)
    corrected_micro = models.BigIntegerField(default=0)
    """What corrections added to the charge; negative is what they gave back."""
    released_micro = models.BigIntegerField(default=0)
    loss_micro = models.BigIntegerField(default=0)
    list_micro = models.BigIntegerField(default=0)
    """Personal usage at the provider's list price; the wallet has nothing to do with it."""
    cost_micro = models.BigIntegerField(default=0)
    """What the provider bills us, by its own figure where it names one; 0 while unknown."""

    class Meta:
        abstract = True


class StatementLine(Facts):
    key = models.CharField(max_length=80, unique=True)
    at = models.DateTimeField()
    part = models.ForeignKey(Part, models.PROTECT, related_name="statement_lines")
    step_run = models.ForeignKey(StepRun, models.PROTECT, related_name="statement_lines")
    workflow = models.ForeignKey(Workflow, models.PROTECT, related_name="+")
    step_identifier = models.CharField(max_length=20)
    run_number = models.PositiveIntegerField()
    request_id = models.CharField(max_length=200, blank=True, default="")
    units = models.CharField(max_length=200, blank=True, default="")
    """What was used, in words: 48 text in tokens · 7,024 image out tokens."""
    reason = models.CharField(max_length=500, blank=True, default="")
    """Of a correction or a settled review, in the words of whoever made it."""

    class Meta:
        indexes = (
            # Nobody asks for play money and real money together. SQLite finds no index for NOT.
            models.Index(fields=NEWEST, condition=Q(simulated=False), name="line_real_newest"),
            models.Index(fields=NEWEST, condition=Q(simulated=True), name="line_simulated_newest"),
            models.Index(fields=["provider", "-at", "-id"], name="line_by_provider"),
            models.Index(
                fields=NEWEST, condition=Q(charge_type="personal"), name="line_personal_newest"
            ),
            models.Index(fields=["workspace", "-at", "-id"], name="line_by_workspace"),
            models.Index(fields=["user", "-at", "-id"], name="line_by_user"),
            models.Index(fields=["model", "-at", "-id"], name="line_by_model"),
            models.Index(fields=["outcome", "-at", "-id"], name="line_by_outcome"),
            models.Index(fields=["workflow", "at"], name="line_by_workflow"),
        )

    def __str__(self) -> str:
        return self.key


class DayTotal(Facts):
    """The lines of one day, UTC, that agree in everything a filter can ask for, added up."""

    day = models.DateField()
    digest = models.CharField(max_length=64, unique=True)
    """Of the day and all of DIMENSIONS: a person may be missing, and NULLs are never equal."""

    class Meta:
        indexes = (models.Index(fields=["day"], name="day_total_by_day"),)

    def __str__(self) -> str:
        return f"{self.day} {self.model}"


def state(key: str, part: Part, attempt: Attempt | None, **facts: Any) -> StatementLine:
    """Write a line and add it to its day, in the caller's transaction. A key that is stated
    already raises IntegrityError."""
    line = StatementLine(
        key=key,
        workspace_id=part.workspace_id,
        provider=part.provider,
        model=part.model,
        charge_type=part.charge_type,
        outcome=part.state,
        simulated=part.simulated,
        part=part,
        **_of_the_run(part.step_run),
        **_of_the_attempt(attempt),
        **facts,
    )
    line.save(force_insert=True)
    add_to_day(line)
    return line


def is_stated(key: str) -> bool:
    return StatementLine.objects.filter(key=key).exists()


def closings(part: Part) -> list[StatementLine]:
    """A line for each time that it was closed, in that order; no corrections or reviews."""
    of_part = StatementLine.objects.filter(part=part)
    closed = Q(key__startswith="part:") | Q(key__startswith="late:")
    return list(of_part.filter(closed).order_by("at", "id"))


def _of_the_run(step_run: StepRun) -> dict[str, Any]:
    return {
        "step_run": step_run,
        "workflow_id": step_run.run.workflow_id,
        "user_id": step_run.run.started_by_id,
        "step_identifier": step_run.identifier,
        "run_number": step_run.run_number,
    }


def _of_the_attempt(attempt: Attempt | None) -> dict[str, str]:
    if attempt is None:
        return {}
    return {"request_id": attempt.request_id, "key_label": attempt.key_label}


def add_to_day(line: StatementLine) -> None:
    """One UPDATE; the first line of a day that has these dimensions inserts it."""
    day = line.at.date()
    dimensions = {name: getattr(line, name) for name in DIMENSIONS}
    amounts = {name: getattr(line, name) for name in AMOUNTS}
    digest = digest_of(day, dimensions)
    if _added(digest, amounts):
        return
    try:
        with transaction.atomic():
            DayTotal.objects.create(day=day, digest=digest, **dimensions, **amounts)
    except IntegrityError:  # somebody inserted it meanwhile
        _added(digest, amounts)


def _added(digest: str, amounts: Mapping[str, int]) -> bool:
    more = {name: F(name) + amount for name, amount in amounts.items()}
    return DayTotal.objects.filter(digest=digest).update(**more) == 1


def digest_of(day: date, dimensions: Mapping[str, Any]) -> str:
    words = [str(day), *(str(dimensions[name]) for name in DIMENSIONS)]
    return hashlib.sha256("\x1f".join(words).encode()).hexdigest()
