"""A run executes a frozen copy of a workflow, or tests one of its steps."""

from datetime import datetime
from typing import Any

from django.db import models
from django.db.models import F, Q
from django.db.models.functions import Now
from django.utils.timezone import now

from workflows import kinds
from workflows.keys import new_id
from workflows.models.api_keys import ApiKey
from workflows.models.people import User, Workspace
from workflows.models.workflows import Step, Workflow
from workflows.models.written import as_written


class RunQuerySet(models.QuerySet["Run"]):
    def unfinished(self) -> "RunQuerySet":
        return self.filter(status__in=[Run.Status.QUEUED, Run.Status.RUNNING])


class Run(models.Model):
    class Status(models.TextChoices):
        QUEUED = "queued", "Queued"
        RUNNING = "running", "Running"
        SUCCEEDED = "succeeded", "Succeeded"
        COMPLETED_WITH_ERRORS = "completed_with_errors", "Completed with errors"
        FAILED = "failed", "Failed"
        CANCELLED = "cancelled", "Cancelled"

    FINISHED = (Status.SUCCEEDED, Status.COMPLETED_WITH_ERRORS, Status.FAILED, Status.CANCELLED)

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    workspace = models.ForeignKey(Workspace, models.CASCADE, related_name="runs")
    workflow = models.ForeignKey(Workflow, models.PROTECT, related_name="runs")
    number = models.PositiveIntegerField()
    step = models.ForeignKey(Step, models.SET_NULL, null=True, related_name="tests")
    """The step that is tested; null for a run of the whole workflow."""
    status = models.CharField(max_length=30, choices=Status, default=Status.QUEUED)
    snapshot = models.JSONField()
    form_key = models.CharField(max_length=64)
    """Of a click, or made of the Idempotency-Key of a call: one of either is one run."""
    started_by = models.ForeignKey(User, models.SET_NULL, null=True, related_name="+")
    """The person; null for a run that a program started."""
    api_key = models.ForeignKey(ApiKey, models.SET_NULL, null=True, related_name="runs")
    """What the program that started it showed."""
    request_digest = models.CharField(max_length=64, blank=True, default="")
    """Of what the program asked for: the same Idempotency-Key may not ask for something else."""
    version = models.PositiveIntegerField(default=1)
    """Counts every visible change, so that a watcher asks one question."""
    created_at = models.DateTimeField(auto_now_add=True)
    started_at = models.DateTimeField(null=True)
    finished_at = models.DateTimeField(null=True)
    cancel_requested_at = models.DateTimeField(null=True)

    objects = RunQuerySet.as_manager()

    class Meta:
        ordering = ("-number",)
        constraints = (
            models.UniqueConstraint(fields=["workflow", "number"], name="run_number_per_workflow"),
            models.UniqueConstraint(fields=["workspace", "form_key"], name="run_once_per_form_key"),
            models.CheckConstraint(
                name="run_by_a_person_or_by_a_key",
                condition=Q(started_by=None) | Q(api_key=None),
            ),
            models.CheckConstraint(
                name="run_finished_at_only_when_finished",
                condition=Q(finished_at__isnull=True, status__in=["queued", "running"])
                | Q(
                    finished_at__isnull=False,
                    status__in=["succeeded", "completed_with_errors", "failed", "cancelled"],
                ),
            ),
        )
        indexes = (
            models.Index(fields=["status", "created_at"], name="run_by_status"),
            models.Index(fields=["workspace", "-id"], name="run_newest_of_workspace"),
            # The list of runs by its filters, page by page.
            models.Index(
                fields=["workflow", "status", "number"], name="run_by_workflow_and_status"
            ),
            models.Index(
                fields=["workflow", "number"],
                condition=Q(step__isnull=True),
                name="run_of_whole_workflow",
            ),
        )

    def __str__(self) -> str:
        return f"run {self.number}"

    @property
    def is_finished(self) -> bool:
        return self.status in self.FINISHED

    @property
    def who(self) -> str:
        """What it was started by, in words; empty when that was somebody who has left."""
        if self.api_key:
            return str(self.api_key)
        return self.started_by.email if self.started_by else ""

    @property
    def look(self) -> str:
        """How its state is drawn: its status, but amber when a failed step let it go on."""
        went_on = self.status == self.Status.COMPLETED_WITH_ERRORS
        return "continued" if went_on else self.status

    @property
    def is_whole(self) -> bool:
        """Of the whole workflow, not the test of one step."""
        return self.step_id is None

    @property
    def seconds(self) -> int:
        return _seconds(self.started_at, self.finished_at)

    @property
    def is_cancelling(self) -> bool:
        return self.cancel_requested_at is not None and not self.is_finished

    def touch(self) -> None:
        """Tell watchers that something visible changed."""
        Run.objects.filter(pk=self.pk).update(version=F("version") + 1)

    def begin(self) -> bool:
        queued = Run.objects.filter(pk=self.pk, status=self.Status.QUEUED)
        return _moved(self, queued, status=self.Status.RUNNING, started_at=now())

    def finish(self, status: str) -> bool:
        unfinished = Run.objects.unfinished().filter(pk=self.pk)
        return _moved(self, unfinished, status=status, finished_at=now())

    def request_cancel(self) -> bool:
        unfinished = Run.objects.unfinished().filter(pk=self.pk, cancel_requested_at=None)
        return _moved(self, unfinished, cancel_requested_at=Now())


