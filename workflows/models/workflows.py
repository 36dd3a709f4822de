"""A workflow is a named, ordered list of steps, with inputs."""

from typing import Any

from django.db import models
from django.db.models import F, Q

from workflows import kinds
from workflows.keys import new_id
from workflows.models.people import Workspace

STEP_IDENTIFIER = r"^step_[0-9]+$"
INPUT_NAME = r"^[a-z][a-z0-9_]*$"


class WorkflowQuerySet(models.QuerySet["Workflow"]):
    def live(self) -> "WorkflowQuerySet":
        return self.filter(deleted_at=None)


class Workflow(models.Model):
    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    workspace = models.ForeignKey(Workspace, models.CASCADE, related_name="workflows")
    name = models.CharField(max_length=100)
    last_step_number = models.PositiveIntegerField(default=0)
    last_run_number = models.PositiveIntegerField(default=0)
    created_at = models.DateTimeField(auto_now_add=True)
    deleted_at = models.DateTimeField(null=True)

    objects = WorkflowQuerySet.as_manager()

    def __str__(self) -> str:
        return self.name

    def add_step(self, kind: str = "", **fields: Any) -> "Step":
        """A step at the end, of the first kind unless said. Its identifier comes from a counter
        and is never reused."""
        kind = kind or kinds.default().name
        settings = fields.pop("settings", None)
        number = self._next("last_step_number")
        return self.steps.create(
            workspace_id=self.workspace_id,
            identifier=f"step_{number}",
            position=number,
            kind=kind,
            name=fields.pop("name", kinds.get(kind).label),
            settings=settings or kinds.get(kind).default_settings(self.workspace_id),
            **fields,
        )

    def take_turns(self) -> None:
        """Whoever changes what all steps share waits here until the one before has committed."""
        Workflow.objects.select_for_update().get(pk=self.pk)

    def restore(self) -> None:
        Workflow.objects.filter(pk=self.pk).update(deleted_at=None)
        self.deleted_at = None

    def next_run_number(self) -> int:
        return self._next("last_run_number")

    def _next(self, counter: str) -> int:
        """Count up in the database. Inside a transaction the row stays locked until its end."""
        Workflow.objects.filter(pk=self.pk).update(**{counter: F(counter) + 1})
        self.refresh_from_db(fields=[counter])
        return int(getattr(self, counter))


class LiveInputs(models.Manager["Input"]):
    def get_queryset(self) -> models.QuerySet["Input"]:
        return super().get_queryset().filter(deleted_at=None)


class Input(models.Model):
    """A variable that a workflow is started with. Values are kept as they were typed."""

    class Type(models.TextChoices):
        TEXT = "text", "Text"
        NUMBER = "number", "Number"
        SELECT = "select", "Select"
        JSON_LIST = "json_list", "JSON list"

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    workspace = models.ForeignKey(Workspace, models.CASCADE, related_name="+")
    workflow = models.ForeignKey(Workflow, models.CASCADE, related_name="inputs")
    position = models.PositiveIntegerField(default=0)
    label = models.CharField(max_length=100)
    name = models.CharField(max_length=60)
    type = models.CharField(max_length=10, choices=Type, default=Type.TEXT)
    required = models.BooleanField(default=True)
    default = models.TextField(blank=True, default="")
    example = models.TextField(blank=True, default="")
    options = models.JSONField(default=list, blank=True)
    test_value = models.TextField(blank=True, default="")
    version = models.PositiveIntegerField(default=1)
    deleted_at = models.DateTimeField(null=True)

    objects = LiveInputs()
    everything: "models.Manager[Input]" = models.Manager()

    class Meta:
        ordering = ("position", "id")
        constraints = (
            models.UniqueConstraint(
                fields=["workflow", "name"],
                condition=Q(deleted_at=None),
                name="input_name_once_per_workflow",
            ),
            models.CheckConstraint(
                name="input_name_is_a_variable",
                condition=Q(name__regex=INPUT_NAME) & ~Q(name__regex=STEP_IDENTIFIER),
            ),
        )

    def __str__(self) -> str:
        return self.name

    def save_edit(self, version: int, **fields: Any) -> bool:
        """Store an edit that was made on `version`; False when somebody saved in between. An edit
        that changes nothing is stored already."""
        if all(getattr(self, name) == value for name, value in fields.items()):
            return True
        same = Input.objects.filter(pk=self.pk, version=version)
        changed = same.update(version=F("version") + 1, **fields)
        if changed:
            self.refresh_from_db()
        return changed == 1

    def move(self, by: int) -> None:
        """Up (-1) or down (+1) in the list, whose positions are written anew."""
        inputs = list(self.workflow.inputs.all())
        here = inputs.index(self)
        inputs.insert(max(0, here + by), inputs.pop(here))
        for position, input in enumerate(inputs, 1):
            input.position = position
        Input.objects.bulk_update(inputs, ["position"])


