"""Page 404, and what a member reads of what is no longer or was never there."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.defaults import page_not_found

from workflows.access import RunNotFound, WorkflowDeleted

PAGES = {
    WorkflowDeleted: "workflows/deleted_workflow.html",
    RunNotFound: "workflows/no_such_run.html",
}


def not_found(request: HttpRequest, exception: Exception) -> HttpResponse:
    if not isinstance(exception, WorkflowDeleted | RunNotFound):
        return page_not_found(request, exception)
    workflow = exception.workflow
    number = getattr(exception, "number", None)
    context = {"workflow": workflow, "workspace": workflow.workspace, "number": number}
    return render(request, PAGES[type(exception)], context, status=404)
