"""An edit of a step as it was posted: its name, its failure policy and its kind's settings."""

from django import forms
from django.http import QueryDict

from workflows.models import Step

CHANGED_ELSEWHERE = (
    "This step was changed in another tab or by somebody else since you opened it. Your version is"
    " on the screen and not saved. Keep yours, or take theirs."
)


class StepFields(forms.Form):
    name = forms.CharField(
        max_length=100,
        error_messages={"required": "A step needs a name. Type one, such as “Hero image”."},
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

    @property
    def is_gone(self) -> bool:
        """The step was deleted; what was typed waits for Undo."""
        return self.step.deleted_at is not None

    @property
    def drawn_version(self) -> object:
        """What was not stored stays on the version it was made on: after a conflict, only Keep
        mine may save over the newer one."""
        return self.step.version if self.is_stored else self.fields["version"].value()

    def save(self) -> int:
        """200: stored; 422: not valid; 409: somebody else saved in between, or deleted the step.
        Nothing typed is lost: the caller draws the form again as it was posted."""
        # Not `and`: both are to find everything that is wrong.
        if not all([self.fields.is_valid(), self.form.is_valid()]):
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
            self.conflict = "" if self.is_gone else CHANGED_ELSEWHERE
        return 200 if stored else 409
