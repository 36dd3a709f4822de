import base64

import pytest
from hypothesis import given
from hypothesis import strategies as st

from imagegen.provider_keys.sealing import CannotOpen, MasterKey, read_master_key, seal, unseal

MASTER = MasterKey(bytes(range(32)))


@given(st.text(max_size=300), st.text(max_size=100))
def test_what_was_sealed_opens_for_the_row_it_belongs_to(secret, row):
    assert unseal(seal(secret, MASTER, row), MASTER, row) == secret


def test_the_same_secret_never_looks_the_same():
    assert len({seal("sk-1", MASTER, "row") for _ in range(50)}) == 50


def test_nothing_of_the_secret_stands_in_what_was_sealed():
    assert b"sk-0123" not in seal("sk-0123456789", MASTER, "row")
    assert "\\x00" not in repr(MASTER)


@pytest.mark.parametrize(
    ("master", "row"), [(MASTER, "another row"), (MasterKey(b"x" * 32), "row")]
)
def test_it_opens_with_no_other_master_key_and_for_no_other_row(master, row):
    sealed = seal("sk-0123456789", MASTER, "row")
    with pytest.raises(CannotOpen):
        unseal(sealed, master, row)


def test_what_was_changed_or_cut_does_not_open():
    sealed = seal("sk-0123456789", MASTER, "row")
    for at in range(len(sealed)):
        for changed in (sealed[:at] + bytes([sealed[at] ^ 1]) + sealed[at + 1 :], sealed[:at]):
            with pytest.raises(CannotOpen):
                unseal(changed, MASTER, "row")


def test_a_master_key_is_read_from_either_kind_of_base64():
    secret = b"\xfb\xff" * 16
    for text in (base64.b64encode(secret), base64.urlsafe_b64encode(secret)):
        for written in (text.decode(), text.decode().rstrip("="), f" {text.decode()}\n"):
            assert read_master_key(written) == MasterKey(secret)


@pytest.mark.parametrize("text", ["", " ", "abc", "ä" * 43, "%" * 44, "A" * 42])
def test_anything_else_is_no_master_key_and_is_not_quoted(text):
    with pytest.raises(ValueError, match="base64 of 32 bytes") as refused:
        read_master_key(text)
    assert not text.strip() or text not in str(refused.value)
