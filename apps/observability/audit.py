"""Write the audit log, one line for each decision and each look behind a wall; and check what is written there."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from datetime import datetime
from pathlib import Path

from apps.lib import clock, signing
from apps.lib.errors import Invalid
from apps.observability import queries
from apps.observability.models import AuditEntry
from apps.observability.rules import Finding

ISSUER = AUDIENCE = "footnote-audit"
SUFFIX = ".checkpoint"
KEYS = "keys.json"


def record(
    *, by: int | None, did: str, to: str, reason: str = "", workspace: str = "", at: datetime | None = None,
    agent: str = "", on_behalf_of: int | None = None, rule: str = "", outcome: str = "", digest: str = "",
) -> None:  # fmt: skip
    """Append an entry inside the caller's transaction.

    by: a person's id, None for Footnote itself or an agent. did: `room.verb`, such as `approval.rejected`. to: an id.
    workspace: schema name; empty for the platform's own. agent, on_behalf_of: the role that acted, and for whom.
    rule: what decided. outcome: what came of it. digest: the hash of the row that holds the details.
    """
    AuditEntry.objects.create(
        workspace=workspace, by=by, did=did, to=to[:120], reason=reason[:1000], at=at or clock.now(),
        agent=agent[:40], on_behalf_of=on_behalf_of, rule=rule[:80], outcome=outcome[:20], digest=digest,
    )  # fmt: skip


def checkpoints(folder: Path) -> list[Path]:
    """List the checkpoints in a folder, the oldest first."""
    return sorted(folder.glob(f"*{SUFFIX}"))


def compare(*, folder: Path, keys: Path | None = None, only: str | None = None) -> tuple[int, list[Finding]]:
    """Compare every checkpoint in a folder with the chains as they stand now; return how many there are, and what
    does not fit.

    keys: the public keys that the auditor trusts; without it those that lie in the folder. only: one workspace.
    Works with the platform's role. Raises Invalid where keys are missing.
    """
    try:
        ring = signing.read_jwks((keys or folder / KEYS).read_text())
    except OSError as error:
        raise Invalid(f"The public keys of the checkpoints can't be read: {keys or folder / KEYS}.") from error
    found = checkpoints(folder)
    wrong, before = [], ""
    for path in found:
        wrong += list(_compare_one(path, ring, before, only))
        before = hashlib.sha256(path.read_bytes()).hexdigest()
    return len(found), wrong


def _compare_one(path: Path, ring: signing.Keys, before: str, only: str | None) -> Iterator[Finding]:
    try:
        claims = signing.read(path.read_text().strip(), ring)
        heads, previous = dict(claims["heads"]), str(claims["previous"])
        if (claims["iss"], claims["aud"]) != (ISSUER, AUDIENCE):
            raise signing.BadToken("This is another kind of token.")
    except (signing.BadToken, KeyError, TypeError, ValueError, UnicodeDecodeError):
        yield Finding("edited", "", f"checkpoint {path.name}", "Its signature does not fit, or it is not one of ours.")
        return
    # The oldest one here may name one that was carried away.
    if before and previous != before:
        yield Finding("deleted", "", f"checkpoint {path.name}", "The checkpoint before it is missing or was changed.")
    for workspace, (number, chain) in heads.items():
        if only is not None and workspace != only:
            continue
        now = queries.head(workspace, int(number))
        if now != chain:
            kind, what = ("replaced", "is another one now") if now else ("cut", "is gone")
            yield Finding(kind, workspace, f"checkpoint {path.name}", f"Seal {number}, as it was signed, {what}.")
