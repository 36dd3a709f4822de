"""Q1 to Q5: the storage plan, the rows and the files."""

from collections.abc import Iterator

from django.db.models import Q, Sum

from imagegen.assets.models import Asset, Storage
from imagegen.assets.orphans import Found, scan
from imagegen.assets.scrub import damaged
from imagegen.attempts.models import Part
from imagegen.books.laws import law


@law("Q1", "nothing is reserved below zero")
def counters_are_possible() -> Iterator[str]:
    for storage in Storage.objects.filter(Q(used__lt=0) | Q(reserved__lt=0)):
        yield f"{storage.pk}: {storage.used} used, {storage.reserved} reserved"


@law("Q2", "what is used is the sum of the live images of parts that have closed")
def used_is_the_sum() -> Iterator[str]:
    live = Asset.objects.live().filter(part__finished_at__isnull=False)
    sums = dict(live.order_by().values_list("workspace").annotate(Sum("file_size")))
    for storage in Storage.objects.all():
        if storage.used != sums.get(storage.pk, 0):
            yield f"{storage.pk}: {storage.used} used, its images have {sums.get(storage.pk, 0)}"


@law("Q3", "what is reserved is the sum of the parts under way")
def reserved_is_the_sum() -> Iterator[str]:
    parts = Part.objects.open().order_by().values_list("workspace")
    sums = dict(parts.annotate(Sum("reserved_bytes")))
    for storage in Storage.objects.all():
        if storage.reserved != sums.get(storage.pk, 0):
            wanted = sums.get(storage.pk, 0)
            yield f"{storage.pk}: {storage.reserved} reserved, its parts need {wanted}"


@law("Q4", "no file lies in the storage that no row has referred to for longer than the grace")
def files_have_rows() -> Iterator[str]:
    found = Found()
    for _ in scan(found):
        pass
    yield from found.orphans


@law("Q5", "every image has its file, with the length and the SHA-256 of its row")
def rows_have_files() -> Iterator[str]:
    yield from damaged()
