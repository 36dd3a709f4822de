"""Starting, watching and cancelling runs."""

import secrets
from uuid import UUID

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.db import transaction
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.http import require_GET, require_POST

from workflows.access import (
    fragment_login_required,
    person,
    run_for,
    step_for,
    step_run_for,
    watched_version,
    workflow_for,
)
from workflows.editor import editor_context, run_context
from workflows.kinds import Problem
from workflows.models import Run, Step, User, Workflow
from workflows.runs.cancel import cancel
from workflows.runs.start import CannotRun, earlier_run, run_step, run_workflow
from workflows.views.forms import StepForm


@require_POST
@fragment_login_required
def start_step_run(request: HttpRequest, slug: str, id: UUID, identifier: str) -> HttpResponse:
    step = step_for(request.user, slug, id, identifier, edit=True)
    edit = StepForm(step, request.POST)
    try:
        run = _save_and_run(step, edit, person(request), _form_key(request))
    except NotSaved as not_saved:
        return _refused(request, step, edit, [], not_saved.status)
    except CannotRun as refused:
        return _refused(request, step, edit, refused.problems, 422)
    return _started(request, step, run)


class NotSaved(Exception):
    def __init__(self, status: int) -> None:
        super().__init__(status)
        self.status = status


@transaction.atomic
def _save_and_run(step: Step, edit: StepForm, user: User, form_key: str) -> Run:
    """Save, validate, freeze and start: what runs is what is on the screen. Posts of one click
    take turns, and those that come later find the run of the first."""
    Workflow.objects.select_for_update().get(pk=step.workflow_id)
    if existing := earlier_run(step.workflow, form_key):
        return existing
    status = edit.save()
    if status != 200:
        raise NotSaved(status)
    return run_step(step, user, form_key)


def _form_key(request: HttpRequest) -> str:
    return request.POST.get("form_key", "")[:64] or secrets.token_urlsafe(16)


def _started(request: HttpRequest, step: Step, run: Run) -> HttpResponse:
    context = editor_context(request, step, "output")
    context |= run_context(step.runs.select_related("run").get(run=run))
    response = render(request, "workflows/editor.html#editor", context)
    address = reverse(
        "workflows:step-output", args=[step.workspace.slug, step.workflow_id, step.identifier]
    )
    response["HX-Push-Url"] = f"{address}?run={run.number}"
    response["HX-Trigger"] = "run-changed"
    return response


def _refused(
    request: HttpRequest, step: Step, edit: StepForm, problems: list[Problem], status: int
) -> HttpResponse:
    """The form as it was typed, and a sentence for everything that stands in the way."""
    step.refresh_from_db()
    for problem in problems:
        field = problem.field if problem.field in edit.form.fields else None
        edit.form.add_error(field, problem.sentence)
    context = editor_context(request, step, "settings", form=edit.form) | {"edit": edit}
    return render(request, "workflows/editor.html#editor", context, status=status)


@require_POST
@login_required
def start_workflow_run(request: HttpRequest, slug: str, id: UUID) -> HttpResponse:
    workflow = workflow_for(request.user, slug, id, edit=True)
    form_key = _form_key(request)
    step = _step_to_show(workflow, request.POST.get("step", ""))
    if step is None:
        messages.error(request, "This workflow has no step yet. Add one, then run it.")
        return redirect("workflows:open-workflow", slug=slug, id=id)
    try:
        with transaction.atomic():
            run = earlier_run(workflow, form_key) or run_workflow(
                workflow, person(request), form_key
            )
    except CannotRun as refused:
        for problem in refused.problems:
            messages.error(request, problem.sentence)
        return redirect("workflows:step-settings", slug=slug, id=id, identifier=step.identifier)
    address = reverse("workflows:step-output", args=[slug, id, step.identifier])
    return redirect(f"{address}?run={run.number}")


def _step_to_show(workflow: Workflow, identifier: str) -> Step | None:
    """The step that is open, else the first."""
    steps = workflow.steps.all()
    return steps.filter(identifier=identifier).first() or steps.first()


@require_GET
@fragment_login_required
def watch_step_run(
    request: HttpRequest, slug: str, id: UUID, identifier: str, number: int
) -> HttpResponse:
    """The Output tab of one run; 204 while it is what the watcher shows already."""
    version = watched_version(request.user, slug, id, identifier, number)
    if request.GET.get("version") == str(version):
        return HttpResponse(status=204)
    step = step_for(request.user, slug, id, identifier)
    step_run = step_run_for(step, number)
    context = {"step": step, "step_kind": step.step_kind, **run_context(step_run)}
    context |= {"workspace": step.workspace, "workflow": step.workflow}
    response = render(request, "workflows/editor.html#run", context)
    response["HX-Trigger"] = "run-changed"
    return response


@require_POST
@fragment_login_required
def cancel_run(request: HttpRequest, slug: str, id: UUID, number: int) -> HttpResponse:
    run = run_for(request.user, slug, id, number, edit=True)
    cancel(run.pk)
    return HttpResponse(status=204, headers={"HX-Trigger": "run-changed"})
