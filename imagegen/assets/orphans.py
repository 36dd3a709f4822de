"""Files without a row and rows without their file.

Collecting garbage may never be what loses data: a file goes only when nothing refers to it, it is
older than the grace period, and it has then lain in quarantine for QUARANTINE_DAYS. Whoever misses
one moves it back to where it was. Rows are only told of.
"""

import logging
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from itertools import islice

from django.conf import settings
from django.db.models import Q
from django.utils.timezone import now

from imagegen.assets.files import stored_files
from imagegen.assets.models import Asset
from imagegen.assets.scrub import BATCH, QUARANTINE, batches, quarantined, wrong_with

logger = logging.getLogger(__name__)

MOST_AT_ONCE = 1000  # kept in memory; what is beyond them is found by the next scan
STEP_SECONDS = 1.0  # a bucket is asked over the network, and the sweep has other things to do
MASS_FILES, MASS_SHARE = 50, 0.1


@dataclass
class Found:
    files: int = 0
    orphans: list[str] = field(default_factory=list)
    more_orphans: int = 0
    damaged: list[str] = field(default_factory=list)

    @property
    def is_mass(self) -> bool:
        """So many that rather the rows are lost, or it is the wrong database."""
        count = len(self.orphans) + self.more_orphans
        return count > MASS_FILES and count > self.files * MASS_SHARE


def scan(found: Found) -> Iterator[None]:
    """Look at everything, in steps of a batch; nothing is changed."""
    grace = now() - timedelta(seconds=settings.ORPHAN_GRACE_SECONDS)
    names = _names()
    while batch := list(islice(names, BATCH)):
        found.files += len(batch)
        for name in _unreferenced(batch):
            if _is_older(name, grace):
                _note(found, name)
        yield
    for assets in batches(Asset.objects.filter(purged_at=None)):
        begun = time.monotonic()
        for asset in assets:
            if wrong := _still_wrong(asset):
                found.damaged.append(wrong)
            if time.monotonic() - begun > STEP_SECONDS:
                yield
                begun = time.monotonic()
        yield


def clear_away(found: Found) -> list[str]:
    """Quarantine the orphans, unless they are too many to be believed. Returns those that went."""
    if found.is_mass:
        return []
    return [name for name in found.orphans if _quarantine(name)]


def empty_quarantine() -> int:
    """Delete for good what has been there long enough and still has no row."""
    before = now() - timedelta(days=settings.QUARANTINE_DAYS)
    gone = 0
    names = stored_files.names(QUARANTINE)
    while batch := list(islice(names, BATCH)):
        originals = [name.removeprefix(f"{QUARANTINE}/") for name in batch]
        for name in map(quarantined, _unreferenced(originals)):
            if _is_older(name, before):
                stored_files.delete(name)
                gone += 1
    return gone


class SlowScan:
    """For the sweep: a batch in each of its rounds, and a pause after the last."""

    def __init__(self) -> None:
        self._steps: Iterator[None] = iter(())
        self._found: Found | None = None
        self._due = 0.0

    def scan_on(self) -> None:
        if self._found is None:
            if time.monotonic() < self._due:
                return
            self._found = Found()
            self._steps = scan(self._found)
        try:
            next(self._steps)
        except StopIteration:
            found = self._rest()
            report(found, clear_away(found))
            empty_quarantine()
        except BaseException:
            self._rest()
            raise

    def _rest(self) -> Found:
        found, self._found = self._found, None
        self._due = time.monotonic() + settings.ORPHAN_SCAN_SECONDS
        return found or Found()


def report(found: Found, quarantined: Sequence[str]) -> None:
    for wrong in found.damaged:
        logger.error("%s", wrong)
    if found.is_mass:
        logger.error(
            "%s of %s stored files have no row: too many to be true, so none was moved. Is this"
            " the right database?",
            len(found.orphans) + found.more_orphans,
            found.files,
        )
    for name in quarantined:
        logger.error("the stored file %s has no row: moved to %s/", name, QUARANTINE)


def _names() -> Iterator[str]:
    return (name for name in stored_files.names() if not name.startswith(f"{QUARANTINE}/"))


def _unreferenced(names: Sequence[str]) -> list[str]:
    rows = Asset.objects.with_files().filter(Q(key__in=names) | Q(thumbnail_key__in=names))
    known = {key for keys in rows.values_list("key", "thumbnail_key") for key in keys}
    return [name for name in names if name not in known]


def _is_older(name: str, than: datetime) -> bool:
    try:
        return stored_files.get_modified_time(name) < than
    except FileNotFoundError:
        return False


def _note(found: Found, name: str) -> None:
    if len(found.orphans) < MOST_AT_ONCE:
        found.orphans.append(name)
    else:
        found.more_orphans += 1


def _still_wrong(asset: Asset) -> str:
    """It may have been purged since its row was read."""
    wrong = wrong_with(asset)
    return wrong if wrong and Asset.objects.filter(pk=asset.pk, purged_at=None).exists() else ""


def _quarantine(name: str) -> bool:
    """False when it has a row, or is gone, by now."""
    if not _unreferenced([name]):
        return False
    try:
        stored_files.move(name, quarantined(name))  # from now on its days in quarantine count
    except FileNotFoundError:
        return False
    return True
