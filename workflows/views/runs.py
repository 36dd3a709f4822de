"""Starting, watching and cancelling runs."""

import json
import re
import secrets
from collections.abc import Callable
from uuid import UUID

from django.db import transaction
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.http import require_GET, require_POST
from django_htmx.http import trigger_client_event

from workflows.access import (
    fragment_login_required,
    open_step_for,
    person,
    run_for,
    step_for,
    step_run_for,
)
from workflows.editor import editor_context, run_context
from workflows.models import Run, Step, User
from workflows.runs.cancel import cancel
from workflows.runs.start import (
    CannotRun,
    TooManyAtOnce,
    earlier_run,
    run_again_once,
    run_missing_once,
    run_step,
    run_workflow,
)
from workflows.views.forms import StepForm
from workflows.views.missing_values import MissingValuesForm

FORM_KEY = re.compile(r"[A-Za-z0-9_-]{1,64}")

Start = Callable[[Step, User, str], Run]


@require_POST
@fragment_login_required
def start_step_run(request: HttpRequest, slug: str, id: UUID, identifier: str) -> HttpResponse:
    step = open_step_for(request.user, slug, id, identifier, edit=True)
    return _save_and_run(request, step, run_step)


@require_POST
@fragment_login_required
def start_workflow_run(request: HttpRequest, slug: str, id: UUID, identifier: str) -> HttpResponse:
    """The step that is open is saved first: what runs is what is on the screen."""
    step = open_step_for(request.user, slug, id, identifier, edit=True)
    return _save_and_run(
        request, step, lambda step, user, key: run_workflow(step.workflow, user, key)
    )


def _save_and_run(request: HttpRequest, step: Step, start: Start) -> HttpResponse:
    edit = StepForm(step, request.POST)
    try:
        run = _started_once(step, edit, start, person(request), form_key(request))
    except NotStarted as not_started:
        return _refused(request, step, edit, CannotRun([]), not_started.status)
    except TooManyAtOnce as refused:
        return _told(str(refused), saved=True)
    except CannotRun as refused:
        return _refused(request, step, edit, refused, 422)
    return _started(request, step, run)


@require_POST
@fragment_login_required
def start_again(
    request: HttpRequest, slug: str, id: UUID, identifier: str, number: int
) -> HttpResponse:
    """The snapshot of an earlier run once more; the settings of the step stay as they are."""
    step = step_for(request.user, slug, id, identifier, edit=True)
    before = step_run_for(step, number).run
    return _start_like(request, step, lambda user, key: run_again_once(before, user, key))


@require_POST
@fragment_login_required
def start_missing(
    request: HttpRequest, slug: str, id: UUID, identifier: str, number: int
) -> HttpResponse:
    """What an earlier run was asked for and did not bring."""
    step = step_for(request.user, slug, id, identifier, edit=True)
    before = step_run_for(step, number)
    return _start_like(request, step, lambda user, key: run_missing_once(before, user, key))


def _start_like(
    request: HttpRequest, step: Step, start: Callable[[User, str], Run]
) -> HttpResponse:
    try:
        run = start(person(request), form_key(request))
    except CannotRun as refused:
        return _told(str(refused))
    return _started(request, step, run)


def _told(sentence: str, *, saved: bool = False) -> HttpResponse:
    """A refusal that changes nothing on the page but says why. `saved`: the form was, all the
    same."""
    message = {"key": "request", "kind": "error", "text": sentence}
    events = {"show-message": message} | ({"step-saved": {}} if saved else {})
    headers = {"HX-Reswap": "none", "HX-Trigger": json.dumps(events)}
    return HttpResponse(sentence, status=422, headers=headers)


class NotStarted(Exception):
    """The form was not stored, or changed a choice that the person has to see first."""

    def __init__(self, status: int) -> None:
        super().__init__(status)
        self.status = status


def _started_once(step: Step, edit: StepForm, start: Start, user: User, form_key: str) -> Run:
    """Save, validate, freeze and start. Posts of one click take turns, and those that come later
    find the run of the first. What was saved stays saved when the run is refused."""
    with transaction.atomic():
        step.workflow.take_turns()
        if existing := earlier_run(step.workspace_id, step.pk, form_key):
            return existing
        status = edit.save()
        outcome: Run | Exception = NotStarted(422 if status == 200 else status)
        if status == 200 and not edit.form.notes:
            outcome = _run_or_refusal(step, start, user, form_key)
    if isinstance(outcome, Exception):
        raise outcome
    return outcome


def _run_or_refusal(step: Step, start: Start, user: User, form_key: str) -> Run | CannotRun:
    try:
        with transaction.atomic():
            return start(step, user, form_key)
    except CannotRun as refused:
        return refused


def form_key(request: HttpRequest) -> str:
    """One click is one run; letters and digits of ours, or a key of its own."""
    given = request.POST.get("form_key", "")
    return given if FORM_KEY.fullmatch(given) else secrets.token_urlsafe(16)


def _started(request: HttpRequest, step: Step, run: Run) -> HttpResponse:
    context = editor_context(request, step, "output")
    context |= run_context(step, step.runs.select_related("run", "completes").get(run=run))
    response = render(request, "workflows/editor.html#editor", context)
    address = reverse(
        "workflows:step-output", args=[step.workspace.slug, step.workflow_id, step.identifier]
    )
    response["HX-Push-Url"] = f"{address}?run={run.number}"
    return trigger_client_event(response, "run-changed", after="settle")


def _refused(
    request: HttpRequest, step: Step, edit: StepForm, refusal: CannotRun, status: int
) -> HttpResponse:
    """The form as it was typed, a sentence for everything that stands in the way, and a question
    for values that are missing."""
    step.refresh_from_db()
    for problem in refusal.problems:
        field = problem.field if problem.field in edit.form.fields else None
        edit.form.add_error(field, problem.sentence)
    context = editor_context(request, step, "settings", form=edit.form) | {"edit": edit}
    if refusal.missing:
        context["missing_values"] = MissingValuesForm(refusal.missing)
    response = render(request, "workflows/editor.html#editor", context, status=status)
    response["HX-Trigger"] = "step-saved" if edit.is_stored else "step-not-saved"
    return response


@require_GET
@fragment_login_required
def show_step_run(
    request: HttpRequest, slug: str, id: UUID, identifier: str, number: int
) -> HttpResponse:
    """The Output tab of one run; 204 while it is what the page shows already."""
    step = open_step_for(request.user, slug, id, identifier)
    step_run = step_run_for(step, number)
    if request.GET.get("version") == str(step_run.run.version):
        return HttpResponse(status=204)
    context = {"step": step, "step_kind": step.step_kind, **run_context(step, step_run)}
    context |= {"workspace": step.workspace, "workflow": step.workflow}
    return render(request, "workflows/editor.html#run", context)


@require_POST
@fragment_login_required
def cancel_run(request: HttpRequest, slug: str, id: UUID, number: int) -> HttpResponse:
    run = run_for(request.user, slug, id, number, edit=True)
    cancel(run.pk)
    return HttpResponse(status=204, headers={"HX-Trigger": "run-changed"})
