"""The inputs of a workflow and their test values."""

from dataclasses import dataclass
from typing import Any
from uuid import UUID

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.db import transaction
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.timezone import now
from django.views.decorators.http import require_GET, require_POST

from workflows.access import (
    deleted_input_for,
    fragment_login_required,
    input_for,
    workflow_for,
)
from workflows.description import MOST_INPUTS
from workflows.models import Input, Workflow
from workflows.undo import say_with_undo
from workflows.uses import Use, counted, rename_references, uses_of
from workflows.views.input_forms import (
    CHANGED_ELSEWHERE,
    InputForm,
    name_problem,
)

TOO_MANY = f"A workflow has at most {MOST_INPUTS} inputs. Delete one first."
MOST_USES_TOLD = 10


@require_GET
@login_required
def edit_inputs(request: HttpRequest, slug: str, id: UUID) -> HttpResponse:
    return _page(request, workflow_for(request.user, slug, id))


@require_POST
@login_required
@transaction.atomic
def add_input(request: HttpRequest, slug: str, id: UUID) -> HttpResponse:
    workflow = workflow_for(request.user, slug, id, edit=True)
    workflow.take_turns()
    if workflow.inputs.count() >= MOST_INPUTS:
        messages.error(request, TOO_MANY)
        return _to_the_page(workflow)
    form = InputForm(_new(workflow), request.POST)
    if not form.is_valid():
        return _page(request, workflow, form)
    _store(form, **form.cleaned_data | {"version": 1})
    messages.success(request, f"Added the input “{form.input.label}”.")
    return _to_the_page(workflow)


def _new(workflow: Workflow) -> Input:
    last = workflow.inputs.last()
    position = last.position + 1 if last else 1
    return Input(workspace=workflow.workspace, workflow=workflow, position=position)


def _store(form: InputForm, **fields: Any) -> None:
    for name, value in fields.items():
        setattr(form.input, name, value)
    form.input.save()


@require_POST
@login_required
@transaction.atomic
def save_input(request: HttpRequest, slug: str, id: UUID, input_id: UUID) -> HttpResponse:
    """A new name is written into all references in the same transaction."""
    workflow = workflow_for(request.user, slug, id, edit=True)
    workflow.take_turns()
    input = input_for(request.user, slug, id, input_id, edit=True)
    form = InputForm(input, request.POST)
    if not form.is_valid():
        return _page(request, workflow, form)
    old = input.name
    fields = {**form.cleaned_data}
    if not input.save_edit(fields.pop("version") or 0, **fields):
        form.conflict = CHANGED_ELSEWHERE
        return _page(request, workflow, form)
    if input.name == old:
        messages.success(request, f"Saved the input “{input.label}”.")
        return _to_the_page(workflow)
    uses = rename_references(workflow, old, input.name)
    undo = [slug, id, input_id, old, input.name]
    say_with_undo(request, _renamed(old, input, uses), _address("undo-rename-input", *undo))
    return _to_the_page(workflow)


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
    """Back from `new` to `old`, by the same road."""
    workflow = workflow_for(request.user, slug, id, edit=True)
    workflow.take_turns()
    input = input_for(request.user, slug, id, input_id, edit=True)
    if input.name != new:
        messages.error(request, f"Not undone: the input is called {input.name} by now.")
    elif problem := name_problem(input, old):
        messages.error(request, f"Not undone. {problem}")
    else:
        input.save_edit(input.version, name=old)
        messages.success(request, _renamed(new, input, rename_references(workflow, new, old)))
    return _to_the_page(workflow)


@require_POST
@login_required
def delete_input(request: HttpRequest, slug: str, id: UUID, input_id: UUID) -> HttpResponse:
    input = input_for(request.user, slug, id, input_id, edit=True)
    input.save_edit(input.version, deleted_at=now())
    address = _address("restore-input", slug, id, input_id)
    say_with_undo(request, f"Deleted the input “{input.label}”.", address)
    return _to_the_page(input.workflow)


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
    return _to_the_page(input.workflow)


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
    return redirect(f"{_address('edit-inputs', slug, id)}?moved={input_id}&way={way}")


@require_POST
@fragment_login_required
def draw_input(
    request: HttpRequest, slug: str, id: UUID, input_id: UUID | None = None
) -> HttpResponse:
    """The fields of an input as they were typed, with the controls of its type. Stores nothing."""
    workflow = workflow_for(request.user, slug, id, edit=True)
    input = input_for(request.user, slug, id, input_id) if input_id else _new(workflow)
    form = InputForm(input, request.POST).as_typed()
    context = {"workspace": workflow.workspace, "workflow": workflow, "form": form}
    return render(request, "workflows/_input_fields.html", context)


def _address(name: str, *args: Any) -> str:
    return reverse(f"workflows:{name}", args=args)


def _to_the_page(workflow: Workflow) -> HttpResponse:
    return redirect("workflows:edit-inputs", slug=workflow.workspace.slug, id=workflow.pk)


@dataclass(frozen=True)
class InputCard:
    """An input in a form of its own."""

    form: InputForm
    uses: list[Use]
    number: int
    count: int

    @property
    def is_first(self) -> bool:
        return self.number == 1

    @property
    def is_last(self) -> bool:
        return self.number == self.count

    @property
    def place(self) -> str:
        return f"{self.number} of {self.count}"

    @property
    def used(self) -> str:
        return counted(self.uses) if self.uses else ""

    @property
    def question(self) -> str:
        """Before it is deleted: what that would break."""
        question = f"Delete the input “{self.form.input.label}”?"
        if not self.uses:
            return f"{question} No step uses it."
        told = [f"• {use}" for use in self.uses[:MOST_USES_TOLD]]
        more = len(self.uses) - len(told)
        told += [f"• and {more} more"] if more else []
        return "\n".join([f"{question} This would break {self.used}:", *told])


def _page(
    request: HttpRequest, workflow: Workflow, refused: InputForm | None = None
) -> HttpResponse:
    """All inputs, each in a form of its own; the refused one as it was typed."""
    if refused:
        refused.focus_first_problem()
    adding = refused if refused and refused.input._state.adding else None
    cards = _cards(workflow, refused)
    context = {
        "workflow": workflow,
        "workspace": workflow.workspace,
        "cards": cards,
        "new_form": adding or InputForm(_new(workflow)),
        "new_is_open": bool(adding),
        "moved": next((c for c in cards if str(c.form.input.pk) == request.GET.get("moved")), None),
        "way": request.GET.get("way"),
    }
    return render(request, "workflows/edit_inputs.html", context, status=_status(refused))


def _status(refused: InputForm | None) -> int:
    if refused is None:
        return 200
    return 409 if refused.conflict else 422


def _cards(workflow: Workflow, refused: InputForm | None) -> list[InputCard]:
    inputs = list(workflow.inputs.all())
    steps = list(workflow.steps.all())
    return [
        InputCard(
            form=refused if refused and refused.input.pk == input.pk else InputForm(input),
            uses=uses_of(input.name, steps),
            number=number,
            count=len(inputs),
        )
        for number, input in enumerate(inputs, 1)
    ]
