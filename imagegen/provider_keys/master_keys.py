"""The master keys of this installation, in order: the first seals, each opens what it sealed."""

from django.conf import settings

from imagegen.provider_keys.sealing import CannotOpen, MasterKey, read_master_key


class NoMasterKey(Exception):
    """The list is malformed: nothing is sealed until the administrator has mended it."""


def master_keys() -> list[MasterKey]:
    """Raises NoMasterKey; a list that is half right would seal with the wrong one."""
    try:
        return [read_master_key(text) for text in settings.MASTER_KEYS]
    except ValueError as error:
        raise NoMasterKey(str(error)) from None


def first_master_key() -> MasterKey:
    return master_keys()[0]


def master_key_of(id: str) -> MasterKey:
    """Raises CannotOpen when it is gone."""
    try:
        return next(key for key in master_keys() if key.id == id)
    except (StopIteration, NoMasterKey):
        raise CannotOpen from None


def is_known(id: str) -> bool:
    try:
        return any(key.id == id for key in master_keys())
    except NoMasterKey:
        return False
