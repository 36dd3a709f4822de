"""Page 404, and what a member reads at the address of a deleted workflow."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.defaults import page_not_found

from workflows.access import WorkflowDeleted


def not_found(request: HttpRequest, exception: Exception) -> HttpResponse:
    if not isinstance(exception, WorkflowDeleted):
        return page_not_found(request, exception)
    workflow = exception.workflow
    context = {"workflow": workflow, "workspace": workflow.workspace}
    return render(request, "workflows/deleted_workflow.html", context, status=404)
