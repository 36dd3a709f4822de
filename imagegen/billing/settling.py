"""What staff do about one paid request: look at it, correct its charge, settle its review."""

from collections.abc import Callable
from typing import Any
from uuid import UUID

from django import forms
from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_GET, require_POST

from imagegen.attempts.models import Part
from imagegen.billing import corrections, reviews
from imagegen.billing.forms import CorrectionForm, NoteForm, RefundForm, VerdictForm
from imagegen.billing.models import Charge
from imagegen.billing.paid_request import paid_request, part_for
from imagegen.billing.reviews import Review
from workflows.access import person, staff_only
from workflows.models import User
from workflows.money import dollars

FORMS = {"correct": CorrectionForm, "refund": RefundForm, "settle": VerdictForm, "note": NoteForm}


class NotDone(Exception):
    """With the reason, in a sentence."""


@require_GET
@login_required
def show_part(request: HttpRequest, part_id: UUID) -> HttpResponse:
    return _page(request, part_for(person(request), part_id))


@require_POST
@login_required
def correct(request: HttpRequest, part_id: UUID) -> HttpResponse:
    return _done(request, part_id, "correct", _correct)


@require_POST
@login_required
def refund(request: HttpRequest, part_id: UUID) -> HttpResponse:
    return _done(request, part_id, "refund", _correct)


@require_POST
@login_required
def settle(request: HttpRequest, part_id: UUID) -> HttpResponse:
    return _done(request, part_id, "settle", _settle)


@require_POST
@login_required
def note(request: HttpRequest, part_id: UUID) -> HttpResponse:
    return _done(request, part_id, "note", _note)


Act = Callable[[Part, dict[str, Any], User], str]


def _done(request: HttpRequest, part_id: UUID, name: str, act: Act) -> HttpResponse:
    """What was typed stays on the page when it is refused."""
    part = part_for(person(request), part_id)
    staff_only(request.user)
    form = FORMS[name](request.POST, prefix=name)
    if not form.is_valid():
        return _page(request, part, {name: form})
    try:
        messages.success(request, act(part, form.cleaned_data, person(request)))
    except (NotDone, corrections.NotCorrected) as reason:
        return _page(request, part, {name: form}, refusal=str(reason))
    return redirect("imagegen:billing-part", part_id=part.pk)


def _correct(part: Part, said: dict[str, Any], user: User) -> str:
    """A refund is a correction to nothing."""
    charge = get_object_or_404(Charge, part=part)
    key, micro = f"correction:{said['form_key']}", said.get("amount", 0)
    corrections.correct_to(charge, micro, key=key, reason=said["reason"], by=user)
    return f"The charge comes to {dollars(micro)} now."


def _settle(part: Part, said: dict[str, Any], user: User) -> str:
    review = get_object_or_404(Review, part=part)
    billed = said["verdict"] == Review.State.BILLED
    loss = said["amount"] if billed else 0
    if not reviews.settle(review, said["verdict"], loss, said["reason"], user):
        raise NotDone("It was settled already, or its answer is arriving. Nothing was changed.")
    return f"Settled: {dollars(loss)} is our loss." if billed else "Settled: it was not billed."


def _note(part: Part, said: dict[str, Any], user: User) -> str:
    reviews.note(get_object_or_404(Review, part=part), said["text"], user)
    return "The note is kept."


def _page(
    request: HttpRequest,
    part: Part,
    refused: dict[str, forms.Form] | None = None,
    refusal: str = "",
) -> HttpResponse:
    asked = paid_request(part)
    fresh = {name: kind(prefix=name) for name, kind in FORMS.items()}
    context = {
        "asked": asked,
        "part": part,
        "workspace": part.workspace,
        "workflow": part.step_run.run.workflow,
        "notes": asked.review.notes.select_related("by") if asked.review else [],
        "forms": fresh | (refused or {}),
        "refusal": refusal,
        "is_member": part.workspace.memberships.filter(user=person(request)).exists(),
    }
    status = 422 if refused else 200
    return render(request, "imagegen/billing/part.html", context, status=status)
