"""Pieces of the Output tab that are drawn by themselves."""

from uuid import UUID

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_GET

from workflows.access import fragment_login_required, open_step_for
from workflows.editor import against_settings_context, shown_step_run
from workflows.history import RUNS_IN_MENU, history
from workflows.pages import number_in


@require_GET
@fragment_login_required
def newest_runs(request: HttpRequest, slug: str, id: UUID, identifier: str) -> HttpResponse:
    """The menu at the run number, filled when it is opened."""
    step = open_step_for(request.user, slug, id, identifier)
    rows, page = history(step, most=RUNS_IN_MENU)
    context = {
        "step": step,
        "workflow": step.workflow,
        "workspace": step.workspace,
        "rows": rows,
        "older": page.older,
        "shown": number_in(request.GET.get("shown")),
    }
    return render(request, "workflows/_newest_runs.html", context)


@require_GET
@fragment_login_required
def against_settings(request: HttpRequest, slug: str, id: UUID, identifier: str) -> HttpResponse:
    """What Output says in the light of the settings, which have just been saved."""
    step = open_step_for(request.user, slug, id, identifier)
    context = {"step": step, "workflow": step.workflow, "workspace": step.workspace}
    context |= against_settings_context(step, shown_step_run(step))
    return render(request, "workflows/_against_settings.html", context)
