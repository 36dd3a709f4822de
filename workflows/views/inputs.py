"""The inputs of a workflow and their test values."""

import re
from typing import Any
from uuid import UUID

from django import forms
from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_GET, require_POST

from workflows import inputs
from workflows.access import input_for, workflow_for
from workflows.models import Input, Workflow
from workflows.models.workflows import INPUT_NAME, STEP_IDENTIFIER

MOST_INPUTS = 100


class InputForm(forms.Form):
    label = forms.CharField(max_length=100)
    name = forms.CharField(
        max_length=60, help_text="Small letters, digits and _; used as {{name}}."
    )
    type = forms.ChoiceField(choices=Input.Type.choices)
    required = forms.BooleanField(required=False)
    test_value = forms.CharField(
        required=False,
        strip=False,
        help_text="Used when you press Run.",
        widget=forms.Textarea(attrs={"rows": 2}),
    )
    default = forms.CharField(required=False, strip=False)
    example = forms.CharField(required=False)
    options = forms.CharField(
        required=False,
        help_text="For Select: one per line.",
        widget=forms.Textarea(attrs={"rows": 2}),
    )

    def __init__(self, input: Input, data: Any = None) -> None:
        self.input = input
        prefix = "new" if input._state.adding else str(input.pk)
        initial = {name: getattr(input, name) for name in self.base_fields}
        initial["options"] = "\n".join(map(str, input.options))
        super().__init__(data, initial=initial, prefix=prefix)

    def clean_name(self) -> str:
        name = str(self.cleaned_data["name"])
        if not re.fullmatch(INPUT_NAME, name) or re.fullmatch(STEP_IDENTIFIER, name):
            raise forms.ValidationError(
                "A name starts with a small letter, then small letters, digits and _, and is not"
                " step_1 or the like. Try “product”."
            )
        twins = Input.objects.filter(workflow_id=self.input.workflow_id, name=name)
        if twins.exclude(pk=self.input.pk).exists():
            raise forms.ValidationError(f"Another input is called {name}. Choose another name.")
        return name

    def clean_options(self) -> list[str]:
        lines = str(self.cleaned_data["options"]).splitlines()
        return [line.strip() for line in lines if line.strip()]

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or {}
        declared = Input(
            label=cleaned.get("label", ""),
            type=cleaned.get("type", Input.Type.TEXT),
            options=cleaned.get("options", []),
        )
        for field in ("test_value", "default"):
            try:
                inputs.read(declared, cleaned.get(field, ""))
            except inputs.WrongValue as wrong:
                self.add_error(field, str(wrong))
        return cleaned


@require_GET
@login_required
def edit_inputs(request: HttpRequest, slug: str, id: UUID) -> HttpResponse:
    return _page(request, workflow_for(request.user, slug, id))


@require_POST
@login_required
def add_input(request: HttpRequest, slug: str, id: UUID) -> HttpResponse:
    workflow = workflow_for(request.user, slug, id, edit=True)
    if workflow.inputs.count() >= MOST_INPUTS:
        messages.error(request, f"A workflow has at most {MOST_INPUTS} inputs. Delete one first.")
        return redirect("workflows:edit-inputs", slug=slug, id=id)
    last = workflow.inputs.last()
    new = Input(workspace=workflow.workspace, workflow=workflow)
    new.position = last.position + 1 if last else 1
    return _save(request, workflow, new)


@require_POST
@login_required
def save_input(request: HttpRequest, slug: str, id: UUID, input_id: UUID) -> HttpResponse:
    input = input_for(request.user, slug, id, input_id, edit=True)
    return _save(request, input.workflow, input)


@require_POST
@login_required
def delete_input(request: HttpRequest, slug: str, id: UUID, input_id: UUID) -> HttpResponse:
    input = input_for(request.user, slug, id, input_id, edit=True)
    input.delete()
    messages.success(request, f"Deleted the input “{input.label}”.")
    return redirect("workflows:edit-inputs", slug=slug, id=id)


def _save(request: HttpRequest, workflow: Workflow, input: Input) -> HttpResponse:
    form = InputForm(input, request.POST)
    if not form.is_valid():
        return _page(request, workflow, form)
    for name, value in form.cleaned_data.items():
        setattr(input, name, value)
    input.save()
    messages.success(request, f"Saved the input “{input.label}”.")
    return redirect("workflows:edit-inputs", slug=workflow.workspace.slug, id=workflow.pk)


def _page(
    request: HttpRequest, workflow: Workflow, refused: InputForm | None = None
) -> HttpResponse:
    """All inputs, each in a form of its own; the refused one as it was typed."""
    rows = [
        refused if refused and refused.input.pk == input.pk else InputForm(input)
        for input in workflow.inputs.all()
    ]
    adding = refused if refused and refused.input._state.adding else None
    context = {
        "workflow": workflow,
        "workspace": workflow.workspace,
        "forms": rows,
        "new_form": adding or InputForm(Input(workflow=workflow)),
        "new_is_open": bool(adding) or not rows,
    }
    status = 422 if refused else 200
    return render(request, "workflows/edit_inputs.html", context, status=status)
