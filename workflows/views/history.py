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
from workflows.models import Step, StepRun
from workflows.undo import say_with_undo


@require_GET
@login_required
def step_history(request: HttpRequest, slug: str, id: UUID, identifier: str) -> HttpResponse:
    step = step_for(request.user, slug, id, identifier)
    before, after = request.GET.get("before", ""), request.GET.get("after", "")
    rows, page = history(step, before, after)
    context = {
        "step": step,
        "workflow": step.workflow,
        "workspace": step.workspace,
        "rows": rows,
        "page": page,
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
    step.load(step_run.settings_of_step, step_run.failure_policy)
    say_with_undo(request, f"Loaded the settings of run {number}.", _address(step, "undo-load"))
    return redirect(f"{_address(step, 'step-settings')}#editor")


@require_POST
@login_required
def use_run(
    request: HttpRequest, slug: str, id: UUID, identifier: str, number: int
) -> HttpResponse:
    """Its output is what later steps are tested with, whatever runs come after it."""
    step = step_for(request.user, slug, id, identifier, edit=True)
    step_run = step_run_for(step, number)
    if step_run.status != StepRun.Status.SUCCEEDED:
        messages.error(request, f"Run {number} has no output. Choose a run that succeeded.")
    else:
        Step.objects.filter(pk=step.pk).update(used_run=step_run)
        sentence = f"Later steps use run {number} of {step.identifier} from now on."
        say_with_undo(request, sentence, _address(step, "use-newest-run"))
    return redirect(f"{_address(step, 'step-output')}?run={number}#use-newest-run")


@require_POST
@login_required
def use_newest_run(request: HttpRequest, slug: str, id: UUID, identifier: str) -> HttpResponse:
    step = step_for(request.user, slug, id, identifier, edit=True)
    Step.objects.filter(pk=step.pk).update(used_run=None)
    messages.success(request, f"Later steps use the newest run of {step.identifier} again.")
    return redirect(f"{_address(step, 'step-output')}#use-run")


@require_POST
@login_required
def undo_load(request: HttpRequest, slug: str, id: UUID, identifier: str) -> HttpResponse:
    step = step_for(request.user, slug, id, identifier, edit=True)
    if step.replaced is None:
        messages.error(request, "There is nothing to undo: no settings were loaded.")
    else:
        step.load(step.replaced["settings"], step.replaced["failure_policy"])
        messages.success(request, "The settings are as they were before.")
    return redirect(f"{_address(step, 'step-settings')}#editor")


def _address(step: Step, name: str) -> str:
    ids = (step.workspace.slug, step.workflow_id, step.identifier)
    return reverse(f"workflows:{name}", args=ids)
