"""Deleting and restoring assets, and emptying the trash.

Bytes are free in the transaction that deletes. Files go last: the row says first that they will,
so that a crash in between leaves work to repeat and never an image without its file.
"""

import logging
from collections.abc import Collection
from dataclasses import dataclass
from datetime import timedelta
from uuid import UUID, uuid4

from django.conf import settings
from django.db import transaction
from django.utils.timezone import now

from imagegen.assets import quota
from imagegen.assets.files import stored_files
from imagegen.assets.models import Asset, AssetQuerySet, Storage

logger = logging.getLogger(__name__)

MOST_FAILURES = 3  # of a storage that does not answer, before the next round tries again


@dataclass(frozen=True)
class Deletion:
    id: UUID
    images: int
    freed: int


class NoRoom(Exception):
    """What should be restored is larger than what is left of the plan."""

    def __init__(self, needed: int, storage: Storage | None) -> None:
        super().__init__(needed)
        self.needed = needed
        self.storage = storage


@transaction.atomic
def delete(workspace_id: UUID, ids: Collection[UUID]) -> Deletion:
    """What is in the trash already, or still arrives, is left as it is."""
    assets = _locked(_of(workspace_id, ids).deletable())
    deletion = Deletion(uuid4(), len(assets), sum(asset.file_size for asset in assets))
    if assets:
        rows = Asset.objects.filter(pk__in=[asset.pk for asset in assets])
        rows.update(deleted_at=now(), deletion=deletion.id)
        quota.free(workspace_id, deletion.freed)
    return deletion


@transaction.atomic
def restore(workspace_id: UUID, assets: AssetQuerySet) -> int:
    """All of them that are in the trash, or none. Raises NoRoom. Returns how many came back."""
    found = _locked(assets.filter(workspace_id=workspace_id).in_trash())
    size = sum(asset.file_size for asset in found)
    if found and not quota.take_back(workspace_id, size):
        raise NoRoom(size, Storage.objects.filter(pk=workspace_id).first())
    rows = Asset.objects.filter(pk__in=[asset.pk for asset in found])
    return rows.update(deleted_at=None, deletion=None)


def _of(workspace_id: UUID, ids: Collection[UUID]) -> AssetQuerySet:
    return Asset.objects.filter(workspace_id=workspace_id, pk__in=ids)


def _locked(assets: AssetQuerySet) -> list[Asset]:
    """In one order for everybody, and before the storage: nobody waits in a circle."""
    few = assets.order_by("pk").only("pk", "file_size")
    return list(few.select_for_update(of=("self",)))


def purge() -> int:
    """Empty the trash of what has been in it for TRASH_DAYS. Returns how many files went."""
    before = now() - timedelta(days=settings.TRASH_DAYS)
    with transaction.atomic():
        overdue = _locked(Asset.objects.in_trash().filter(deleted_at__lt=before))
        rows = Asset.objects.filter(pk__in=[asset.pk for asset in overdue])
        rows.update(purged_at=now(), search_text="")
    return _throw_away_files()


def _throw_away_files() -> int:
    """In any order, so that files that cannot go do not keep the others."""
    gone = failures = 0
    for asset in Asset.objects.with_files().filter(purged_at__isnull=False).order_by("?"):
        try:
            for key in filter(None, (asset.thumbnail_key, asset.key)):
                stored_files.delete(key)
        except Exception:
            logger.exception("the file of the purged asset %s could not be deleted", asset.pk)
            failures += 1
            if failures == MOST_FAILURES:
                break
        else:
            gone += Asset.objects.filter(pk=asset.pk).update(files_gone_at=now())
    return gone
