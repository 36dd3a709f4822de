"""`manage.py rotate_secrets`: every provider key sealed with the first master key."""

import sys
from collections.abc import Sequence
from typing import Any
from uuid import UUID

from django.core.management.base import BaseCommand

from imagegen.provider_keys import rotation
from imagegen.provider_keys.master_keys import NoMasterKey, first_master_key, master_keys


class Command(BaseCommand):
    help = (
        "Seal every provider key with the first master key of FETCHHIVE_MASTER_KEYS, and say which"
        " of the others can be dropped. It may be interrupted and repeated."
    )

    def handle(self, *args: Any, **options: Any) -> None:
        try:
            closed = self._rotate()
        except NoMasterKey as malformed:
            sys.exit(f"FETCHHIVE_MASTER_KEYS cannot be used: {malformed}. Nothing was changed.")
        self._tell_master_keys()
        if closed:
            sys.exit(_closed(closed))

    def _rotate(self) -> list[UUID]:
        before = rotation.master_keys_in_use()[first_master_key().id]
        anew, closed = 0, list[UUID]()
        for batch in rotation.rotate():
            anew += batch.sealed_anew
            closed += batch.closed
        self.stdout.write(f"Sealed anew: {anew}. With the first master key already: {before}.")
        return closed

    def _tell_master_keys(self) -> None:
        used = rotation.master_keys_in_use()
        for position, key in enumerate(master_keys(), 1):
            role = "seals" if position == 1 else "still used" if used[key.id] else "can be dropped"
            self.stdout.write(f"Master key {position}, {key.id}: {role}, {used[key.id]} sealed.")


def _closed(ids: Sequence[UUID]) -> str:
    listed = ", ".join(map(str, ids))
    return (
        f"{len(ids)} cannot be opened: {listed}. Add the master key that sealed them to"
        " FETCHHIVE_MASTER_KEYS and run this again, or have their owners store them anew."
    )
