"""Making, knowing again and revoking the API keys of a workspace."""

import hashlib
import re
import secrets
import string
from datetime import timedelta

from django.db import IntegrityError, transaction
from django.db.models import Q
from django.utils.crypto import constant_time_compare
from django.utils.timezone import now

from workflows.models import ApiKey, User, Workspace

PREFIX = "fhk_"  # whoever finds one somewhere sees whose it is; our logs know it by that, too
LETTERS = string.ascii_letters + string.digits
RANDOM_LETTERS = 32  # 190 bits
KEY = re.compile(rf"{PREFIX}[A-Za-z0-9]{{{RANDOM_LETTERS}}}")
LONGEST_NAME = 60
USED_EVERY = timedelta(minutes=1)


class NotMade(ValueError):
    """With a sentence for the person."""


def make(workspace: Workspace, name: str, by: User | None) -> tuple[ApiKey, str]:
    """The row, and the key itself, which nobody will see again. Raises NotMade."""
    name = cleaned(name)
    key = PREFIX + "".join(secrets.choice(LETTERS) for _ in range(RANDOM_LETTERS))
    facts = {"digest": _digest(key), "last_four": key[-4:]}
    try:
        with transaction.atomic():
            row = ApiKey.objects.create(workspace=workspace, name=name, created_by=by, **facts)
    except IntegrityError:
        taken = f"There is an API key named “{name}” already. Choose another name, or revoke it."
        raise NotMade(taken) from None
    return row, key


def cleaned(name: str) -> str:
    """As it is stored. Raises NotMade."""
    name = " ".join(name.split())
    if not name:
        raise NotMade("Give the key a name, such as that of the program that will use it.")
    if len(name) > LONGEST_NAME:
        raise NotMade(f"A name has at most {LONGEST_NAME} characters, and this has {len(name)}.")
    if not name.isprintable():
        raise NotMade("A name has no control characters. Type it again.")
    return name


def known(key: str) -> ApiKey | None:
    """The live key that this is; None when there is none. Found by its end, which is no secret,
    and compared in a time that says nothing about the rest."""
    if not KEY.fullmatch(key):
        return None
    digest = _digest(key)
    ending = ApiKey.objects.live().filter(last_four=key[-4:]).select_related("workspace")
    return next((row for row in ending if constant_time_compare(row.digest, digest)), None)


def note_use(key: ApiKey) -> None:
    """Once a minute at most: a program that asks every second writes nothing."""
    before = now() - USED_EVERY
    if key.last_used_at is None or key.last_used_at < before:
        stale = ApiKey.objects.filter(Q(last_used_at=None) | Q(last_used_at__lt=before), pk=key.pk)
        stale.update(last_used_at=now())


def revoke(key: ApiKey, by: User) -> bool:
    """False when that was done before. What still waits of its runs is not sent."""
    live = ApiKey.objects.live().filter(pk=key.pk)
    return live.update(revoked_at=now(), revoked_by=by) == 1


def _digest(key: str) -> str:
    return hashlib.sha256(key.encode()).hexdigest()
