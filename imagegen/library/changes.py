"""What is done with chosen images: delete, restore, download."""

from collections.abc import Sequence
from uuid import UUID

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.http import require_POST

from imagegen.assets import trash
from imagegen.assets.archive import download
from imagegen.assets.models import Asset, AssetQuerySet
from imagegen.library.archive import MOST_BYTES, zipped_choice
from imagegen.library.choice import Refused, chosen
from imagegen.library.references import referrers
from imagegen.templatetags.imagegen import size
from workflows.access import workspace_for
from workflows.models import Workspace
from workflows.undo import say_with_undo


@require_POST
@login_required
def delete_assets(request: HttpRequest, slug: str) -> HttpResponse:
    """At once where nothing refers to them, as Undo brings them back; else after a question."""
    workspace = workspace_for(request.user, slug, edit=True)
    try:
        assets = chosen(request, workspace)
    except Refused as refused:
        messages.error(request, str(refused))
        return _to_library(request, workspace)
    broken = referrers(workspace, [asset for asset in assets if not asset.deleted_at])
    if broken and "sure" not in request.POST:
        told = [(asset, broken[asset.pk]) for asset in assets if asset.pk in broken]
        context = {"workspace": workspace, "assets": assets, "broken": told}
        return render(request, "imagegen/library_delete.html", context)
    _delete(request, workspace, assets)
    return _to_library(request, workspace)


def _delete(request: HttpRequest, workspace: Workspace, assets: Sequence[Asset]) -> None:
    deletion = trash.delete(workspace.pk, [asset.pk for asset in assets])
    earlier = {asset.deletion for asset in assets}
    if deletion.images:
        sentence = f"Deleted {_images(deletion.images)}. {size(deletion.freed)} are free."
        say_with_undo(request, sentence, _undo(workspace, deletion.id))
    elif len(earlier) == 1 and (key := earlier.pop()):  # pressed twice
        say_with_undo(request, f"Deleted {_images(len(assets))}.", _undo(workspace, key))
    else:
        messages.error(
            request, "Nothing was deleted: they are in the trash already, or still being stored."
        )


def _undo(workspace: Workspace, deletion: UUID) -> str:
    return reverse("imagegen:restore-deletion", args=[workspace.slug, deletion])


@require_POST
@login_required
def restore_deletion(request: HttpRequest, slug: str, deletion: UUID) -> HttpResponse:
    """Undo: all that were deleted together."""
    workspace = workspace_for(request.user, slug, edit=True)
    if not _restore(request, workspace, Asset.objects.filter(deletion=deletion)):
        return _to_largest(workspace)
    return redirect("imagegen:library", slug=slug)


@require_POST
@login_required
def restore_assets(request: HttpRequest, slug: str) -> HttpResponse:
    workspace = workspace_for(request.user, slug, edit=True)
    try:
        assets = chosen(request, workspace)
    except Refused as refused:
        messages.error(request, str(refused))
        return redirect("imagegen:library-trash", slug=slug)
    rows = Asset.objects.filter(pk__in=[asset.pk for asset in assets])
    if not _restore(request, workspace, rows):
        return _to_largest(workspace)
    if "one" in request.POST:
        return redirect("imagegen:library-asset", slug=slug, asset_id=assets[0].pk)
    return redirect("imagegen:library-trash", slug=slug)


def _restore(request: HttpRequest, workspace: Workspace, assets: AssetQuerySet) -> bool:
    """False when there is no room for them."""
    try:
        restored = trash.restore(workspace.pk, assets)
    except trash.NoRoom as refused:
        messages.error(request, _no_room(refused))
        return False
    if restored:
        messages.success(request, f"Restored {_images(restored)}.")
    else:
        messages.error(request, "Nothing was restored: it is not in the trash any more.")
    return True


def _no_room(refused: trash.NoRoom) -> str:
    storage = refused.storage
    if storage is None:
        return "Not restored: this workspace has no storage plan."
    return (
        f"Not restored: it takes {size(refused.needed)} and {size(storage.left)} are left."
        f" {size(storage.used)} are used and {size(storage.reserved)} reserved of"
        f" {size(storage.limit)}. Delete other images first: here are the largest."
    )


@require_POST
@login_required
def download_assets(request: HttpRequest, slug: str) -> HttpResponseBase:
    """By POST because of the length of its list; it changes nothing."""
    workspace = workspace_for(request.user, slug)
    try:
        assets = [asset for asset in chosen(request, workspace) if not asset.deleted_at]
        if sum(asset.file_size for asset in assets) > MOST_BYTES:
            raise Refused(f"Choose less: a download holds at most {size(MOST_BYTES)}.")
    except Refused as refused:
        messages.error(request, str(refused))
        return _to_library(request, workspace)
    return download(lambda: zipped_choice(assets), f"{workspace.slug}-images.zip")


def _to_library(request: HttpRequest, workspace: Workspace) -> HttpResponse:
    """As it was searched and sorted."""
    address = reverse("imagegen:library", args=[workspace.slug])
    asked = request.GET.urlencode()
    return redirect(f"{address}?{asked}" if asked else address)


def _to_largest(workspace: Workspace) -> HttpResponse:
    return redirect(f"{reverse('imagegen:library', args=[workspace.slug])}?sort=size")


def _images(number: int) -> str:
    return f"{number} image{'' if number == 1 else 's'}"
