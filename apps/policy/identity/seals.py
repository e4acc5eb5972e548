"""A seal says that the gate saw a fingerprint at a moment. It is signed with the gate's own key."""

from __future__ import annotations

from typing import Any

from django.conf import settings

from apps.lib import clock, signing


def seal(*, workspace: str, run: str, person: int, digest: str, report: str) -> dict[str, Any]:
    """Sign the fingerprint of a report's files; return the seal and the public keys that verify it.

    digest: sha256 in hex. The tool `report_seal`: whoever calls it was lent the scope by a person who may read.
    """
    ring = signing.keys(settings.TOKEN_KEY)
    kid = next(iter(ring))
    claims = {
        "run": report, "workspace": workspace, "digest": digest, "at": clock.now().isoformat(timespec="seconds"),
        "kid": kid, "for": "proof",
    }  # fmt: skip
    return {"seal": signing.sign(claims, pem=settings.TOKEN_KEY), "keys": signing.as_jwks({kid: ring[kid]})}
