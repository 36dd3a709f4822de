"""What staff do about one paid request: look at it, correct its charge, settle its review."""

from typing import Any
from uuid import UUID

from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_GET, require_POST

from imagegen.attempts.models import Part
from imagegen.billing import corrections, reviews
from imagegen.billing.models import Charge
from imagegen.billing.pages.acting import Action, NotDone, Refused, carry_out, forms_of
from imagegen.billing.pages.forms import CorrectionForm, NoteForm, RefundForm, VerdictForm
from imagegen.billing.pages.paid_request import paid_request, part_for
from imagegen.billing.reviews import Review
from workflows.access import person, staff_only
from workflows.models import User
from workflows.money import dollars


@require_GET
@login_required
def show_part(request: HttpRequest, part_id: UUID) -> HttpResponse:
    return _page(request, part_for(person(request), part_id))


@require_POST
@login_required
def change_part(request: HttpRequest, part_id: UUID, change: str) -> HttpResponse:
    part = part_for(person(request), part_id)
    staff_only(request.user)
    refused = carry_out(request, change, ACTIONS[change], part)
    return (
        _page(request, part, refused)
        if refused
        else redirect("imagegen:billing-part", part_id=part.pk)
    )


def _page(request: HttpRequest, part: Part, refused: Refused | None = None) -> HttpResponse:
    asked = paid_request(part)
    context = {
        "asked": asked,
        "part": part,
        "workspace": part.workspace,
        "workflow": part.step_run.run.workflow,
        "notes": asked.review.notes.select_related("by") if asked.review else [],
        "forms": forms_of(ACTIONS, refused),
        "refusal": refused.reason if refused else "",
        "is_member": part.workspace.memberships.filter(user=person(request)).exists(),
    }
    status = 422 if refused else 200
    return render(request, "imagegen/billing/part.html", context, status=status)


def _correct(part: Part, said: dict[str, Any], user: User) -> str:
    """A refund is a correction to nothing."""
    charge = get_object_or_404(Charge, part=part)
    key, micro = f"correction:{said['form_key']}", said.get("amount", 0)
    try:
        corrections.correct_to(charge, micro, key=key, reason=said["reason"], by=user)
    except corrections.NotCorrected as reason:
        raise NotDone(str(reason)) from None
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


ACTIONS = {
    "correct": Action(CorrectionForm, _correct),
    "refund": Action(RefundForm, _correct),
    "settle": Action(VerdictForm, _settle),
    "note": Action(NoteForm, _note),
}
