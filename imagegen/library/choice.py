"""The images that a request names: of the workspace, all of them, or not found."""

from collections.abc import Sequence
from uuid import UUID

from django.http import Http404, HttpRequest
from django.shortcuts import get_object_or_404

from imagegen.assets.models import Asset, AssetQuerySet
from imagegen.library.archive import MOST_IMAGES
from workflows.models import Workspace


class Refused(Exception):
    """A choice that cannot be acted on. The message is for the person."""


def asset_for(workspace: Workspace, key: UUID) -> Asset:
    return get_object_or_404(_with_run(), workspace=workspace, pk=key)


def chosen(request: HttpRequest, workspace: Workspace) -> Sequence[Asset]:
    """Deleted or not. Raises Refused."""
    try:
        keys = {UUID(key) for key in request.POST.getlist("asset")}
    except ValueError as wrong:
        raise Http404 from wrong
    if not keys:
        raise Refused("Choose images first: each has a box in its corner.")
    if len(keys) > MOST_IMAGES:
        raise Refused(f"Choose at most {MOST_IMAGES} images at once.")
    assets = list(_with_run().filter(workspace=workspace, pk__in=keys).order_by("pk"))
    if len(assets) < len(keys):
        raise Http404
    return assets


def _with_run() -> AssetQuerySet:
    return Asset.objects.select_related("part", "step_run__run__workflow", "step_run__step")
