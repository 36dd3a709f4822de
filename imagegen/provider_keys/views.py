"""Provider keys: members see what there is, owners change it. A key is never drawn again."""

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.cache import never_cache
from django.views.decorators.debug import sensitive_post_parameters, sensitive_variables
from django.views.decorators.http import require_GET, require_POST

from imagegen.billing.keys import NoAccess
from imagegen.provider_keys import asking
from imagegen.provider_keys.default import default_charge_type, set_default_charge_type
from imagegen.provider_keys.master_keys import NoMasterKey
from imagegen.provider_keys.page import key_states, said, takes_personal_keys
from imagegen.provider_keys.store import NotAKey, cleaned, revoke, store
from imagegen.providers import registry
from workflows.access import owned_workspace_for, person, workspace_for
from workflows.models import Workspace

CHARGE_TYPES = {"hosted": "Hosted", "personal": "Personal"}
NO_MASTER_KEY = (
    "Nothing was stored: the master keys of Fetch Hive are malformed. Tell the administrator."
)


@never_cache
@require_GET
@login_required
def provider_keys(request: HttpRequest, slug: str) -> HttpResponse:
    return _page(request, workspace_for(request.user, slug), {})


@never_cache
@sensitive_post_parameters("key")
@sensitive_variables("key")
@require_POST
@login_required
def store_provider_key(request: HttpRequest, slug: str, provider: str) -> HttpResponse:
    """Or replace the one that is there."""
    workspace = _workspace(request, slug, provider)
    try:
        key = store(workspace, provider, cleaned(request.POST.get("key", "")), person(request))
    except NotAKey as refused:
        return _page(request, workspace, {provider: str(refused)})
    except NoMasterKey:
        return _page(request, workspace, {provider: NO_MASTER_KEY})
    label = registry.get(provider).label
    messages.success(request, f"The {label} key ending in {key.last_four} is stored.")
    return redirect("imagegen:provider-keys", slug=slug)


@require_POST
@login_required
def test_provider_key(request: HttpRequest, slug: str, provider: str) -> HttpResponse:
    workspace = _workspace(request, slug, provider)
    label = registry.get(provider).label
    try:
        result = asking.ask(workspace.pk, provider)
    except NoAccess as none:
        messages.error(request, none.fault.advice(provider=label, model=""))
    else:
        told = messages.SUCCESS if result == asking.Result.ACCEPTED else messages.WARNING
        messages.add_message(request, told, said(result, label))
    return redirect("imagegen:provider-keys", slug=slug)


@require_POST
@login_required
def revoke_provider_key(request: HttpRequest, slug: str, provider: str) -> HttpResponse:
    workspace = _workspace(request, slug, provider)
    label = registry.get(provider).label
    if revoke(workspace, provider, person(request)):
        messages.success(request, f"The {label} key is revoked and destroyed.")
    else:
        messages.info(request, f"There is no {label} key any more.")
    return redirect("imagegen:provider-keys", slug=slug)


@require_POST
@login_required
def save_default_charge_type(request: HttpRequest, slug: str) -> HttpResponse:
    workspace = owned_workspace_for(request.user, slug)
    charge_type = request.POST.get("charge_type", "")
    if charge_type in CHARGE_TYPES:
        set_default_charge_type(workspace.pk, charge_type)
        messages.success(request, f"New steps start with {CHARGE_TYPES[charge_type]}.")
    else:
        messages.error(request, "Nothing was saved. Choose Hosted or Personal.")
    return redirect("imagegen:provider-keys", slug=slug)


def _workspace(request: HttpRequest, slug: str, provider: str) -> Workspace:
    workspace = owned_workspace_for(request.user, slug)
    if not takes_personal_keys(provider):
        raise Http404
    return workspace


def _page(request: HttpRequest, workspace: Workspace, errors: dict[str, str]) -> HttpResponse:
    context = {
        "workspace": workspace,
        "states": key_states(workspace, errors),
        "default_charge_type": default_charge_type(workspace.pk),
    }
    status = 422 if errors else 200
    return render(request, "imagegen/provider_keys.html", context, status=status)
