"""A test value edited where it is used: in the Inputs card of the editor's column."""

import json
from typing import Any
from uuid import UUID

from django import forms
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_POST

from workflows import inputs
from workflows.access import fragment_login_required, input_for
from workflows.models import Input
from workflows.views.input_forms import Lines, control


class TestValueForm(forms.Form):
    """One line: the test value of an input, and the version that it was drawn from."""

    version = forms.IntegerField(required=False, widget=forms.HiddenInput)

    def __init__(self, input: Input, data: Any = None) -> None:
        self.input = input
        self.is_conflict = False
        initial = {"value": input.test_value, "version": input.version}
        super().__init__(data, initial=initial, prefix=f"test-{input.pk}")
        typed = str((data or {}).get(self.add_prefix("value")) or input.test_value)
        empty = f"Default: {input.default}" if input.default else "No value"
        shown = empty if input.default else input.example
        widget = control(input, typed, placeholder=shown, empty=empty)
        widget.attrs |= {"rows": 1} if isinstance(widget, forms.Textarea) else {}
        self.fields["value"] = Lines(label=input.label, initial=input.test_value, widget=widget)

    def clean_value(self) -> str:
        typed = str(self.cleaned_data["value"])
        try:
            inputs.read(self.input, typed)
        except inputs.WrongValue as wrong:
            raise forms.ValidationError(str(wrong)) from None
        return typed

    def save(self) -> int:
        """The status to answer with."""
        if not self.is_valid():
            return 422
        version = self.cleaned_data["version"] or 0
        if self.input.save_edit(version, test_value=self.cleaned_data["value"]):
            return 200
        self.is_conflict = True
        return 409

    @property
    def keep_mine(self) -> str:
        """What is posted besides to write over the stored value."""
        return json.dumps({self["version"].html_name: self.input.version})

    @property
    def take_theirs(self) -> str:
        theirs = {self["value"].html_name: self.input.test_value}
        return json.dumps(theirs | {self["version"].html_name: self.input.version})


@require_POST
@fragment_login_required
def save_test_value(request: HttpRequest, slug: str, id: UUID, input_id: UUID) -> HttpResponse:
    input = input_for(request.user, slug, id, input_id, edit=True)
    form = TestValueForm(input, request.POST)
    status = form.save()
    shown = TestValueForm(input) if status == 200 else form
    context = {"workspace": input.workspace, "workflow": input.workflow, "form": shown}
    context |= {"is_answer": True}
    response = render(request, "workflows/_test_value.html", context, status=status)
    if status == 200:
        response["HX-Trigger"] = "input-saved"
    return response
