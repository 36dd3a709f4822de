"""The editor: one step open, in two tabs."""

import contextlib
from uuid import UUID

from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET, require_POST

from workflows import order
from workflows.access import any_step_for, fragment_login_required, step_for
from workflows.editor import editor_context, settings_context
from workflows.models import Step
from workflows.views.forms import StepForm


@never_cache  # Back would bring an old version, and with it a conflict with oneself
@require_GET
@login_required
def edit_step(request: HttpRequest, slug: str, id: UUID, identifier: str, tab: str) -> HttpResponse:
    step = any_step_for(request.user, slug, id, identifier)
    if step.deleted_at:
        context = {"step": step, "workflow": step.workflow, "workspace": step.workspace}
        return render(request, "workflows/deleted_step.html", context, status=410)
    return render(request, "workflows/editor.html", editor_context(request, step, tab))


@require_POST
@fragment_login_required
def save_step(request: HttpRequest, slug: str, id: UUID, identifier: str) -> HttpResponse:
    """The one road of every change: store what is valid, and redraw the form for it."""
    step = any_step_for(request.user, slug, id, identifier, edit=True)
    return _saved(request, step)


@require_POST
@fragment_login_required
def restore_and_save_step(
    request: HttpRequest, slug: str, id: UUID, identifier: str
) -> HttpResponse:
    """Undo of a deletion, for somebody who was typing meanwhile."""
    step = any_step_for(request.user, slug, id, identifier, edit=True)
    with contextlib.suppress(order.Refused):  # the form says that it is still deleted
        order.restore(step)
    return _saved(request, step)


def _saved(request: HttpRequest, step: Step) -> HttpResponse:
    edit = StepForm(step, request.POST)
    status = edit.save()
    context = settings_context(step, edit.form)
    context |= {"edit": edit, "workflow": step.workflow, "workspace": step.workspace}
    response = render(request, "workflows/editor.html#settings", context, status=status)
    response["HX-Trigger"] = "step-saved" if status == 200 else "step-not-saved"
    return response


@require_GET
@fragment_login_required
def step_left(request: HttpRequest, slug: str, id: UUID, identifier: str) -> HttpResponse:
    step = step_for(request.user, slug, id, identifier)
    context = {"workspace": step.workspace, "workflow": step.workflow, "step": step}
    context |= step.step_kind.left_context(step)
    return render(request, step.step_kind.left_template, context)
