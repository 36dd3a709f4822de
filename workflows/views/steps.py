"""The editor: one step open, in two tabs."""

import contextlib
from uuid import UUID

from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET, require_POST

from workflows import order, picker
from workflows.access import any_step_for, fragment_login_required, open_step_for
from workflows.contents import contents_of
from workflows.editor import editor_context, settings_context, shown_step_run
from workflows.models import Step
from workflows.variables import scope_of
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
    step = open_step_for(request.user, slug, id, identifier, edit=True)
    return _saved(request, step)


@require_POST
@fragment_login_required
def restore_and_save_step(
    request: HttpRequest, slug: str, id: UUID, identifier: str
) -> HttpResponse:
    """Undo of a deletion, for somebody who was typing meanwhile."""
    step = open_step_for(request.user, slug, id, identifier, edit=True)
    step.workflow.restore()
    with contextlib.suppress(order.Refused):  # the form says that it is still deleted
        order.restore(step)
    return _saved(request, step)


def _saved(request: HttpRequest, step: Step) -> HttpResponse:
    edit = StepForm(step, request.POST)
    status = edit.save()
    context = settings_context(step, contents_of(step.workflow), shown_step_run(step), edit.form)
    context |= {"edit": edit, "workflow": step.workflow, "workspace": step.workspace}
    response = render(request, "workflows/editor.html#settings", context, status=status)
    response["HX-Trigger"] = "step-saved" if status == 200 else "step-not-saved"
    return response


@require_GET
@fragment_login_required
def step_left(request: HttpRequest, slug: str, id: UUID, identifier: str) -> HttpResponse:
    step = open_step_for(request.user, slug, id, identifier)
    context = {"workspace": step.workspace, "workflow": step.workflow, "step": step}
    context |= step.step_kind.left_context(step)
    return render(request, step.step_kind.left_template, context)


@require_GET
@fragment_login_required
def step_variables(request: HttpRequest, slug: str, id: UUID, identifier: str) -> HttpResponse:
    """What Insert Variable lists: as it opens, what is searched for, or what is under a row."""
    step = any_step_for(request.user, slug, id, identifier)
    contents = contents_of(step.workflow)
    scope = scope_of(step, contents.steps, contents.inputs)
    words, path = request.GET.get("q", "").strip(), request.GET.get("under")
    template = step.step_kind.variables_template
    context = {"step": step, "workflow": step.workflow, "workspace": step.workspace}
    if path:
        under = {"rows": picker.under(scope, path)}
        return render(request, f"{template}#rows", context | under)
    listing = picker.found(scope, words) if words else picker.opened(scope)
    return render(request, template, context | {"listing": listing})
