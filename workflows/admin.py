"""The raw rows of people, workspaces and runs. Superusers change what a role or an account may do;
an account is deactivated and never deleted, because money refers to it."""

from typing import Any

from django import forms
from django.contrib.admin import ModelAdmin, register
from django.db.models import Q
from django.http import HttpRequest

from workflows.models import Membership, Run, StepRun, User, Workflow, Workspace
from workflows.raw_rows import Rows


class PeopleRows(Rows):
    """What superusers may change, each time with a note in the row's history."""

    pages = ("changelist", "change", "history")

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return ModelAdmin.has_change_permission(self, request, obj)


@register(User)
class UserRows(PeopleRows):
    fields = ("id", "email", "is_active", "is_staff", "is_superuser", "last_login", "created_at")
    readonly_fields = ("id", "email", "is_superuser", "last_login", "created_at")
    list_display = ("email", "is_active", "is_staff", "is_superuser", "last_login", "created_at")
    search_help_text = "An e-mail, or a part of one."

    def found_by(self, term: str) -> Q:
        return Q(email__icontains=term)

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """Nobody locks the own door from outside."""
        return obj != request.user and super().has_change_permission(request, obj)


@register(Workspace)
class WorkspaceRows(PeopleRows):
    fields = ("id", "slug", "name", "created_at")
    readonly_fields = ("id", "slug", "created_at")
    list_display = ("name", "slug", "created_at")
    search_help_text = "A name or slug, or a part of one."

    def found_by(self, term: str) -> Q:
        return Q(name__icontains=term) | Q(slug__icontains=term)


class MembershipForm(forms.ModelForm):  # type: ignore[type-arg]  # generic in the stubs only
    def clean_role(self) -> str:
        role, owner = str(self.cleaned_data["role"]), Membership.Role.OWNER
        owners = Membership.objects.filter(
            workspace=self.instance.workspace_id, role=owner, user__is_active=True
        )
        if role != owner and not owners.exclude(pk=self.instance.pk).exists():
            raise forms.ValidationError(
                f"{self.instance.workspace} would have no owner. Make somebody else one first."
            )
        return role


@register(Membership)
class MembershipRows(PeopleRows):
    form = MembershipForm
    fields = ("id", "workspace", "user", "role")
    readonly_fields = ("id", "workspace", "user")
    list_display = ("user", "workspace", "role")
    list_select_related = ("user", "workspace")
    search_fields = ("pk", "workspace", "user")


@register(Workflow)
class WorkflowRows(Rows):
    fields = (
        "id", "workspace", "name", "last_step_number", "last_run_number", "created_at",
        "deleted_at",
    )  # fmt: skip
    list_display = ("id", "name", "workspace", "created_at", "deleted_at")
    list_select_related = ("workspace",)
    search_fields = ("pk", "workspace")


@register(Run)
class RunRows(Rows):
    fields = (
        "id", "workspace", "workflow", "number", "status", "started_by", "api_key", "version",
        "created_at", "started_at", "finished_at", "cancel_requested_at",
    )  # fmt: skip
    list_display = ("id", "workspace", "workflow", "number", "status", "created_at", "finished_at")
    list_select_related = ("workspace", "workflow")
    search_fields = ("pk", "workspace", "workflow")


@register(StepRun)
class StepRunRows(Rows):
    fields = (
        "id", "workspace", "run", "run_number", "identifier", "position", "name", "kind",
        "failure_policy", "status", "completes", "started_at", "finished_at",
    )  # fmt: skip
    list_display = ("id", "workspace", "run_id", "run_number", "identifier", "kind", "status")
    list_select_related = ("workspace",)
    search_fields = ("pk", "run")
