"""Bytes by content hash, under a store that the caller names. Written once, complete or not at all."""

from __future__ import annotations

import hashlib
import os
import tempfile
from pathlib import Path

from django.conf import settings

from apps.lib.errors import Invalid, NotFound


class TooLarge(Invalid):
    """This is larger than a stored body may be."""

    code = "too_large"


def put(store: str, body: bytes) -> str:
    """Store a body and return its sha256 in hex; storing it again changes nothing.

    store: a workspace's schema name. Raises TooLarge above settings.MAX_BODY_BYTES.
    """
    if len(body) > settings.MAX_BODY_BYTES:
        raise TooLarge(f"{len(body)} bytes are more than the {settings.MAX_BODY_BYTES} that may be stored.")
    digest = hashlib.sha256(body).hexdigest()
    path = _path(store, digest)
    if not path.exists():
        path.parent.mkdir(parents=True, exist_ok=True)
        handle, name = tempfile.mkstemp(dir=path.parent, prefix=".part-")
        try:
            with os.fdopen(handle, "wb") as part:
                part.write(body)
                part.flush()
                os.fsync(part.fileno())
            os.replace(name, path)
        except BaseException:
            Path(name).unlink(missing_ok=True)
            raise
    return digest


def get(store: str, digest: str) -> bytes:
    """Return a stored body. Raises NotFound when it was never stored or has been erased."""
    try:
        return _path(store, digest).read_bytes()
    except FileNotFoundError:
        raise NotFound("This body is not stored here any more.") from None


def erase(store: str, digest: str) -> None:
    """Erase a stored body; erasing it again changes nothing. The caller knows that nothing needs it any more."""
    _path(store, digest).unlink(missing_ok=True)


def _path(store: str, digest: str) -> Path:
    if not store.isidentifier() or len(digest) != 64 or not all(c in "0123456789abcdef" for c in digest):
        raise NotFound("This is not the name of a stored body.")
    return Path(settings.BLOB_ROOT) / store / digest[:2] / digest
