"""For whoever supervises the program."""

from django.http import HttpRequest, HttpResponse, JsonResponse
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET

from fetchhive.readiness import readiness


@never_cache
@require_GET
def healthz(request: HttpRequest) -> HttpResponse:
    """The process answers."""
    return HttpResponse("ok", content_type="text/plain")


@never_cache
@require_GET
def readyz(request: HttpRequest) -> HttpResponse:
    """The process can do what people ask of it, and if not, what is in its way."""
    found = readiness()
    return JsonResponse(
        {"status": found.status, "checks": found.checks}, status=200 if found.is_ready else 503
    )
