"""The list of workflows, and the workflow as a whole."""

from uuid import UUID

from django import forms
from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.db.models import Max
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.timezone import now
from django.views.decorators.http import require_GET, require_POST

from workflows.access import workflow_for, workspace_for
from workflows.first_start import make_workflow
from workflows.models import Workflow


@require_GET
@login_required
def workflow_list(request: HttpRequest, slug: str) -> HttpResponse:
    workspace = workspace_for(request.user, slug)
    workflows = Workflow.objects.live().filter(workspace=workspace)
    workflows = workflows.annotate(last_run_at=Max("runs__created_at")).order_by("-created_at")
    context = {"workspace": workspace, "workflows": workflows.prefetch_related("steps")}
    return render(request, "workflows/workflow_list.html", context)


class NameForm(forms.Form):
    name = forms.CharField(max_length=100)


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
    return HttpResponse(status=204)


@require_POST
@login_required
def delete_workflow(request: HttpRequest, slug: str, id: UUID) -> HttpResponse:
    """Rows that money refers to stay; the workflow only leaves the list."""
    workflow = workflow_for(request.user, slug, id, edit=True)
    Workflow.objects.filter(pk=workflow.pk).update(deleted_at=now())
    messages.success(request, f"Deleted “{workflow.name}”.")
    return redirect("workflows:workflow-list", slug=slug)
