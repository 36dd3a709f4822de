"""Who may see and do what. Every view's first line comes from here.

A stranger gets 404: we do not confirm that something exists. A member whose role is too low
gets 403 with a sentence.
"""

from collections.abc import Callable
from functools import wraps
from typing import Any
from uuid import UUID

from django.core.exceptions import PermissionDenied
from django.db.models import QuerySet
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404
from django.urls import reverse
from structlog.contextvars import bind_contextvars

from workflows.models import (
    ApiKey,
    Input,
    Membership,
    Run,
    Step,
    StepRun,
    User,
    Workflow,
    Workspace,
)

View = Callable[..., HttpResponse]


class WorkflowDeleted(Http404):
    """A member asked for it; the page says so, and how it comes back."""

    def __init__(self, workflow: Workflow) -> None:
        super().__init__("deleted")
        self.workflow = workflow


class RunNotFound(Http404):
    """A member asked for a run that the workflow never had."""

    def __init__(self, workflow: Workflow, number: int) -> None:
        super().__init__("no such run")
        self.workflow = workflow
        self.number = number


def person(request: HttpRequest) -> User:
    """Who is signed in; the decorators have seen to it that somebody is."""
    assert isinstance(request.user, User)
    return request.user


def membership_for(user: Any, slug: str) -> Membership:
    memberships = Membership.objects.select_related("workspace")
    membership = get_object_or_404(memberships, user=user, workspace__slug=slug)
    bind_contextvars(workspace=str(membership.workspace_id))  # for what is logged of the request
    return membership


def workspace_for(user: Any, slug: str, *, edit: bool = False) -> Workspace:
    membership = membership_for(user, slug)
    if edit and not membership.may_edit:
        raise _too_low(membership, "Ask an owner to make you an Editor.")
    return membership.workspace


def owned_workspace_for(user: Any, slug: str) -> Workspace:
    membership = membership_for(user, slug)
    if not membership.is_owner:
        raise _too_low(membership, "Only an owner may change this.")
    return membership.workspace


def billing_workspace_for(user: Any, slug: str) -> Workspace:
    """Whose money the person may see: staff everybody's, owners and the Billing role their own."""
    if user.is_staff:
        return get_object_or_404(Workspace, slug=slug)
    membership = membership_for(user, slug)
    if not membership.may_see_billing:
        who = "Its owners and whoever has the role Billing see what was paid."
        raise _too_low(membership, who)
    return membership.workspace


def _too_low(membership: Membership, sentence: str) -> PermissionDenied:
    role = membership.get_role_display()
    return PermissionDenied(f"Your role in {membership.workspace} is {role}. {sentence}")


def may_still_run(run: Run) -> bool:
    """Of whoever started it, when it is about to spend: people leave, and keys are revoked, while
    runs wait."""
    if run.api_key_id:
        keys = ApiKey.objects.live().filter(pk=run.api_key_id, workspace=run.workspace_id)
        return keys.exists()
    started_by = Membership.objects.filter(user=run.started_by_id, user__is_active=True)
    return any(member.may_edit for member in started_by.filter(workspace=run.workspace_id))


def staff_only(user: Any) -> None:
    if not user.is_staff:
        raise PermissionDenied("Only staff of Fetch Hive may do that.")


def workflow_for(user: Any, slug: str, id: UUID, *, edit: bool = False) -> Workflow:
    workflow = any_workflow_for(user, slug, id, edit=edit)
    if workflow.deleted_at:
        raise WorkflowDeleted(workflow)
    return workflow


def any_workflow_for(user: Any, slug: str, id: UUID, *, edit: bool = False) -> Workflow:
    """Deleted or not."""
    workspace = workspace_for(user, slug, edit=edit)
    workflows = Workflow.objects.select_related("workspace")
    return get_object_or_404(workflows, workspace=workspace, pk=id)


