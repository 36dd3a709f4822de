"""Sealing everything anew with the first master key."""

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from uuid import UUID

from django.db import transaction
from django.db.models import Count

from imagegen.provider_keys import store
from imagegen.provider_keys.master_keys import first_master_key
from imagegen.provider_keys.models import ProviderKey
from imagegen.provider_keys.sealing import CannotOpen, MasterKey, seal

BATCH = 100


@dataclass(frozen=True)
class Batch:
    sealed_anew: int
    closed: Sequence[UUID] = field(default_factory=list)
    """The ids of those that no master key opens."""


def rotate() -> Iterator[Batch]:
    """Each batch is committed when it is yielded: whoever stops in between goes on later with what
    is left. Raises NoMasterKey."""
    first = first_master_key()
    done = None
    while keys := _next(first, done):
        yield _batch(keys, first)
        done = keys[-1].pk


def _next(first: MasterKey, done: UUID | None) -> list[ProviderKey]:
    left = ProviderKey.objects.live().exclude(master_key=first.id).order_by("pk")
    return list(left.filter(pk__gt=done)[:BATCH] if done else left[:BATCH])


def _batch(keys: Sequence[ProviderKey], first: MasterKey) -> Batch:
    anew, closed = 0, []
    with transaction.atomic():
        for key in keys:
            try:
                anew += _seal_anew(key, first)
            except CannotOpen:
                closed.append(key.pk)
    return Batch(anew, closed)


def _seal_anew(key: ProviderKey, first: MasterKey) -> int:
    """0 when it was revoked or sealed anew meanwhile: then there is nothing to do."""
    sealed = seal(store.opened(key), first, key.belongs_to)
    unchanged = ProviderKey.objects.live().filter(pk=key.pk, master_key=key.master_key)
    return unchanged.update(sealed=sealed, master_key=first.id)


def master_keys_in_use() -> Counter[str]:
    """How many live keys each master key has sealed."""
    counted = ProviderKey.objects.live().order_by().values_list("master_key")
    return Counter(dict(counted.annotate(n=Count("pk"))))
