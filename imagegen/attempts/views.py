"""What a person can ask of a paid answer that could not be stored."""

from uuid import UUID

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.views.decorators.http import require_POST

from imagegen.attempts.saving import save_again
from workflows.access import open_step_for, step_run_for


@require_POST
@login_required
def save_run_again(
    request: HttpRequest, slug: str, id: UUID, identifier: str, number: int
) -> HttpResponse:
    step = open_step_for(request.user, slug, id, identifier, edit=True)
    if save_again(step_run_for(step, number)):
        messages.success(request, "Storing it again. Nothing is asked or paid for again.")
    else:
        messages.info(request, "Nothing of this run waits to be stored any more.")
    address = reverse("workflows:step-output", args=[slug, id, identifier])
    return redirect(f"{address}?run={number}")
