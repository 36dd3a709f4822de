from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.timezone import now
from django.views.decorators.http import require_GET

from imagegen.price_list.entries import entries


@require_GET
@login_required
def price_list(request: HttpRequest) -> HttpResponse:
    """For everybody who is signed in: prices are no secret."""
    today = now().date()
    return render(request, "imagegen/price_list.html", {"entries": entries(today), "today": today})
