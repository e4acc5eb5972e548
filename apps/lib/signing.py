"""ES256 keys and JSON Web Tokens (RFC 7519), the algorithm pinned."""

from __future__ import annotations

from collections.abc import Mapping
from functools import lru_cache
from pathlib import Path
from typing import Any

from joserfc import jwt
from joserfc.errors import JoseError
from joserfc.jwk import ECKey

from apps.lib.errors import Forbidden


class BadToken(Forbidden):
    """This token is not valid here."""

    code = "bad_token"
    status = 401


@lru_cache(maxsize=8)
def key(pem: str) -> ECKey:
    """Load a private key from PEM text or from a file; an empty string makes one that lives with this process."""
    if not pem:
        return ECKey.generate_key("P-256")
    if not pem.lstrip().startswith("-----"):
        pem = Path(pem).read_text()
    return ECKey.import_key(pem)


def sign(claims: Mapping[str, Any], *, pem: str) -> str:
    """Sign claims as a compact token."""
    return jwt.encode({"alg": "ES256", "typ": "JWT"}, dict(claims), key(pem), algorithms=["ES256"])


def verify(token: str, *, pem: str, issuer: str, audience: str, now: int) -> dict[str, Any]:
    """Return the claims of a token that we signed and that has not run out. Raises BadToken.

    now: seconds since 1970.
    """
    try:
        claims = jwt.decode(token, key(pem), algorithms=["ES256"]).claims
    except (JoseError, ValueError, TypeError) as error:
        raise BadToken("This token was not signed here.") from error
    if claims.get("iss") != issuer or claims.get("aud") != audience or not claims.get("jti"):
        raise BadToken("This token is for somewhere else.")
    if not isinstance(claims.get("exp"), int) or claims["exp"] <= now:
        raise BadToken("This token has run out.")
    return claims
