"""The runs of a workflow: all of them, and each by its own address."""

from uuid import UUID

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_GET, require_POST

from workflows.access import (
    any_workflow_for,
    fragment_login_required,
    person,
    run_for,
    watched_versions,
    workflow_for,
)
from workflows.pages import number_in
from workflows.progress import progress_of
from workflows.run_list import Filters, run_list
from workflows.run_page import run_page
from workflows.runs.start import CannotRun, run_again_once
from workflows.views.runs import form_key
from workflows.watching import watcher


@require_GET
@login_required
def list_runs(request: HttpRequest, slug: str, id: UUID) -> HttpResponse:
    workflow = any_workflow_for(request.user, slug, id)
    filters = Filters.of(request.GET)
    before, after = request.GET.get("before", ""), request.GET.get("after", "")
    context = {"workflow": workflow, "workspace": workflow.workspace, "filters": filters}
    context |= run_list(workflow, filters, before, after)
    return render(request, "workflows/run_list.html", context)


@require_GET
@login_required
def show_run(request: HttpRequest, slug: str, id: UUID, number: int) -> HttpResponse:
    run = run_for(request.user, slug, id, number)
    return render(request, "workflows/run.html", run_page(run))


@require_GET
@fragment_login_required
def run_progress(request: HttpRequest, slug: str, id: UUID, number: int) -> HttpResponse:
    run = run_for(request.user, slug, id, number)
    workflow, progress = run.workflow, progress_of(run)
    context = {"workflow": workflow, "workspace": workflow.workspace, "progress": progress}
    return render(request, "workflows/_progress.html", context)


@require_GET
def watch_runs(request: HttpRequest, slug: str, id: UUID) -> HttpResponse:
    """Asked every second with what a page shows of each unfinished run, as "number.version": 204
    while that is how it is, by one query. Else what shows a run draws itself anew."""
    user_id = watcher(request)
    if user_id and _are_as_seen(request, user_id, slug, id):
        return HttpResponse(status=204)
    return _changed(request, slug, id)


def _are_as_seen(request: HttpRequest, user_id: str, slug: str, id: UUID) -> bool:
    seen = set(request.GET.getlist("seen"))
    numbers = [number_in(each.partition(".")[0]) for each in seen]
    versions = watched_versions(user_id, slug, id, [each for each in numbers if each])
    return bool(seen) and seen == {f"{number}.{version}" for number, version in versions.items()}


@fragment_login_required
def _changed(request: HttpRequest, slug: str, id: UUID) -> HttpResponse:
    any_workflow_for(request.user, slug, id)
    return HttpResponse(headers={"HX-Trigger": "run-changed"})


@require_POST
@login_required
def start_run_again(request: HttpRequest, slug: str, id: UUID, number: int) -> HttpResponse:
    """The snapshot once more, whatever has become of the workflow; not of a deleted one."""
    workflow_for(request.user, slug, id, edit=True)
    run = run_for(request.user, slug, id, number, edit=True)
    try:
        run = run_again_once(run, person(request), form_key(request))
    except CannotRun as refused:
        messages.error(request, str(refused))
    return redirect("workflows:show-run", slug=slug, id=id, number=run.number)
