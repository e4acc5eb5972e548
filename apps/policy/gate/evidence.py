"""What the audit log says of a call: a line when it is closed, with the hash of the ledger's row."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Any

from apps.accounts import tenancy
from apps.observability import audit
from apps.policy import rules
from apps.policy.models import Call

# What the hash of a closed call covers, in every release. What it held while it was under way is not part of it.
HASHED = (
    "id", "key", "state", "run", "task", "epoch", "name", "number", "tool", "tool_version", "provider", "model", "mode",
    "person", "agent", "agent_version", "prompt_version", "arguments_sha", "decision", "decided_by", "policy_version",
    "signals", "outcome", "sentence", "result_sha", "input_tokens", "output_tokens", "cached_input_tokens",
    "micro_dollars", "credits", "started_at", "ended_at",
)  # fmt: skip


def note(call: str) -> None:
    """Put a call that was closed in this transaction on the record: as whom, by which rule, with which outcome."""
    row = Call.objects.filter(pk=call).values(*HASHED).get()
    audit.record(
        workspace=tenancy.current(), by=None, did=f"call.{row['state']}", to=call, reason=row["tool"],
        agent=row["agent"], on_behalf_of=row["person"], rule=row["decided_by"], outcome=row["outcome"],
        digest=_digest(row),
    )  # fmt: skip


def digests(*, workspace: str, ids: Sequence[str]) -> dict[str, str] | None:
    """Return the hashes of closed calls as the ledger has them now; None where the workspace's tables are gone."""
    if not tenancy.exists(workspace):
        return None
    with tenancy.in_workspace(workspace, gate=True):
        rows = Call.objects.filter(pk__in=list(ids), state__in=("done", "denied", "lost")).values(*HASHED)
        return {row["id"]: _digest(row) for row in rows}


def _digest(row: dict[str, Any]) -> str:
    plain = {name: _plain(row[name]) for name in HASHED}
    return hashlib.sha256(rules.canonical(plain).encode()).hexdigest()


def _plain(value: Any) -> Any:
    return value.astimezone(UTC).isoformat(timespec="microseconds") if isinstance(value, datetime) else value
