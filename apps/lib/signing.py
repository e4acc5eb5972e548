"""ES256 keys and JSON Web Tokens (RFC 7519), the algorithm pinned, the key named by its thumbprint (RFC 7638)."""

from __future__ import annotations

import json
import re
from base64 import urlsafe_b64decode
from collections.abc import Mapping
from functools import lru_cache
from pathlib import Path
from typing import Any

from joserfc import jwt
from joserfc.errors import JoseError
from joserfc.jwk import ECKey

from apps.lib.errors import Forbidden, Invalid

BLOCK = re.compile(r"-----BEGIN [A-Z ]+-----.+?-----END [A-Z ]+-----", re.S)
# A token of ours is below 2 kB; nobody makes us parse more than this.
LONGEST = 16_000


class BadToken(Forbidden):
    """This token is not valid here."""

    code = "bad_token"
    status = 401


Keys = Mapping[str, ECKey]


def keys(pem: str) -> Keys:
    """Return keys by their id, in order: the first signs, all verify.

    pem: one or more PEM blocks, or the path of a file that holds them, read again whenever it changes. Empty: a key
    that lives with this process. Raises Invalid.
    """
    if not pem or pem.lstrip().startswith("-----"):
        return _load(pem)
    path = Path(pem)
    try:
        stamp = path.stat()
        return _load_file(pem, stamp.st_mtime_ns, stamp.st_size)
    except OSError as error:
        raise Invalid(f"The file of signing keys, {pem}, can't be read: {error.strerror}.") from error


@lru_cache(maxsize=8)
def _load_file(path: str, changed: int, size: int) -> Keys:
    return _load(Path(path).read_text())


@lru_cache(maxsize=8)
def _load(pem: str) -> Keys:
    if not pem:
        found = [ECKey.generate_key("P-256")]
    else:
        try:
            found = [ECKey.import_key(block) for block in BLOCK.findall(pem)]
        except (JoseError, ValueError, TypeError) as error:
            raise Invalid("The signing keys are not PEM blocks of EC keys.") from error
    if not found or any(key.curve_name != "P-256" for key in found):
        raise Invalid("The signing keys must be one or more PEM blocks of P-256 keys.")
    return {key.thumbprint(): key for key in found}


def public(ring: Keys) -> list[dict[str, Any]]:
    """Return the public halves as JSON Web Keys (RFC 7517)."""
    return [
        {**key.as_dict(private=False), "kid": kid, "use": "sig", "alg": "ES256"} for kid, key in ring.items()
    ]  # fmt: skip


def imported(found: list[dict[str, Any]]) -> Keys:
    """Return the ES256 keys among JSON Web Keys, by the thumbprint that we count ourselves. Raises Invalid."""
    try:
        ring = [ECKey.import_key(each) for each in found if each.get("kty") == "EC" and each.get("crv") == "P-256"]
    except (JoseError, ValueError, TypeError, AttributeError) as error:
        raise Invalid("These are not JSON Web Keys.") from error
    return {key.thumbprint(): key for key in ring}


def sign(claims: Mapping[str, Any], *, pem: str) -> str:
    """Sign claims as a compact token, with the first key."""
    kid, key = next(iter(keys(pem).items()))
    return jwt.encode({"alg": "ES256", "typ": "JWT", "kid": kid}, dict(claims), key, algorithms=["ES256"])


def read(token: str, ring: Keys) -> dict[str, Any]:
    """Return the claims of a token that one of these keys signed, whatever they say. Raises BadToken."""
    key = ring.get(_kid(token))
    if key is None:
        raise BadToken("This token was not signed with a key that is known here.")
    try:
        claims = jwt.decode(token, key, algorithms=["ES256"]).claims
    except (JoseError, ValueError, TypeError) as error:
        raise BadToken("This token was not signed here.") from error
    return dict(claims)


def _kid(token: str) -> str:
    try:
        head = token[:LONGEST].split(".", 1)[0]
        header = json.loads(urlsafe_b64decode(head + "=" * (-len(head) % 4)))
        return str(header["kid"])
    except (ValueError, KeyError, TypeError, RecursionError) as error:
        raise BadToken("This is not a token of ours.") from error


def verify(token: str, *, pem: str, issuer: str, audience: str, now: int) -> dict[str, Any]:
    """Return the claims of a token that we signed and that has not run out. Raises BadToken.

    now: seconds since 1970.
    """
    if len(token) > LONGEST:
        raise BadToken("This token is too long.")
    claims = read(token, keys(pem))
    if claims.get("iss") != issuer or claims.get("aud") != audience or not claims.get("jti"):
        raise BadToken("This token is for somewhere else.")
    if type(claims.get("exp")) is not int or claims["exp"] <= now:
        raise BadToken("This token has run out.")
    return claims


def as_jwks(ring: Keys) -> str:
    """Return the public halves as the text of a JSON Web Key Set (RFC 7517)."""
    return json.dumps({"keys": public(ring)}, indent=1)


def read_jwks(text: str) -> Keys:
    """Return the ES256 keys of a JSON Web Key Set. Raises Invalid."""
    try:
        return imported(json.loads(text)["keys"])
    except (ValueError, KeyError, TypeError) as error:
        raise Invalid("This is not a JSON Web Key Set.") from error