class LiveSteps(models.Manager["Step"]):
    def get_queryset(self) -> "models.QuerySet[Step]":
        return super().get_queryset().filter(deleted_at=None)


class Step(models.Model):
    class FailurePolicy(models.TextChoices):
        TERMINATE = "terminate", "Terminate Workflow"
        CONTINUE = "continue", "Continue"

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    workspace = models.ForeignKey(Workspace, models.CASCADE, related_name="+")
    workflow = models.ForeignKey(Workflow, models.CASCADE, related_name="steps")
    identifier = models.CharField(max_length=20)
    position = models.PositiveIntegerField()
    name = models.CharField(max_length=100)
    kind = models.CharField(max_length=40)
    settings = models.JSONField()
    failure_policy = models.CharField(
        max_length=10, choices=FailurePolicy, default=FailurePolicy.TERMINATE
    )
    version = models.PositiveIntegerField(default=1)
    used_run = models.ForeignKey(
        "workflows.StepRun", models.SET_NULL, null=True, blank=True, related_name="+"
    )
    """The run whose output later steps use; null for the newest that succeeded by itself."""
    replaced = models.JSONField(null=True)
    """What stood here before the settings of a run were loaded: what Undo brings back."""
    deleted_at = models.DateTimeField(null=True)
    """A deleted step keeps its position, so that Undo puts it back in its place."""

    objects = LiveSteps()
    everything = models.Manager["Step"]()

    class Meta:
        ordering = ("position", "id")
        constraints = (
            models.UniqueConstraint(
                fields=["workflow", "identifier"], name="step_identifier_once_per_workflow"
            ),
            models.CheckConstraint(
                name="step_identifier_is_numbered", condition=Q(identifier__regex=STEP_IDENTIFIER)
            ),
            models.CheckConstraint(
                name="step_failure_policy_known",
                condition=Q(failure_policy__in=["terminate", "continue"]),
            ),
        )

    def __str__(self) -> str:
        return f"{self.identifier} · {self.name}"

    @property
    def step_kind(self) -> kinds.StepKind:
        return kinds.get(self.kind)

    @property
    def used_run_number(self) -> int | None:
        """Of the run that a person chose for later steps."""
        return self.used_run.run_number if self.used_run else None

    @property
    def summary(self) -> str:
        """A few words for the step's card, such as its model."""
        return self.step_kind.summary(self.settings)

    def earlier(self) -> "models.QuerySet[Step]":
        return self.workflow.steps.filter(position__lt=self.position)

    def save_edit(self, version: int, *, name: str, settings: Any, failure_policy: str) -> bool:
        """Store an edit that was made on `version`; False when somebody saved in between or
        deleted the step. An edit that changes nothing is stored already."""
        if self.deleted_at:
            return False
        if (self.name, self.settings, self.failure_policy) == (name, settings, failure_policy):
            return True
        changed = Step.objects.filter(pk=self.pk, version=version).update(
            name=name,
            settings=settings,
            failure_policy=failure_policy,
            version=F("version") + 1,
        )
        if changed:
            self.refresh_from_db(fields=["name", "settings", "failure_policy", "version"])
        return changed == 1

    def load(self, settings: Any, failure_policy: str) -> None:
        """Put these in place of its own, which Undo can bring back. Open forms of the step are
        outdated by it, like by any other save."""
        replaced = {"settings": self.settings, "failure_policy": self.failure_policy}
        Step.objects.filter(pk=self.pk).update(
            settings=settings,
            failure_policy=failure_policy,
            replaced=replaced,
            version=F("version") + 1,
        )
