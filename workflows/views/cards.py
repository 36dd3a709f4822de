"""The column of cards: the steps of a workflow added, moved, duplicated, deleted and restored."""

from uuid import UUID

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.http import require_GET, require_POST
from django_htmx.http import trigger_client_event

from workflows import order
from workflows.access import (
    any_step_for,
    fragment_login_required,
    open_step_for,
    step_for,
    workflow_for,
)
from workflows.contents import contents_of
from workflows.editor import column_context
from workflows.models import Step, Workflow
from workflows.undo import say_with_undo

DIRECTIONS = {"up": -1, "down": 1}


@require_GET
@fragment_login_required
def step_cards(request: HttpRequest, slug: str, id: UUID, identifier: str) -> HttpResponse:
    step = open_step_for(request.user, slug, id, identifier)
    return render(request, "workflows/cards.html", column_context(contents_of(step.workflow), step))


@require_POST
@login_required
def add_step(request: HttpRequest, slug: str, id: UUID) -> HttpResponse:
    workflow = workflow_for(request.user, slug, id, edit=True)
    try:
        step = order.add(workflow, before=request.POST.get("before", ""))
    except order.Refused as refused:
        messages.error(request, str(refused))
        return redirect("workflows:open-workflow", slug=slug, id=id)
    return _to(step)


@require_POST
@login_required
def duplicate_step(request: HttpRequest, slug: str, id: UUID, identifier: str) -> HttpResponse:
    step = step_for(request.user, slug, id, identifier, edit=True)
    try:
        copy = order.duplicate(step)
    except order.Refused as refused:
        messages.error(request, str(refused))
        return _to(step)
    messages.success(request, f"Duplicated “{step.name}” as {copy.identifier}.")
    return _to(copy)


@require_POST
@fragment_login_required
def move_step(request: HttpRequest, slug: str, id: UUID, identifier: str) -> HttpResponse:
    step = step_for(request.user, slug, id, identifier, edit=True)
    by = DIRECTIONS.get(request.POST.get("direction", ""), 0)
    try:
        place = order.move(step, by)
    except order.Refused as refused:
        return _not_moved(request, step.workflow, refused)
    count = step.workflow.steps.count()
    return _moved(request, step.workflow, f"“{step.name}” is step {place} of {count}.")


@require_POST
@fragment_login_required
def order_steps(request: HttpRequest, slug: str, id: UUID) -> HttpResponse:
    workflow = workflow_for(request.user, slug, id, edit=True)
    try:
        order.put_in_order(workflow, request.POST.getlist("order"))
    except order.Refused as refused:
        return _not_moved(request, workflow, refused)
    return _moved(request, workflow, "The steps are in the new order.")


def _moved(request: HttpRequest, workflow: Workflow, said: str) -> HttpResponse:
    """The cards with what is wrong now. The open form hears of it: other steps are earlier now."""
    response = _cards(request, workflow)
    return trigger_client_event(response, "steps-moved", {"said": said}, after="settle")


def _not_moved(request: HttpRequest, workflow: Workflow, refused: order.Refused) -> HttpResponse:
    return _cards(request, workflow, refusal=str(refused), status=409)


def _cards(
    request: HttpRequest, workflow: Workflow, *, refusal: str = "", status: int = 200
) -> HttpResponse:
    opened = workflow.steps.filter(identifier=request.POST.get("open", "")).first()
    context = column_context(contents_of(workflow), opened) | {"refusal": refusal}
    return render(request, "workflows/cards.html", context, status=status)


@require_POST
@login_required
def delete_step(request: HttpRequest, slug: str, id: UUID, identifier: str) -> HttpResponse:
    step = step_for(request.user, slug, id, identifier, edit=True)
    order.delete(step)
    undo = reverse("workflows:restore-step", args=[slug, id, identifier])
    say_with_undo(request, f"Deleted “{step.name}” ({identifier}).", undo)
    stays = step.workflow.steps.filter(identifier=request.POST.get("open", "")).first()
    next_to_it = stays or step.earlier().last() or step.workflow.steps.first()
    if next_to_it is None:
        return redirect("workflows:open-workflow", slug=slug, id=id)
    return _to(next_to_it)


@require_POST
@login_required
def restore_step(request: HttpRequest, slug: str, id: UUID, identifier: str) -> HttpResponse:
    step = any_step_for(request.user, slug, id, identifier, edit=True)
    try:
        order.restore(step)
    except order.Refused as refused:
        messages.error(request, str(refused))
        return redirect("workflows:open-workflow", slug=slug, id=id)
    messages.success(request, f"“{step.name}” ({identifier}) is back in its place.")
    return _to(step)


def _to(step: Step) -> HttpResponse:
    return redirect(
        "workflows:step-settings",
        slug=step.workflow.workspace.slug,
        id=step.workflow_id,
        identifier=step.identifier,
    )
