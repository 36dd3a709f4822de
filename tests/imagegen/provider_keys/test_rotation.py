"""Master keys in order, and everything sealed anew with the first."""

import base64
import os
from io import StringIO

import pytest
from django.conf import settings as configured
from django.core.management import call_command

from imagegen.checks import master_keys_readable, master_keys_shared
from imagegen.models import ProviderKey
from imagegen.provider_keys import rotation, store
from imagegen.provider_keys.master_keys import NoMasterKey, first_master_key, master_keys
from imagegen.provider_keys.sealing import CannotOpen
from tests.imagegen.provider_keys.conftest import CANARY
from workflows.models import Workspace


def new_master_key():
    return base64.b64encode(os.urandom(32)).decode()


@pytest.fixture
def many(settings, author):
    """Several hundred keys, all sealed with the same master key, which is returned."""
    settings.MASTER_KEYS = [new_master_key()]
    for number in range(130):
        workspace = Workspace.objects.create(name=f"W{number}", slug=f"w{number}")
        for provider in ("openai", "xai"):
            store.store(workspace, provider, f"{CANARY}-{number}-{provider}", author)
    return settings.MASTER_KEYS[0]


def plain(key):
    return f"{CANARY}-{key.workspace.name[1:]}-{key.provider}"


def rotated():
    said = StringIO()
    call_command("rotate_secrets", stdout=said)
    return said.getvalue()


def test_a_kill_in_the_middle_loses_nothing_and_the_next_run_goes_on(many, settings):
    settings.MASTER_KEYS = [new_master_key(), many]
    new = first_master_key().id
    assert next(rotation.rotate()).sealed_anew == 100  # and no more: killed between two batches
    assert rotation.master_keys_in_use()[new] == 100
    assert all(store.opened(key) == plain(key) for key in ProviderKey.objects.all())
    said = rotated()
    assert "Sealed anew: 160. With the first master key already: 100." in said
    assert "seals, 260 sealed." in said
    assert "can be dropped, 0 sealed." in said
    settings.MASTER_KEYS = settings.MASTER_KEYS[:1]
    assert all(store.opened(key) == plain(key) for key in ProviderKey.objects.all())
    assert "Sealed anew: 0. With the first master key already: 260." in rotated()


def test_keys_whose_master_key_is_gone_are_named_and_left_as_they_are(stored, settings):
    sealed = bytes(stored.sealed)
    settings.MASTER_KEYS = [new_master_key()]
    with pytest.raises(SystemExit) as ended:
        rotated()
    assert ended.value.code == (
        f"1 cannot be opened: {stored.pk}. Add the master key that sealed them to"
        " FETCHHIVE_MASTER_KEYS and run this again, or have their owners store them anew."
    )
    stored.refresh_from_db()
    assert bytes(stored.sealed) == sealed


def test_a_ciphertext_that_was_moved_opens_nowhere(stored, author, stranger):
    elsewhere = Workspace.objects.get(slug="elsewhere")
    other = store.store(elsewhere, "openai", "sk-another-0123456789", stranger)
    theirs = ProviderKey.objects.filter(pk=other.pk)
    theirs.update(sealed=bytes(stored.sealed))
    with pytest.raises(CannotOpen):
        store.opened(theirs.get())
    for changed in ({"provider": "xai"}, {"workspace": elsewhere}):
        for name, value in changed.items():
            setattr(stored, name, value)
        with pytest.raises(CannotOpen):
            store.opened(stored)


def test_without_a_list_there_is_a_file_for_its_owner_only_outside_the_images(stored):
    path = configured.DATA / "master-key"
    assert path.stat().st_mode & 0o777 == 0o600
    assert len(master_keys()) == 1
    assert configured.FILES not in path.parents


@pytest.mark.parametrize("text", ["too-short", "*" * 43])
def test_a_malformed_list_is_an_error_of_the_check_that_quotes_nothing(text, settings, db):
    settings.MASTER_KEYS = [new_master_key(), text]
    (error,) = master_keys_readable(None)
    assert error.id == "imagegen.E002"
    assert text not in f"{error.msg} {error.hint}"
    with pytest.raises(NoMasterKey):
        first_master_key()
    with pytest.raises(SystemExit, match="Nothing was changed"):
        rotated()


def test_a_good_list_passes_the_checks(settings):
    settings.MASTER_KEYS = settings.OWN_MASTER_KEYS = [new_master_key()]
    assert master_keys_readable(None) == master_keys_shared(None) == []


def test_a_deployment_without_a_list_is_warned_of(settings):
    settings.OWN_MASTER_KEYS = []
    assert [warning.id for warning in master_keys_shared(None)] == ["imagegen.W002"]
