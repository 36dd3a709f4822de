"""Storage is reserved before a request and settled after it, in the transaction that decides."""

from uuid import UUID

from django.db.models import F

from imagegen.assets.models import Storage


def reserve(workspace_id: UUID, size: int) -> bool:
    """Refused when used + reserved has reached the limit; one byte below still goes through."""
    storage = Storage.objects.filter(workspace_id=workspace_id)
    return (
        storage.filter(limit__gt=F("used") + F("reserved")).update(reserved=F("reserved") + size)
        == 1
    )


def settle(workspace_id: UUID, reserved: int, stored: int) -> None:
    """Turn a reservation into what was really stored: a paid image is kept, past the limit too."""
    Storage.objects.filter(workspace_id=workspace_id).update(
        reserved=F("reserved") - reserved, used=F("used") + stored
    )


def free(workspace_id: UUID, size: int) -> None:
    """Of what was stored, when it goes to the trash."""
    Storage.objects.filter(workspace_id=workspace_id).update(used=F("used") - size)


def take_back(workspace_id: UUID, size: int) -> bool:
    """For what leaves the trash: unlike a paid image it has to fit."""
    has_room = Storage.objects.filter(
        workspace_id=workspace_id, limit__gte=F("used") + F("reserved") + size
    )
    return has_room.update(used=F("used") + size) == 1
