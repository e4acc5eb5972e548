"""Secrets at rest: AES-256-GCM for what one key opens, HPKE (RFC 9180) for what only another process may open.

Whatever is sealed is bound to what it is about: moved to another place, it does not open.
"""

from __future__ import annotations

import hashlib
import secrets
from base64 import urlsafe_b64decode, urlsafe_b64encode

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives import hpke
from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey, X25519PublicKey
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from apps.lib.errors import ProductError

SUITE = hpke.Suite(hpke.KEM.X25519, hpke.KDF.HKDF_SHA256, hpke.AEAD.AES_256_GCM)
NONCE = 12


class BadSeal(ProductError):
    """This secret can't be opened: another key sealed it, it was changed, or it belongs elsewhere."""

    code = "bad_seal"


def key_of(text: str) -> bytes:
    """Return the 32 bytes that a key of the settings spells in base64url. Raises BadSeal."""
    key = bytes_of(text.strip())
    if len(key) != 32:
        raise BadSeal(f"A key has {len(key)} bytes where 32 are needed.")
    return key


def bytes_of(text: str) -> bytes:
    """Return the bytes that base64url without padding spells. Raises BadSeal."""
    try:
        return urlsafe_b64decode(text + "=" * (-len(text) % 4))
    except ValueError as error:
        raise BadSeal("This is not base64url.") from error


def spell(key: bytes) -> str:
    """Return bytes as base64url without padding.

    >>> spell(b"key")
    'a2V5'
    """
    return urlsafe_b64encode(key).rstrip(b"=").decode()


def new_key() -> bytes:
    """Return a fresh key of 32 bytes."""
    return secrets.token_bytes(32)


def seal(text: bytes, *, key: bytes, about: bytes) -> bytes:
    """Seal under a key; the nonce stands in front."""
    nonce = secrets.token_bytes(NONCE)
    return nonce + AESGCM(key).encrypt(nonce, text, about)


def unseal(sealed: bytes, *, key: bytes, about: bytes) -> bytes:
    """Open what `seal` sealed for the same thing. Raises BadSeal."""
    try:
        return AESGCM(key).decrypt(sealed[:NONCE], sealed[NONCE:], about)
    except (InvalidTag, ValueError) as error:
        raise BadSeal("This secret can't be opened with this key, for this thing.") from error


def public_of(private: bytes) -> bytes:
    """Return the public half of an X25519 key."""
    return X25519PrivateKey.from_private_bytes(private).public_key().public_bytes_raw()


def name_of(public: bytes) -> str:
    """Return the name of a public key: the beginning of its hash."""
    return hashlib.sha256(public).hexdigest()[:16]


def wrap(key: bytes, *, public: bytes, about: bytes) -> bytes:
    """Seal so that only the holder of the private half can open it. Raises BadSeal for a key that is none."""
    try:
        return SUITE.encrypt(key, X25519PublicKey.from_public_bytes(public), about)
    except ValueError as error:
        raise BadSeal("The public key is not an X25519 key.") from error


def unwrap(wrapped: bytes, *, private: bytes, about: bytes) -> bytes:
    """Open what `wrap` sealed for the same thing. Raises BadSeal."""
    try:
        return SUITE.decrypt(wrapped, X25519PrivateKey.from_private_bytes(private), about)
    except (InvalidTag, ValueError) as error:
        raise BadSeal("This secret can't be opened with this key, for this thing.") from error
