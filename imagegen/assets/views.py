"""Handing out stored files. The token is the permission; every header is ours."""

import logging
import re
from collections.abc import Mapping
from uuid import UUID

from django.contrib.auth.decorators import login_required
from django.http import FileResponse, Http404, HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import get_object_or_404, redirect, render
from django.templatetags.static import static
from django.utils.cache import get_conditional_response
from django.utils.http import content_disposition_header
from django.utils.text import slugify
from django.views.decorators.http import require_safe

from imagegen.assets import thumbnails
from imagegen.assets.archive import UNREACHABLE, download, zipped
from imagegen.assets.files import stored_files
from imagegen.assets.models import Asset
from workflows.access import open_step_for, step_run_for

logger = logging.getLogger(__name__)

FOR_EVER = "private, max-age=31536000, immutable"
ASKED_EACH_TIME = "private, no-cache"  # so that a deletion counts at once, wherever it was seen
TOKEN = re.compile(r"[0-9a-f]{32}")


@require_safe
def file(request: HttpRequest, token: str, file_name: str) -> HttpResponseBase:
    """No cookie is asked for: a later step or a provider must be able to fetch it."""
    asset = _asset(token)
    if asset.file_name != file_name:
        raise Http404
    if asset.deleted_at:
        return _deleted()
    if unchanged := get_conditional_response(request, etag=f'"{asset.sha256}"'):
        unchanged["Cache-Control"] = ASKED_EACH_TIME
        return _safe(unchanged)
    try:
        return _safe(_hand_out(request, asset))
    except FileNotFoundError:
        logger.error("integrity: the file %s of asset %s is missing", asset.key, asset.pk)
        context = {"asset": asset}
        return _not_kept(render(request, "imagegen/missing_file.html", context, status=404))
    except OSError as error:
        return _unreachable(asset, error)


@require_safe
def thumbnail(request: HttpRequest, token: str) -> HttpResponseBase:
    """Small, for galleries; the image itself when there can be no thumbnail of it. Values of
    earlier runs go on naming what was deleted, so a list of them shows that it is."""
    asset = _asset(token)
    if asset.deleted_at:
        return _not_kept(redirect(static("deleted-image.svg")))
    try:
        response = FileResponse(thumbnails.opened(asset))
    except thumbnails.NoThumbnail:
        return redirect(asset.path)
    except OSError as error:
        return _unreachable(asset, error)
    response["Content-Type"] = "image/webp"
    response["Cache-Control"] = FOR_EVER
    return _safe(response)


@require_safe
@login_required
def archive(
    request: HttpRequest, slug: str, id: UUID, identifier: str, number: int
) -> HttpResponseBase:
    """All images of a run in a ZIP, with a manifest."""
    step_run = step_run_for(open_step_for(request.user, slug, id, identifier), number)
    name = f"{slugify(step_run.name) or 'images'}-r{number}.zip"
    return download(lambda: zipped(step_run), name)


def _asset(token: str) -> Asset:
    if not TOKEN.fullmatch(token):
        raise Http404
    return get_object_or_404(Asset, token=token)


def _deleted() -> HttpResponseBase:
    gone = HttpResponse("This image was deleted.", status=410, content_type="text/plain")
    return _safe(_not_kept(gone))


def _not_kept(response: HttpResponse) -> HttpResponse:
    response["Cache-Control"] = "no-store"  # it may come back from the trash
    return response


def _unreachable(asset: Asset, error: OSError) -> HttpResponseBase:
    logger.error("the file of asset %s cannot be reached: %s", asset.pk, error)
    response = HttpResponse(UNREACHABLE, status=503, content_type="text/plain")
    response["Retry-After"] = "60"
    return _safe(_not_kept(response))


def _hand_out(request: HttpRequest, asset: Asset) -> HttpResponseBase:
    """The bytes, or the way to them: a link that a bucket has signed for a few minutes."""
    headers = {
        "Content-Type": asset.file_type,  # the database knows three, and no other
        "Content-Disposition": content_disposition_header(
            "download" in request.GET, asset.file_name
        )
        or "inline",
    }
    link = stored_files.link(
        asset.key,
        ContentType=headers["Content-Type"],
        ContentDisposition=headers["Content-Disposition"],
        CacheControl="private, no-store",
    )
    if link is None:
        return _send(request, asset, headers)
    stored_files.size(asset.key)  # what is lost is said here, not by the storage
    if request.method == "HEAD":  # the link is signed for GET alone
        return _send(request, asset, headers)
    return _not_kept(redirect(link))


def _send(request: HttpRequest, asset: Asset, headers: Mapping[str, str]) -> HttpResponseBase:
    response: HttpResponseBase
    if request.method == "HEAD":
        response = HttpResponse()
    else:
        response = FileResponse(stored_files.open(asset.key, "rb"))
    for name, value in headers.items():
        response[name] = value
    response["Content-Length"] = str(asset.file_size)
    response["Cache-Control"] = ASKED_EACH_TIME
    response["ETag"] = f'"{asset.sha256}"'
    return response


def _safe(response: HttpResponseBase) -> HttpResponseBase:
    """Whatever the bytes are, a browser shows an image or nothing."""
    response["X-Content-Type-Options"] = "nosniff"
    response["Content-Security-Policy"] = "default-src 'none'; sandbox"
    response["Cross-Origin-Resource-Policy"] = "cross-origin"
    return response
