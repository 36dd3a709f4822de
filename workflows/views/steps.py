"""The editor: one step open, in two tabs."""

from uuid import UUID

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET, require_POST

from workflows.access import fragment_login_required, step_for, workflow_for
from workflows.editor import cards, editor_context, settings_context
from workflows.models import Step
from workflows.views.forms import StepForm

MOST_STEPS = 100


@never_cache  # Back would bring an old version, and with it a conflict with oneself
@require_GET
@login_required
def edit_step(request: HttpRequest, slug: str, id: UUID, identifier: str, tab: str) -> HttpResponse:
    step = step_for(request.user, slug, id, identifier)
    return render(request, "workflows/editor.html", editor_context(request, step, tab))


@require_POST
@fragment_login_required
def save_step(request: HttpRequest, slug: str, id: UUID, identifier: str) -> HttpResponse:
    """The one road of every change: store what is valid, and redraw the form for it."""
    step = step_for(request.user, slug, id, identifier, edit=True)
    edit = StepForm(step, request.POST)
    status = edit.save()
    context = settings_context(step, edit.form)
    context |= {"edit": edit, "workflow": step.workflow, "workspace": step.workspace}
    response = render(request, "workflows/editor.html#settings", context, status=status)
    response["HX-Trigger"] = "step-saved" if status == 200 else "step-not-saved"
    return response


@require_GET
@fragment_login_required
def step_cards(request: HttpRequest, slug: str, id: UUID, identifier: str) -> HttpResponse:
    step = step_for(request.user, slug, id, identifier)
    context = {
        "workflow": step.workflow,
        "workspace": step.workspace,
        "step": step,
        "inputs": step.workflow.inputs.all(),
        "cards": cards(step.workflow, step),
    }
    return render(request, "workflows/editor.html#cards", context)


@require_GET
@fragment_login_required
def step_left(request: HttpRequest, slug: str, id: UUID, identifier: str) -> HttpResponse:
    step = step_for(request.user, slug, id, identifier)
    context = {"workspace": step.workspace, "workflow": step.workflow, "step": step}
    context |= step.step_kind.left_context(step)
    return render(request, step.step_kind.left_template, context)


@require_POST
@login_required
def add_step(request: HttpRequest, slug: str, id: UUID) -> HttpResponse:
    workflow = workflow_for(request.user, slug, id, edit=True)
    if workflow.steps.count() >= MOST_STEPS:
        messages.error(request, f"A workflow has at most {MOST_STEPS} steps. Delete one first.")
        return redirect("workflows:open-workflow", slug=slug, id=id)
    step = workflow.add_step()
    return redirect("workflows:step-settings", slug=slug, id=id, identifier=step.identifier)


@require_POST
@login_required
def delete_step(request: HttpRequest, slug: str, id: UUID, identifier: str) -> HttpResponse:
    """Its runs, images and charges stay; its identifier is never used again."""
    step = step_for(request.user, slug, id, identifier, edit=True)
    Step.objects.filter(pk=step.pk).delete()
    messages.success(request, f"Deleted “{step.name}” ({step.identifier}).")
    return redirect("workflows:open-workflow", slug=slug, id=id)
