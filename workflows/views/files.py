"""Workflows as files: out, and in again."""

from uuid import UUID

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils.http import content_disposition_header
from django.views.decorators.http import require_GET, require_http_methods

from workflows import description
from workflows.access import workflow_for, workspace_for
from workflows.export import export, file_name
from workflows.import_file import MOST_BYTES, TOO_LARGE, ImportRefused, read_file
from workflows.views.workflows import list_page


@require_GET
@login_required
def export_workflow(request: HttpRequest, slug: str, id: UUID) -> HttpResponse:
    workflow = workflow_for(request.user, slug, id)
    response = HttpResponse(export(workflow), content_type="application/json; charset=utf-8")
    disposition = content_disposition_header(True, file_name(workflow))
    response["Content-Disposition"] = disposition or "attachment"
    return response


@require_http_methods(["GET", "POST"])
@login_required
def import_workflow(request: HttpRequest, slug: str) -> HttpResponse:
    """A GET asks for the address that a refused file left in the bar."""
    if request.method == "GET":
        return redirect("workflows:workflow-list", slug=slug)
    workspace = workspace_for(request.user, slug, edit=True)
    try:
        described = read_file(_content(request))
    except ImportRefused as refused:
        return list_page(request, workspace, str(refused))
    workflow = description.make(described, workspace)
    messages.success(request, f"Imported “{workflow.name}”.")
    return redirect("workflows:open-workflow", slug=slug, id=workflow.pk)


def _content(request: HttpRequest) -> bytes:
    file = request.FILES.get("file")
    if file is None:
        raise ImportRefused("No file was chosen. Choose one that Export made.")
    if (file.size or 0) > MOST_BYTES:
        raise ImportRefused(TOO_LARGE)
    content: bytes = file.read()
    return content
