"""Sealing a secret with a master key, bound to the row that it belongs to."""

import base64
import hashlib
import secrets
from dataclasses import dataclass, field

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

KEY_BYTES = 32
NONCE_BYTES = 12  # random: safe for some 2**32 secrets per master key


class CannotOpen(Exception):
    """It was sealed with another key or for another row, or it was changed."""


@dataclass(frozen=True)
class MasterKey:
    secret: bytes = field(repr=False)

    @property
    def id(self) -> str:
        """Names it beside each secret that it sealed; tells nothing of it."""
        return hashlib.sha256(b"fetchhive master key\0" + self.secret).hexdigest()[:12]


def read_master_key(text: str) -> MasterKey:
    """From base64, plain or for addresses, padded or not. Raises ValueError."""
    compact = text.strip().rstrip("=").replace("-", "+").replace("_", "/")
    try:
        secret = base64.b64decode(compact + "=" * (-len(compact) % 4), validate=True)
    except ValueError:
        secret = b""
    if len(secret) != KEY_BYTES:
        raise ValueError("a master key is the base64 of 32 bytes")  # never what was given
    return MasterKey(secret)


def seal(secret: str, master_key: MasterKey, belongs_to: str) -> bytes:
    """The nonce, then what AES-256-GCM makes of it. It opens only with the same `belongs_to`."""
    nonce = secrets.token_bytes(NONCE_BYTES)
    return nonce + AESGCM(master_key.secret).encrypt(nonce, secret.encode(), belongs_to.encode())


def unseal(sealed: bytes, master_key: MasterKey, belongs_to: str) -> str:
    """Raises CannotOpen."""
    nonce, rest = sealed[:NONCE_BYTES], sealed[NONCE_BYTES:]
    try:
        return AESGCM(master_key.secret).decrypt(nonce, rest, belongs_to.encode()).decode()
    except (InvalidTag, ValueError):
        raise CannotOpen from None
