"""An edit of a step as it was posted: its name, its failure policy and its kind's settings."""

from django import forms
from django.http import QueryDict

from workflows.changes import POLICY, Difference, compared
from workflows.models import Step

CHANGED_ELSEWHERE = (
    "This step was changed in another tab or by somebody else since you opened it. Your version is"
    " on the screen and not saved. Keep yours, or take theirs; this is where they differ:"
)
TOO_LONG = "A name has at most %(limit_value)d characters; this one has %(show_value)d. Shorten it."


class StepFields(forms.Form):
    name = forms.CharField(
        max_length=100,
        error_messages={
            "required": "A step needs a name. Type one, such as “Hero image”.",
            "max_length": TOO_LONG,
        },
    )
    failure_policy = forms.ChoiceField(
        choices=Step.FailurePolicy.choices,
        error_messages={"invalid_choice": "Choose Terminate Workflow or Continue."},
    )
    version = forms.IntegerField(min_value=0)


class StepForm:
    """Everything that one POST of the editor carries."""

    def __init__(self, step: Step, data: QueryDict) -> None:
        self.step = step
        self.fields = StepFields(data)
        self.form = step.step_kind.form(step, data)
        self.conflict = ""
        self.is_stored = False
        self.is_partly_stored = False

    @property
    def is_gone(self) -> bool:
        """The step or its workflow was deleted; what was typed waits for Undo."""
        return bool(self.step.deleted_at or self.step.workflow.deleted_at)

    @property
    def versions(self) -> list[Difference]:
        """Of a conflict: where what was typed (then) differs from what is stored (now)."""
        described = self.step.step_kind.described
        mine, policies = self.fields.cleaned_data, Step.FailurePolicy
        yours = {"Name": mine["name"], POLICY: policies(mine["failure_policy"]).label}
        theirs = {"Name": self.step.name, POLICY: policies(self.step.failure_policy).label}
        return compared(
            yours | described(self.form.settings), theirs | described(self.step.settings)
        )

    @property
    def drawn_version(self) -> object:
        """What was not stored stays on the version it was made on: after a conflict, only Keep
        mine may save over the newer one."""
        is_mine = self.is_stored or self.is_partly_stored
        return self.step.version if is_mine else self.fields["version"].value()

    def save(self) -> int:
        """200: stored; 422: not all is valid, and the rest is stored; 409: somebody else saved
        in between, or deleted the step. Nothing typed is lost: the caller draws the form again as
        it was posted."""
        # Not `and`: both are to find everything that is wrong.
        is_valid = all([self.fields.is_valid(), self.form.is_valid()])
        if self.is_gone:
            return 409
        if not is_valid:
            self._store_what_is_valid()
            return 422
        cleaned = self.fields.cleaned_data
        stored = self.step.save_edit(
            cleaned["version"],
            name=cleaned["name"],
            settings=self.form.settings,
            failure_policy=cleaned["failure_policy"],
        )
        self.is_stored = stored
        if not stored:
            self.step.refresh_from_db()
            self.conflict = "" if self.step.deleted_at else CHANGED_ELSEWHERE
        return 200 if stored else 409

    def _store_what_is_valid(self) -> None:
        """A width that cannot be made must not cost the prompt that is typed after it."""
        cleaned, step = self.fields.cleaned_data, self.step
        self.is_partly_stored = "version" in cleaned and step.save_edit(
            cleaned["version"],
            name=cleaned.get("name", step.name),
            settings=self.form.storable(),
            failure_policy=cleaned.get("failure_policy", step.failure_policy),
        )
