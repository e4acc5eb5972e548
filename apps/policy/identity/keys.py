"""The gate's keys: private ones from its environment, public ones in a file for whoever seals or verifies."""

from __future__ import annotations

import json
import logging
import os
from functools import lru_cache
from pathlib import Path
from typing import Any

from django.conf import settings

from apps.lib import sealing, signing
from apps.lib.errors import Unavailable

log = logging.getLogger(__name__)


class NoKey(Unavailable):
    """The gate has not published a key for secrets yet."""

    code = "no_key"


def masters() -> list[bytes]:
    """Return the private keys that open credentials, the newest first. Raises NoKey anywhere but in the gate."""
    if not settings.CREDENTIAL_KEYS:
        raise NoKey("This process has no key for credentials: only the gate opens them.")
    return [sealing.key_of(each) for each in settings.CREDENTIAL_KEYS]


def master(name: str) -> bytes:
    """Return the private key with a name. Raises NoKey when it was taken out of the list."""
    for key in masters():
        if sealing.name_of(sealing.public_of(key)) == name:
            return key
    raise NoKey(f"The master key {name} that sealed this credential is not in the gate's list any more.")


def sealing_key() -> bytes:
    """Return the public key to seal new secrets with: the gate's own, or the one that it has published.

    Raises NoKey.
    """
    if settings.CREDENTIAL_KEYS:
        return sealing.public_of(masters()[0])
    found = [each for each in published()["keys"] if each.get("crv") == "X25519"]
    if not found:
        raise NoKey("The gate has not published its key yet, so no secret can be sealed. Try again in a moment.")
    return sealing.key_of(found[0]["x"])


def as_jwks() -> dict[str, Any]:
    """Return the gate's public keys as a JSON Web Key Set: those that sign tokens, then the one to seal with."""
    found = signing.public(signing.keys(settings.TOKEN_KEY))
    for key in settings.CREDENTIAL_KEYS[:1]:
        half = sealing.public_of(sealing.key_of(key))
        found.append(
            {"kty": "OKP", "crv": "X25519", "x": sealing.spell(half), "use": "enc", "kid": sealing.name_of(half)}
        )
    return {"keys": found}


def publish() -> None:
    """Write the public keys to the file that the others read; a folder that refuses is logged, and the gate goes on."""
    path = Path(settings.PUBLIC_KEYS)
    beside = path.with_suffix(f".{os.getpid()}")
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        beside.write_text(json.dumps(as_jwks(), indent=1))
        beside.replace(path)
    except OSError as error:
        log.warning("the public keys were not written to %s: %s", path, error.strerror)


def published() -> dict[str, Any]:
    """Return the public keys as the gate has published them; none where there is no file. Raises NoKey for rubbish."""
    path = Path(settings.PUBLIC_KEYS)
    try:
        return _read(str(path), path.stat().st_mtime_ns)
    except FileNotFoundError:
        return {"keys": []}
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise NoKey("The file of the gate's public keys can't be read.") from error


@lru_cache(maxsize=2)
def _read(path: str, changed: int) -> dict[str, Any]:
    return {"keys": list(json.loads(Path(path).read_text())["keys"])}
