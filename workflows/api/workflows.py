"""Workflows: which there are to run, and what they are given."""

from django.http import HttpRequest, HttpResponse
from ninja import Query, Router

from workflows.api.description import told
from workflows.api.keys import key_of
from workflows.api.pages import page_of
from workflows.api.shapes import Paging, WorkflowPage, WorkflowToRun
from workflows.models import Workflow

router = Router(tags=["Workflows"])


@router.get("/workflows", url_name="list-workflows", **told({200: WorkflowPage}, 422))
def list_workflows(
    request: HttpRequest, response: HttpResponse, asked: Query[Paging]
) -> WorkflowPage:
    """The workflows of the workspace with their inputs, newest first."""
    workflows = Workflow.objects.live().filter(workspace=key_of(request).workspace_id)
    rows, cursor = page_of(workflows.prefetch_related("inputs"), asked, request, response)
    return WorkflowPage(items=[WorkflowToRun.of(row) for row in rows], next_cursor=cursor)
