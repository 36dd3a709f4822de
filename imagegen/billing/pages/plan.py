"""What staff give a workspace: a grant, a cap for its months, a storage plan."""

from datetime import timedelta
from typing import Any

from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_GET, require_POST

from imagegen.assets.models import Storage
from imagegen.billing.models import Wallet
from imagegen.billing.pages.accounts import accounts_of
from imagegen.billing.pages.acting import Action, Refused, carry_out, forms_of
from imagegen.billing.pages.forms import CapForm, GrantForm, PlanForm
from imagegen.billing.wallet import grant, this_month
from imagegen.templatetags.imagegen import size
from workflows.access import billing_workspace_for, staff_only
from workflows.models import User, Workspace
from workflows.money import dollars

GIGABYTE = 1_000_000_000


@require_GET
@login_required
def show_plan(request: HttpRequest, slug: str) -> HttpResponse:
    return _page(request, _workspace(request, slug))


@require_POST
@login_required
def change_plan(request: HttpRequest, slug: str, change: str) -> HttpResponse:
    workspace = _workspace(request, slug)
    refused = carry_out(request, change, ACTIONS[change], workspace)
    return (
        _page(request, workspace, refused)
        if refused
        else redirect("imagegen:billing-plan", slug=workspace.slug)
    )


def _workspace(request: HttpRequest, slug: str) -> Workspace:
    workspace = billing_workspace_for(request.user, slug)
    staff_only(request.user)
    return workspace


def _page(
    request: HttpRequest, workspace: Workspace, refused: Refused | None = None
) -> HttpResponse:
    accounts = accounts_of(workspace)
    now_set: dict[str, dict[str, Any]] = {
        "cap": {"amount": _typed(accounts.wallet.cap_micro)},
        "storage": {"gigabytes": accounts.storage.limit // GIGABYTE},
    }
    context = {
        "workspace": workspace,
        "accounts": accounts,
        "forms": forms_of(ACTIONS, refused, now_set),
    }
    status = 422 if refused else 200
    return render(request, "imagegen/billing/plan.html", context, status=status)


def _grant(workspace: Workspace, said: dict[str, Any], user: User) -> str:
    purse = Wallet.objects.get(workspace=workspace, simulated=said["purse"] == "sandbox")
    key = f"grant:{said['form_key']}"
    if not grant(purse, said["amount"], key=key, reason=said["reason"], by=user):
        return "This grant was given already. Nothing was changed."
    return f"{dollars(said['amount'])} was granted."


def _cap(workspace: Workspace, said: dict[str, Any], user: User) -> str:
    """Both wallets keep to it; nothing that runs is stopped."""
    wallets = Wallet.objects.filter(workspace=workspace)
    wallets.exclude(cap_micro=said["amount"]).update(cap_micro=said["amount"], warned_for=None)
    if said["amount"] is None:
        return "There is no cap now."
    if not said["amount"]:
        return "A month comes to nothing now: hosted and simulated runs are refused until it may."
    reached = filter(None, map(_cap_reached, wallets.order_by("simulated")))
    return " ".join([f"A month comes to {dollars(said['amount'])} at most now.", *reached])


def _cap_reached(wallet: Wallet) -> str:
    """Whose runs a cap refuses at once; empty while there is room below it."""
    month, cap = this_month(), wallet.cap_micro or 0
    counted = wallet.counted_in(month)
    if counted < cap:
        return ""
    than = "below" if counted > cap else "no more than"
    money, runs = (" of play money", "simulated") if wallet.simulated else ("", "hosted")
    spent = "spent or held" if wallet.held else "spent"
    is_held_only = counted - wallet.held < cap
    until = "what is held has ended" if is_held_only else f"1 {month + timedelta(31):%B}"
    return (
        f"It is {than} the {dollars(counted)}{money} already {spent} in {month:%B}: {runs} runs"
        f" are refused until {until}."
    )


def _storage(workspace: Workspace, said: dict[str, Any], user: User) -> str:
    """Below what is used, everything is kept and the next run is refused."""
    Storage.objects.filter(workspace=workspace).update(limit=said["gigabytes"] * GIGABYTE)
    storage = Storage.objects.get(workspace=workspace)
    return f"The plan has {said['gigabytes']:,} GB now. {_plan_is_full(storage)}".strip()


def _plan_is_full(storage: Storage) -> str:
    """What a plan without room means; empty while there is some."""
    if storage.left:
        return ""
    taken = storage.used + storage.reserved
    than = "below" if taken > storage.limit else "no more than"
    words = "in use or reserved" if storage.reserved else "in use"
    return (
        f"It is {than} the {size(taken)} {words}: everything is kept, and new runs are refused"
        " until some is deleted."
    )


def _typed(micro: int | None) -> str:
    """As it can be typed again."""
    if micro is None:
        return ""
    whole, rest = divmod(micro, 1_000_000)
    return f"{whole}.{rest:06}".rstrip("0").rstrip(".") if rest else str(whole)


ACTIONS = {
    "grant": Action(GrantForm, _grant),
    "cap": Action(CapForm, _cap),
    "storage": Action(PlanForm, _storage),
}
