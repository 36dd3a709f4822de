"""Storing, replacing, opening and revoking the key of a workspace for a provider."""

import re
from uuid import UUID

from django.db import transaction
from django.db.models import Prefetch, prefetch_related_objects
from django.db.models.functions import Now

from imagegen.provider_keys.master_keys import first_master_key, master_key_of
from imagegen.provider_keys.models import ProviderKey, belongs_to
from imagegen.provider_keys.sealing import CannotOpen, seal, unseal
from workflows.keys import new_id
from workflows.models import User, Workspace

SHORTEST, LONGEST = 20, 300
LIVE = "live_provider_keys"
TOKEN = re.compile(r"[A-Za-z0-9\-._~+/]+=*")  # what a Bearer header may carry (RFC 6750, 2.1)


class NotAKey(ValueError):
    """The sentence for the person; what was typed is in none of it."""


def cleaned(typed: str) -> str:
    """The key as it is sent. Raises NotAKey."""
    key = typed.strip()
    if not key:
        raise NotAKey("Paste the key. Nothing was stored.")
    if len(key.split()) > 1:
        raise NotAKey("A key has no line break and no space in it. Copy it again, in one piece.")
    if not TOKEN.fullmatch(key):
        raise NotAKey("This holds characters that no key has. Copy the key again.")
    if not SHORTEST <= len(key) <= LONGEST:
        size = f"{SHORTEST} to {LONGEST} characters"
        raise NotAKey(f"A key has {size}, and this has {len(key)}. Copy the key again.")
    return key


def live_key(workspace_id: UUID, provider: str) -> ProviderKey | None:
    return ProviderKey.objects.live().filter(workspace=workspace_id, provider=provider).first()


def live_keys(workspace: Workspace) -> dict[str, ProviderKey]:
    """By provider. Read once per object, because a page asks for every step."""
    live = Prefetch("provider_keys", ProviderKey.objects.live(), to_attr=LIVE)
    prefetch_related_objects([workspace], live)
    keys: list[ProviderKey] = getattr(workspace, LIVE)
    return {key.provider: key for key in keys}


def store(workspace: Workspace, provider: str, key: str, by: User) -> ProviderKey:
    """In the place of the one that is there. `key` has been cleaned. Raises NoMasterKey."""
    master_key, id = first_master_key(), new_id()
    sealed = seal(key, master_key, belongs_to(workspace.pk, id, provider))
    with transaction.atomic():
        # Whoever stores another at the same time waits here, and then replaces this one.
        # Rows that refer to the workspace are written meanwhile: its key is not locked.
        Workspace.objects.select_for_update(no_key=True).get(pk=workspace.pk)
        _end(workspace, provider, ProviderKey.End.REPLACED, by)
        return ProviderKey.objects.create(
            pk=id,
            workspace=workspace,
            provider=provider,
            sealed=sealed,
            master_key=master_key.id,
            last_four=key[-4:],
            added_by=by,
        )


def revoke(workspace: Workspace, provider: str, by: User) -> bool:
    """Destroy it; False when there is none."""
    return _end(workspace, provider, ProviderKey.End.REVOKED, by)


def _end(workspace: Workspace, provider: str, how: str, by: User) -> bool:
    live = ProviderKey.objects.live().filter(workspace=workspace, provider=provider)
    return live.update(sealed=None, ended_at=Now(), ended_as=how, ended_by=by) == 1


def opened(key: ProviderKey) -> str:
    """For one request, and nothing else. Raises CannotOpen."""
    if key.sealed is None:
        raise CannotOpen
    return unseal(bytes(key.sealed), master_key_of(key.master_key), key.belongs_to)
