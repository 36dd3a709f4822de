"""The pages of the library: all images of a workspace, its trash, and one image."""

from datetime import timedelta
from typing import Any
from uuid import UUID

from django.conf import settings
from django.contrib.auth.decorators import login_required
from django.http import FileResponse, Http404, HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import render
from django.views.decorators.http import require_GET

from imagegen.assets import thumbnails
from imagegen.assets.models import Asset, AssetQuerySet, Storage
from imagegen.library.choice import asset_for
from imagegen.library.detail import about
from imagegen.library.listing import ORDERS, TRASH_ORDER, Filters, cards, found, place, shelf
from workflows.access import workspace_for
from workflows.models import Workspace


@require_GET
@login_required
def library(request: HttpRequest, slug: str) -> HttpResponse:
    workspace = workspace_for(request.user, slug)
    filters = Filters.of(request.GET, workspace)
    context = {
        "filters": filters,
        "storage": Storage.objects.filter(pk=workspace.pk).first(),
        **_page(request, workspace, found(workspace, filters), ORDERS[filters.sort]),
    }
    return render(request, "imagegen/library.html", context)


@require_GET
@login_required
def trash(request: HttpRequest, slug: str) -> HttpResponse:
    workspace = workspace_for(request.user, slug)
    deleted = Asset.objects.in_trash().filter(workspace=workspace)
    context = {
        "storage": Storage.objects.filter(pk=workspace.pk).first(),
        "trash_days": settings.TRASH_DAYS,
        **_page(request, workspace, deleted, TRASH_ORDER),
    }
    return render(request, "imagegen/library_trash.html", context)


@require_GET
@login_required
def asset(request: HttpRequest, slug: str, asset_id: UUID) -> HttpResponse:
    """In the trash, too, and after it: the charge of its request stays."""
    workspace = workspace_for(request.user, slug)
    shown = asset_for(workspace, asset_id)
    context = {"workspace": workspace, **about(shown)}
    return render(request, "imagegen/library_asset.html", context)


@require_GET
@login_required
def trashed_thumbnail(request: HttpRequest, slug: str, asset_id: UUID) -> HttpResponseBase:
    """For members only: its public address says that it is gone."""
    shown = asset_for(workspace_for(request.user, slug), asset_id)
    if shown.purged_at:
        raise Http404
    try:
        response = FileResponse(thumbnails.opened(shown))
    except thumbnails.NoThumbnail as lost:
        raise Http404 from lost
    response["Content-Type"] = "image/webp"
    response["Cache-Control"] = "private, no-store"
    return response


def _page(
    request: HttpRequest, workspace: Workspace, assets: AssetQuerySet, order: tuple[str, ...]
) -> dict[str, Any]:
    before, after = (
        place(workspace, order, request.GET.get(name, "")) for name in ("before", "after")
    )
    page = shelf(assets, order, before, after)
    days = timedelta(days=settings.TRASH_DAYS)
    return {"workspace": workspace, "page": page, "cards": cards(page.assets), "kept": days}
