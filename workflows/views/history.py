"""The runs of a step: the list of all, and what a person takes from one."""

from uuid import UUID

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.http import require_GET, require_POST

from workflows.access import step_for, step_run_for
from workflows.history import history
from workflows.models import Step
from workflows.undo import say_with_undo


@require_GET
@login_required
def step_history(request: HttpRequest, slug: str, id: UUID, identifier: str) -> HttpResponse:
    step = step_for(request.user, slug, id, identifier)
    rows, older = history(step, before=request.GET.get("before", ""))
    context = {
        "step": step,
        "workflow": step.workflow,
        "workspace": step.workspace,
        "rows": rows,
        "older": older,
        "is_first": "before" not in request.GET,
    }
    return render(request, "workflows/step_history.html", context)


@require_POST
@login_required
def load_settings(
    request: HttpRequest, slug: str, id: UUID, identifier: str, number: int
) -> HttpResponse:
    """The settings of a run in place of the step's own, references as they were written."""
    step = step_for(request.user, slug, id, identifier, edit=True)
    step_run = step_run_for(step, number)
    step.load(step_run.settings, step_run.failure_policy)
    undo = reverse("workflows:undo-load", args=[slug, id, identifier])
    say_with_undo(request, f"Loaded the settings of run {number}.", undo)
    return _to_settings(step)


@require_POST
@login_required
def undo_load(request: HttpRequest, slug: str, id: UUID, identifier: str) -> HttpResponse:
    step = step_for(request.user, slug, id, identifier, edit=True)
    if step.replaced is None:
        messages.error(request, "There is nothing to undo: no settings were loaded.")
    else:
        step.load(step.replaced["settings"], step.replaced["failure_policy"])
        messages.success(request, "The settings are as they were before.")
    return _to_settings(step)


def _to_settings(step: Step) -> HttpResponse:
    address = (step.workspace.slug, step.workflow_id, step.identifier)
    return redirect(reverse("workflows:step-settings", args=address))