def _moved(run: Run, rows: "models.QuerySet[Run]", **fields: Any) -> bool:
    moved = rows.update(version=F("version") + 1, **fields) == 1
    if moved:
        as_written(run, fields)
    return moved


def _seconds(started: datetime | None, finished: datetime | None) -> int:
    """How long it took, rounded; 0 while it has not ended."""
    if started is None or finished is None:
        return 0
    return round((finished - started).total_seconds())


class StepRun(models.Model):
    class Status(models.TextChoices):
        QUEUED = "queued", "Queued"
        RUNNING = "running", "Running"
        SUCCEEDED = "succeeded", "Succeeded"
        FAILED = "failed", "Failed"
        CANCELLED = "cancelled", "Cancelled"
        SKIPPED = "skipped", "Skipped"

    UNFINISHED = (Status.QUEUED, Status.RUNNING)
    LONG = ("settings", "filled", "output")
    """Fields that may hold much; what is shown of many runs does without."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    workspace = models.ForeignKey(Workspace, models.CASCADE, related_name="+")
    run = models.ForeignKey(Run, models.CASCADE, related_name="step_runs")
    run_number = models.PositiveIntegerField()
    """Of its run: kept here, too, so that an index finds the newest of a step."""
    step = models.ForeignKey(Step, models.SET_NULL, null=True, related_name="runs")
    identifier = models.CharField(max_length=20)
    position = models.PositiveIntegerField()
    name = models.CharField(max_length=100)
    kind = models.CharField(max_length=40)
    failure_policy = models.CharField(max_length=10, choices=Step.FailurePolicy)
    status = models.CharField(max_length=10, choices=Status, default=Status.QUEUED)
    settings = models.JSONField()
    completes = models.ForeignKey("self", models.SET_NULL, null=True, related_name="+")
    """The run that did not bring everything: this one asks only for what was missing."""
    filled = models.JSONField(null=True)
    """The settings with every reference replaced by its value; null until the step begins."""
    output = models.JSONField(null=True)
    """As stored; what later steps see is `kind.output(step_run)`."""
    error = models.JSONField(null=True)
    warnings = models.JSONField(default=list)
    started_at = models.DateTimeField(null=True)
    finished_at = models.DateTimeField(null=True)

    class Meta:
        ordering = ("position", "id")
        constraints = (
            models.UniqueConstraint(fields=["run", "identifier"], name="step_run_once_per_run"),
            models.CheckConstraint(
                name="step_run_error_exactly_when_failed",
                condition=Q(status="failed", error__isnull=False)
                | (~Q(status="failed") & Q(error__isnull=True)),
            ),
            models.CheckConstraint(
                name="step_run_output_only_when_succeeded",
                condition=Q(output__isnull=True) | Q(status="succeeded"),
            ),
        )
        indexes = (
            models.Index(fields=["step", "-run_number"], name="step_run_newest_of_step"),
            models.Index(
                fields=["-finished_at"], condition=Q(status="failed"), name="step_run_failed_newest"
            ),
        )

    def __str__(self) -> str:
        return f"{self.run} {self.identifier}"

    @property
    def step_kind(self) -> kinds.StepKind:
        return kinds.get(self.kind)

    @property
    def summary(self) -> str:
        """A few words about its settings, such as the model."""
        return self.step_kind.summary(self.settings)

    @property
    def settings_of_step(self) -> Any:
        """As the step had them, although the run itself may ask for what was missing only."""
        return self.completes.settings if self.completes else self.settings

    @property
    def is_finished(self) -> bool:
        return self.status not in self.UNFINISHED

    @property
    def seconds(self) -> int:
        return _seconds(self.started_at, self.finished_at)

    @property
    def error_in_order(self) -> dict[str, Any] | None:
        """The error with its keys in the order of the product: some databases keep none."""
        return self.error and {key: self.error[key] for key in kinds.ERROR_KEYS}

    @property
    def continues(self) -> bool:
        """Whether later steps run although this one failed."""
        return self.failure_policy == Step.FailurePolicy.CONTINUE

    @property
    def output_for_later_steps(self) -> Any:
        """The output object, or None while there is none."""
        if self.status == self.Status.SUCCEEDED or (self.error and self.continues):
            return self.step_kind.output(self)
        return None

    def begin(self) -> bool:
        return self._move(self.Status.QUEUED, status=self.Status.RUNNING, started_at=now())

    def succeed(self, output: Any, warnings: list[str]) -> bool:
        return self._move(
            self.Status.RUNNING,
            status=self.Status.SUCCEEDED,
            output=output,
            warnings=[*self.warnings, *warnings],
            finished_at=now(),
        )

    def fail(self, failure: kinds.StepFailed) -> bool:
        return self._move(
            self.Status.RUNNING,
            status=self.Status.FAILED,
            error=failure.as_error(),
            finished_at=now(),
        )

    def warn(self, sentence: str) -> None:
        """Something came to light after the end."""
        if sentence not in self.warnings:
            self.warnings = [*self.warnings, sentence]
            self.save(update_fields=["warnings"])
            self.run.touch()

    def end_as(self, status: str) -> bool:
        """Cancelled or skipped: a step that did not begin, or whose request never left."""
        return self._move(*self.UNFINISHED, status=status, finished_at=now())

    def _move(self, *expected: str, **fields: Any) -> bool:
        """One conditional UPDATE; False when somebody else has moved it already."""
        moved = StepRun.objects.filter(pk=self.pk, status__in=expected).update(**fields) == 1
        if moved:
            self.run.touch()
            as_written(self, fields)
        return moved