def step_for(user: Any, slug: str, id: UUID, identifier: str, *, edit: bool = False) -> Step:
    return _step_among(Step.objects.all(), workflow_for(user, slug, id, edit=edit), identifier)


def any_step_for(user: Any, slug: str, id: UUID, identifier: str, *, edit: bool = False) -> Step:
    """A step that may be deleted: a page of it can still be open."""
    return _step_among(Step.everything.all(), workflow_for(user, slug, id, edit=edit), identifier)


def open_step_for(user: Any, slug: str, id: UUID, identifier: str, *, edit: bool = False) -> Step:
    """For a page that may be open when the step or its workflow is deleted: its runs outlive both,
    and what somebody types there must not be lost."""
    workflow = any_workflow_for(user, slug, id, edit=edit)
    return _step_among(Step.everything.all(), workflow, identifier)


def _step_among(steps: QuerySet[Step], workflow: Workflow, identifier: str) -> Step:
    found = steps.select_related("workflow__workspace", "workspace")
    return get_object_or_404(found, workflow=workflow, identifier=identifier)


def input_for(user: Any, slug: str, id: UUID, input_id: UUID, *, edit: bool = False) -> Input:
    workflow = workflow_for(user, slug, id, edit=edit)
    return get_object_or_404(Input, workflow=workflow, pk=input_id)


def deleted_input_for(user: Any, slug: str, id: UUID, input_id: UUID) -> Input:
    """An input that may be deleted, for whoever may bring it back."""
    workflow = workflow_for(user, slug, id, edit=True)
    return get_object_or_404(Input.everything, workflow=workflow, pk=input_id)


def run_for(user: Any, slug: str, id: UUID, number: int, *, edit: bool = False) -> Run:
    """A run outlives its workflow: it is shown, and what still runs of it can be cancelled."""
    workflow = any_workflow_for(user, slug, id, edit=edit)
    run = workflow.runs.select_related("started_by", "api_key").filter(number=number).first()
    if run is None:
        raise RunNotFound(workflow, number)
    run.workflow = workflow
    return run


def workflow_of_key(key: ApiKey, id: UUID) -> Workflow:
    """Deleted or not: what was started of it can be asked for again."""
    return get_object_or_404(Workflow, workspace=key.workspace_id, pk=id)


def run_of_key(key: ApiKey, id: UUID) -> Run:
    return get_object_or_404(Run, workspace=key.workspace_id, pk=id)


def api_key_for(user: Any, slug: str, id: UUID) -> ApiKey:
    """For an owner, who may revoke it."""
    return get_object_or_404(ApiKey, workspace=owned_workspace_for(user, slug), pk=id)


def step_run_for(step: Step, number: int) -> StepRun:
    """One run of a step that the person may see already."""
    step_runs = StepRun.objects.select_related("run", "step", "workspace", "completes")
    return get_object_or_404(step_runs, step=step, run_number=number)


def watched_versions(user_id: Any, slug: str, id: UUID, numbers: list[int]) -> dict[int, int]:
    """By its number, the version of each of these runs that the person may see. One query: it is
    asked every second."""
    runs = Run.objects.filter(
        workspace__slug=slug,
        workspace__memberships__user=user_id,
        workflow_id=id,
        number__in=numbers,
    )
    return dict(runs.values_list("number", "version"))


def first_workspace_for(user: Any) -> Workspace | None:
    """None for who is a member of nothing, as staff may be."""
    return Workspace.objects.filter(memberships__user=user).order_by("memberships__pk").first()


def fragment_login_required(view: View) -> View:
    """For addresses that answer with a piece of a page: 401. What only shows something goes to the
    sign-in page; a change stays, so that what was typed is not lost."""

    @wraps(view)
    def answer(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        if request.user.is_authenticated:
            return view(request, *args, **kwargs)
        response = HttpResponse("Sign in first.", status=401)
        if request.method == "GET":
            response["HX-Redirect"] = reverse("workflows:sign-in")
        return response

    return answer
