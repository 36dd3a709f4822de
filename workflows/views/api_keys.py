"""API keys: members see which there are, owners make and revoke them. A key is drawn once."""

from uuid import UUID

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.cache import never_cache
from django.views.decorators.debug import sensitive_variables
from django.views.decorators.http import require_GET, require_POST

from workflows.access import api_key_for, owned_workspace_for, person, workspace_for
from workflows.api_keys import LONGEST_NAME, NotMade, make, revoke
from workflows.models import Workspace


@never_cache
@require_GET
@login_required
def api_keys(request: HttpRequest, slug: str) -> HttpResponse:
    return _page(request, workspace_for(request.user, slug))


@never_cache
@sensitive_variables("key")
@require_POST
@login_required
def make_api_key(request: HttpRequest, slug: str) -> HttpResponse:
    """Answers with the page itself: anything that led there would have to keep the key meanwhile.
    Reloading it makes no second one, because the name is taken then."""
    workspace = owned_workspace_for(request.user, slug)
    name = request.POST.get("name", "")
    try:
        made, key = make(workspace, name, person(request))
    except NotMade as refused:
        return _page(request, workspace, 422, name=name, error=str(refused))
    return _page(request, workspace, made=made, key=key)


@require_POST
@login_required
def revoke_api_key(request: HttpRequest, slug: str, key_id: UUID) -> HttpResponse:
    key = api_key_for(request.user, slug, key_id)
    if revoke(key, person(request)):
        messages.success(request, f"The API key “{key.name}” is revoked.")
    else:
        messages.info(request, f"The API key “{key.name}” was revoked before.")
    return redirect("workflows:api-keys", slug=slug)


@sensitive_variables("shown")
def _page(
    request: HttpRequest, workspace: Workspace, status: int = 200, **shown: object
) -> HttpResponse:
    keys = workspace.api_keys.select_related("created_by", "revoked_by")
    context = {
        "workspace": workspace,
        "keys": [key for key in keys if key.revoked_at is None],
        "revoked": [key for key in keys if key.revoked_at],
        "longest_name": LONGEST_NAME,
        **shown,
    }
    return render(request, "workflows/api_keys.html", context, status=status)
