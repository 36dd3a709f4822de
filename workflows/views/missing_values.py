"""The dialog before a run: it asks for the required values that are missing, and stores them."""

from collections.abc import Iterable
from typing import Any
from uuid import UUID

from django import forms
from django.db import transaction
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_POST

from workflows import inputs
from workflows.access import fragment_login_required, workflow_for
from workflows.models import Input
from workflows.views.input_forms import Lines, control


class MissingValuesForm(forms.Form):
    """Asks for the values that stand in the way of a run: those, and nothing else."""

    def __init__(self, missing: Iterable[Input], data: Any = None) -> None:
        super().__init__(data, prefix="value")
        self.inputs = {str(input.pk): input for input in missing}
        for key, input in self.inputs.items():
            typed = str((data or {}).get(self.add_prefix(key)) or "")
            widget = control(input, typed, placeholder=input.example, empty="Choose…")
            self.fields[key] = Lines(label=input.label, widget=widget)

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or {}
        for key, typed in list(cleaned.items()):
            if problem := _problem(self.inputs[key], typed):
                self.add_error(key, problem)
        return cleaned


def _problem(input: Input, typed: str) -> str:
    """Why what was typed cannot be what the run misses, or nothing."""
    if not inputs.misses(input) and input.test_value != typed:
        return f"{input.label} was given a value in another tab. Cancel, and Run uses that one."
    try:
        value = inputs.read(input, typed)
    except inputs.WrongValue as wrong:
        return str(wrong)
    return f"{input.label} needs a value." if value is None else ""


@require_POST
@fragment_login_required
@transaction.atomic
def save_test_values(request: HttpRequest, slug: str, id: UUID) -> HttpResponse:
    """What the dialog before a run asked for. All of it is stored, or nothing."""
    workflow = workflow_for(request.user, slug, id, edit=True)
    workflow.take_turns()
    asked = [input for input in workflow.inputs.all() if f"value-{input.pk}" in request.POST]
    form = MissingValuesForm(asked, request.POST)
    if not form.is_valid():
        context = {"workspace": workflow.workspace, "workflow": workflow, "missing_values": form}
        return render(request, "workflows/_missing_values.html#fields", context, status=422)
    for key, input in form.inputs.items():
        input.save_edit(input.version, test_value=form.cleaned_data[key])
    return HttpResponse(status=204, headers={"HX-Trigger": "values-given"})
