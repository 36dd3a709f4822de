"""The list of workflows, and the workflow as a whole."""

from uuid import UUID

from django import forms
from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.timezone import now
from django.views.decorators.http import require_GET, require_POST

from workflows import description
from workflows.access import any_workflow_for, workflow_for, workspace_for
from workflows.first_start import make_workflow
from workflows.models import Workflow, Workspace
from workflows.overview import COST_DAYS, overview
from workflows.undo import say_with_undo

KEPT = "Its runs, images and charges are kept."


@require_GET
@login_required
def workflow_list(request: HttpRequest, slug: str) -> HttpResponse:
    return list_page(request, workspace_for(request.user, slug))


def list_page(request: HttpRequest, workspace: Workspace, refused: str = "") -> HttpResponse:
    """`refused`: why a file was not imported."""
    search = request.GET.get("q", "").strip()
    rows, page = overview(workspace, search, request.GET.get("page", ""))
    context = {
        "workspace": workspace,
        "rows": rows,
        "page": page,
        "search": search,
        "cost_days": COST_DAYS,
        "refused": refused,
    }
    return render(request, "workflows/workflow_list.html", context, status=422 if refused else 200)


class NameForm(forms.Form):
    name = forms.CharField(max_length=description.LONGEST_NAME)


@require_POST
@login_required
def create_workflow(request: HttpRequest, slug: str) -> HttpResponse:
    workflow = make_workflow(workspace_for(request.user, slug, edit=True))
    return redirect("workflows:open-workflow", slug=slug, id=workflow.pk)


@require_GET
@login_required
def open_workflow(request: HttpRequest, slug: str, id: UUID) -> HttpResponse:
    workflow = workflow_for(request.user, slug, id)
    step = workflow.steps.first()
    if step is None:
        return redirect("workflows:edit-inputs", slug=slug, id=id)
    return redirect("workflows:step-settings", slug=slug, id=id, identifier=step.identifier)


@require_POST
@login_required
def rename_workflow(request: HttpRequest, slug: str, id: UUID) -> HttpResponse:
    workflow = workflow_for(request.user, slug, id, edit=True)
    form = NameForm(request.POST)
    if not form.is_valid():
        return HttpResponse("A workflow needs a name of at most 100 letters.", status=422)
    Workflow.objects.filter(pk=workflow.pk).update(name=form.cleaned_data["name"])
    return HttpResponse(status=204, headers={"HX-Trigger": "workflow-renamed"})


@require_POST
@login_required
def duplicate_workflow(request: HttpRequest, slug: str, id: UUID) -> HttpResponse:
    workflow = workflow_for(request.user, slug, id, edit=True)
    copy = description.duplicate(workflow)
    messages.success(request, f"Made “{copy.name}”.")
    return redirect("workflows:workflow-list", slug=slug)


@require_POST
@login_required
def delete_workflow(request: HttpRequest, slug: str, id: UUID) -> HttpResponse:
    """Rows that money refers to stay; the workflow only leaves the list."""
    workflow = workflow_for(request.user, slug, id, edit=True)
    Workflow.objects.filter(pk=workflow.pk).update(deleted_at=now())
    restore = reverse("workflows:restore-workflow", args=[slug, id])
    say_with_undo(request, f"Deleted “{workflow.name}”. {KEPT}", restore)
    return redirect("workflows:workflow-list", slug=slug)


@require_POST
@login_required
def restore_workflow(request: HttpRequest, slug: str, id: UUID) -> HttpResponse:
    """Asked twice, it is there once."""
    workflow = any_workflow_for(request.user, slug, id, edit=True)
    workflow.restore()
    messages.success(request, f"“{workflow.name}” is back.")
    return redirect("workflows:workflow-list", slug=slug)
