"""Seal what was recorded, and say over a signature how far the chains go."""

from __future__ import annotations

import hashlib
import logging
import os
from collections import defaultdict
from dataclasses import replace
from datetime import datetime, timedelta
from pathlib import Path

from django.conf import settings
from django.db import transaction

from apps.lib import clock, signing
from apps.lib.errors import Invalid
from apps.observability import audit, rules
from apps.observability.models import AuditEntry, AuditSeal, AuditUnsealed

log = logging.getLogger(__name__)
BATCH = 5_000


def seal(*, limit: int = BATCH) -> int:
    """Append a seal to every chain that has entries without one; return how many entries were sealed.

    Works with the platform's role. An entry is sealed once its transaction has committed, whatever its number.
    """
    with transaction.atomic():
        waiting = AuditUnsealed.objects.select_for_update(skip_locked=True).order_by("entry")
        found = list(waiting.values_list("entry", flat=True)[:limit])
        if not found:
            return 0
        rows = list(AuditEntry.objects.filter(pk__in=found).order_by("pk").values(*rules.HASHED))
        by_workspace = defaultdict(list)
        for row in rows:
            by_workspace[row["workspace"]].append(row)
        heads = _heads(list(by_workspace))
        at = clock.now()
        AuditSeal.objects.bulk_create(
            _seal_of(_next(heads.get(workspace), workspace, entries, at)) for workspace, entries in by_workspace.items()
        )  # fmt: skip
        # An entry that is listed and not there stays listed: somebody took it away before it was sealed.
        AuditUnsealed.objects.filter(pk__in=[row["id"] for row in rows]).delete()
    return len(rows)


def _next(head: AuditSeal | None, workspace: str, entries: list[dict[str, object]], at: datetime) -> rules.Link:
    ids = tuple(int(str(row["id"])) for row in entries)
    hashes = b"".join(rules.entry_hash(row) for row in entries)
    bare = rules.Link(
        workspace, head.number + 1 if head else 1, ids, hashes, head.chain if head else "", "", at
    )  # fmt: skip
    return replace(bare, chain=rules.chain_hash(bare))


def _seal_of(link: rules.Link) -> AuditSeal:
    return AuditSeal(
        workspace=link.workspace, number=link.number, entries=list(link.entries), hashes=link.hashes,
        previous=link.previous, chain=link.chain, at=link.at,
    )  # fmt: skip


def _heads(workspaces: list[str] | None = None) -> dict[str, AuditSeal]:
    rows = AuditSeal.objects.order_by("workspace", "-number").distinct("workspace").defer("entries", "hashes")
    rows = rows if workspaces is None else rows.filter(workspace__in=workspaces)
    return {row.workspace: row for row in rows}


def export(*, folder: Path) -> Path:
    """Write a signed checkpoint of every chain's last seal to a file of its own, with its public keys beside it.

    Works with the platform's role. Each checkpoint names the hash of the one before. Raises Invalid where no key is
    set or the folder refuses.
    """
    if not settings.AUDIT_KEY:
        raise Invalid("FOOTNOTE_AUDIT_KEY is not set: checkpoints need a key to be signed with.")
    at = clock.now()
    heads = {row.workspace: [row.number, row.chain] for row in _heads().values()}
    claims = {
        "iss": audit.ISSUER, "aud": audit.AUDIENCE, "at": at.isoformat(), "heads": heads,
        "previous": _last_hash(folder),
    }  # fmt: skip
    try:
        folder.mkdir(parents=True, exist_ok=True)
        _write(folder / audit.KEYS, signing.as_jwks(signing.keys(settings.AUDIT_KEY)))
        return _write(folder / _name(at), signing.sign(claims, pem=settings.AUDIT_KEY))
    except OSError as error:
        raise Invalid(f"A checkpoint can't be written to {folder}: {error.strerror}.") from error


def export_when_due(*, folder: Path) -> Path | None:
    """Write a checkpoint when the last one is older than AUDIT_CHECKPOINT_SECONDS; nothing where no key is set."""
    if not settings.AUDIT_KEY:
        return None
    last = audit.checkpoints(folder)[-1:]
    due = clock.now() - timedelta(seconds=settings.AUDIT_CHECKPOINT_SECONDS)
    if last and last[0].name > _name(due):
        return None
    try:
        return export(folder=folder)
    except Invalid as problem:
        log.error("%s", problem.sentence)
        return None


def _last_hash(folder: Path) -> str:
    last = audit.checkpoints(folder)[-1:]
    return hashlib.sha256(last[0].read_bytes()).hexdigest() if last else ""


def _name(at: datetime) -> str:
    return f"{at:%Y%m%dT%H%M%S.%fZ}{audit.SUFFIX}"


def _write(path: Path, text: str) -> Path:
    """Whole or not at all: a reader never sees half a file."""
    beside = path.with_suffix(f"{path.suffix}.{os.getpid()}")
    beside.write_text(text)
    beside.replace(path)
    return path
