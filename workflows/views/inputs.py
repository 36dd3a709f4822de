"""The inputs of a workflow and their test values."""

from typing import Any
from uuid import UUID

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.db import transaction
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.http import urlencode
from django.utils.timezone import now
from django.views.decorators.http import require_GET, require_POST

from workflows.access import (
    deleted_input_for,
    fragment_login_required,
    input_for,
    workflow_for,
)
from workflows.description import MOST_INPUTS
from workflows.models import Input, Step
from workflows.undo import say_with_undo
from workflows.uses import (
    Spared,
    Use,
    counted,
    edited_since,
    rename_references,
    rename_with_undo,
)
from workflows.views.input_forms import (
    CHANGED_ELSEWHERE,
    InputForm,
    name_problem,
)
from workflows.views.input_page import (
    address,
    came_from,
    new_input,
    page,
    signed_in_for_a_form,
    to_the_page,
)

TOO_MANY = f"A workflow has at most {MOST_INPUTS} inputs. Delete one first."


@require_GET
@login_required
def edit_inputs(request: HttpRequest, slug: str, id: UUID) -> HttpResponse:
    return page(request, workflow_for(request.user, slug, id))


@require_POST
@login_required
@transaction.atomic
def add_input(request: HttpRequest, slug: str, id: UUID) -> HttpResponse:
    workflow = workflow_for(request.user, slug, id, edit=True)
    workflow.take_turns()
    if workflow.inputs.count() >= MOST_INPUTS:
        messages.error(request, TOO_MANY)
        return to_the_page(request, workflow)
    form = InputForm(new_input(workflow), request.POST)
    if not form.is_valid():
        return page(request, workflow, form)
    _store(form, **form.cleaned_data | {"version": 1})
    messages.success(request, f"Added the input “{form.input.label}”.")
    return to_the_page(request, workflow)


def _store(form: InputForm, **fields: Any) -> None:
    for name, value in fields.items():
        setattr(form.input, name, value)
    form.input.save()


@require_POST
@signed_in_for_a_form
@transaction.atomic
def save_input(request: HttpRequest, slug: str, id: UUID, input_id: UUID) -> HttpResponse:
    """A new name is written into all references in the same transaction."""
    workflow = workflow_for(request.user, slug, id, edit=True)
    workflow.take_turns()
    input = input_for(request.user, slug, id, input_id, edit=True)
    form = InputForm(input, request.POST)
    if not form.is_valid():
        return page(request, workflow, form)
    old = input.name
    fields = {**form.cleaned_data}
    if not input.save_edit(fields.pop("version") or 0, **fields):
        form.conflict = CHANGED_ELSEWHERE
        return page(request, workflow, form)
    if input.name == old:
        messages.success(request, f"Saved the input “{input.label}”.")
        return to_the_page(request, workflow, input, saved=str(input.pk))
    uses, spared = rename_with_undo(workflow, old, input.name)
    _keep_for_undo(request, input, spared)
    undo, query = address("undo-rename-input", slug, id, input_id, old, input.name), _query(request)
    say_with_undo(request, _renamed(old, input, uses), undo + query)
    return to_the_page(request, workflow, input, saved=str(input.pk))


def _query(request: HttpRequest) -> str:
    query = urlencode(came_from(request))
    return f"?{query}" if query else ""


def _keep_for_undo(request: HttpRequest, input: Input, spared: Spared) -> None:
    """In the session: it can be more than an address holds."""
    request.session.pop(_spared_by(input), None)
    if spared:
        request.session[_spared_by(input)] = spared


def _spared_by(input: Input) -> str:
    return f"undo-rename-{input.pk}"


def _renamed(old: str, input: Input, uses: list[Use]) -> str:
    if not uses:
        return f"Renamed {old} to {input.name}. No step uses it yet."
    return f"Renamed {old} to {input.name}, and with it {counted(uses)}."


@require_POST
@login_required
@transaction.atomic
def undo_rename_input(
    request: HttpRequest, slug: str, id: UUID, input_id: UUID, old: str, new: str
) -> HttpResponse:
    """Back from `new` to `old`, by the same road. References that were broken before the rename,
    because they had the new name already, are spared where they still can be told."""
    workflow = workflow_for(request.user, slug, id, edit=True)
    workflow.take_turns()
    input = input_for(request.user, slug, id, input_id, edit=True)
    if input.name != new:
        messages.error(request, f"Not undone: the input is called {input.name} by now.")
    elif problem := name_problem(input, old):
        messages.error(request, f"Not undone. {problem}")
    else:
        input.save_edit(input.version, name=old)
        spared = request.session.pop(_spared_by(input), {})
        edited = edited_since(workflow, spared)
        uses = rename_references(workflow, new, old, spared)
        told = [use.step for use in uses if use.step in edited]
        messages.success(request, _renamed(new, input, uses) + _not_spared(new, old, told))
    return to_the_page(request, workflow)


def _not_spared(new: str, old: str, steps: list[Step]) -> str:
    if not steps:
        return ""
    named = ", ".join(f"“{step.name}” ({step.identifier})" for step in steps)
    return (
        f" Edited since the rename: {named}. There, references that said {new} before it say {old}"
        " now, too. Check them."
    )


@require_POST
@login_required
def delete_input(request: HttpRequest, slug: str, id: UUID, input_id: UUID) -> HttpResponse:
    input = input_for(request.user, slug, id, input_id, edit=True)
    input.save_edit(input.version, deleted_at=now())
    undo = address("restore-input", slug, id, input_id) + _query(request)
    say_with_undo(request, f"Deleted the input “{input.label}”.", undo)
    return to_the_page(request, input.workflow)


@require_POST
@login_required
@transaction.atomic
def restore_input(request: HttpRequest, slug: str, id: UUID, input_id: UUID) -> HttpResponse:
    """Back with its values, at its place."""
    input = deleted_input_for(request.user, slug, id, input_id)
    input.workflow.take_turns()
    if problem := _cannot_come_back(input):
        messages.error(request, f"Not undone. {problem}")
    else:
        Input.everything.filter(pk=input.pk).update(deleted_at=None)
        messages.success(request, f"The input “{input.label}” is back.")
    return to_the_page(request, input.workflow)


def _cannot_come_back(input: Input) -> str:
    others = input.workflow.inputs.exclude(pk=input.pk)
    if others.filter(name=input.name).exists():
        return f"Another input is called {input.name} by now. Rename that one first."
    return TOO_MANY if others.count() >= MOST_INPUTS else ""


@require_POST
@login_required
@transaction.atomic
def move_input(request: HttpRequest, slug: str, id: UUID, input_id: UUID, by: int) -> HttpResponse:
    workflow = workflow_for(request.user, slug, id, edit=True)
    workflow.take_turns()
    input_for(request.user, slug, id, input_id, edit=True).move(by)
    way = "up" if by < 0 else "down"
    return to_the_page(request, workflow, moved=str(input_id), way=way)


@require_POST
@fragment_login_required
def draw_input(
    request: HttpRequest, slug: str, id: UUID, input_id: UUID | None = None
) -> HttpResponse:
    """The fields of an input as they were typed, with the controls of its type. Stores nothing."""
    workflow = workflow_for(request.user, slug, id, edit=True)
    input = input_for(request.user, slug, id, input_id) if input_id else new_input(workflow)
    form = InputForm(input, request.POST).as_typed()
    context = {"workspace": workflow.workspace, "workflow": workflow, "form": form}
    return render(request, "workflows/_input_fields.html", context)
