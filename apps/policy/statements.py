"""The two reads that every call of the gate makes, by hand: seven queries of the ORM cost it four times as much.

Both only read. What a workspace may know of its members comes from a view that shows each role its own workspace.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from apps.accounts import tenancy
from apps.policy import rules

IDENTITY = """
SELECT m.role, m.teams, g.run IS NOT NULL, g.revoked_at IS NOT NULL, g.revoked_tokens, EXISTS (
  SELECT 1 FROM agenda_due
  WHERE workspace = %(workspace)s AND task = %(task)s AND epoch = %(epoch)s AND lease_until > %(at)s
)
FROM (SELECT 1) one
LEFT JOIN accounts_membershere m ON m.person = %(person)s
LEFT JOIN policy_grant g ON g.run = %(run)s
"""
STANDING = """
SELECT s.enabled, s.definition_hash,
  CASE WHEN %(server)s <> '' THEN (
    SELECT tools -> 'offered' -> %(own_name)s ->> 'hash' FROM policy_toolserver WHERE name = %(server)s) END,
  CASE WHEN %(since)s::timestamptz IS NULL THEN 0 ELSE (
    SELECT count(*) FROM policy_call
    WHERE tool = %(tool)s AND started_at > %(since)s AND state NOT IN ('denied', 'lost')) END,
  (SELECT jsonb_agg(jsonb_build_array(kind, name, reason, by, at)) FROM policy_pause
   WHERE kind = 'workspace' OR (kind = 'tool' AND name = %(tool)s) OR (kind = 'agent' AND name = ANY(%(agents)s))),
  (SELECT jsonb_build_array('platform', '', reason, by, at) FROM agenda_platformpause ORDER BY number LIMIT 1),
  (SELECT jsonb_build_array(tools, autonomy, calls_per_task, micro_dollars_per_task) FROM policy_agentsetting
   WHERE role = %(agent)s),
  made.calls, made.micro_dollars,
  (SELECT jsonb_agg(jsonb_build_array(state, number, digest)) FROM policy_policyversion
   WHERE state IN ('live', 'shadow')),
  (SELECT jsonb_agg(jsonb_build_array(name, action, words)) FROM policy_guardrailsetting),
  (SELECT bounds FROM policy_grant WHERE run = %(run)s),
  EXISTS (SELECT 1 FROM policy_call WHERE run = %(run)s AND tool = ANY(%(sources)s) AND state = 'done')
FROM (SELECT 1) one
LEFT JOIN policy_toolsetting s ON s.name = %(tool)s
CROSS JOIN LATERAL (
  SELECT count(*) AS calls, coalesce(sum(micro_dollars), 0) AS micro_dollars FROM policy_call
  WHERE run = %(run)s AND task = %(task)s AND state <> 'lost'
) made
"""


@dataclass(frozen=True, slots=True)
class Identity:
    """What of a token still holds. role: empty for a stranger. lent: the run was lent something."""

    role: str
    teams: frozenset[int]
    lent: bool
    revoked: bool
    revoked_tokens: frozenset[str]
    held: bool


@dataclass(frozen=True, slots=True)
class Setting:
    """A tool in this workspace. offered: its server's definition today; None for a shipped tool. recent: its calls."""

    enabled: bool
    pinned: str
    offered: str | None
    recent: int


@dataclass(frozen=True, slots=True)
class Found:
    """setting: None where nobody enabled the tool. pauses: kind, name, reason, by, at. agent: its row or None.

    versions: state, number and digest of the policies in force and on trial. guardrails: name, action and words of
    those that somebody chose. bounds: what a person fixed of the run's plan; has_read: the run has read a source.
    """

    setting: Setting | None
    pauses: tuple[tuple[str, str, str, int, datetime], ...]
    agent: tuple[Any, ...] | None
    calls: int
    micro_dollars: int
    versions: tuple[tuple[str, int, str], ...]
    guardrails: tuple[tuple[str, str, str], ...]
    bounds: dict[str, Any] | None
    has_read: bool


def identity(*, workspace: str, person: int, run: str, task: str, epoch: int, at: datetime) -> Identity:
    """Return what holds of a caller at a moment. Runs as the workspace's gate."""
    given: dict[str, Any] = {
        "workspace": workspace, "person": person, "run": run, "task": task, "epoch": epoch, "at": at,
    }  # fmt: skip
    ((role, teams, lent, revoked, tokens, held),) = tenancy.connection.prepared(IDENTITY, given)
    return Identity(role or "", frozenset(teams or ()), lent, revoked, frozenset(tokens or ()), held)


def standing(
    *, tool: str, agent: str, above: Sequence[str], run: str, task: str, since: datetime | None
) -> Found:  # fmt: skip
    """Return what holds for a call of a tool by an agent. since: from when its earlier calls count, where they do."""
    server, dot, own_name = tool.partition(".")
    given: dict[str, Any] = {
        "tool": tool, "server": server if dot else "", "own_name": own_name, "since": since, "agent": agent,
        "agents": [agent, *above], "run": run, "task": task, "sources": list(rules.SOURCES),
    }  # fmt: skip
    (row,) = tenancy.connection.prepared(STANDING, given)
    enabled, pinned, offered, recent, pauses, platform, rule, calls, spent, versions, *more = row
    every = [*_read(pauses), *([_read(platform)] if platform else ())]
    return Found(
        None if pinned is None else Setting(enabled, pinned, offered, recent),
        tuple((kind, name, reason, by, datetime.fromisoformat(at)) for kind, name, reason, by, at in every),
        tuple(_read(rule)) or None, calls, int(spent),
        tuple((state, number, digest) for state, number, digest in _read(versions)),
        tuple((name, action, words) for name, action, words in _read(more[0])),
        json.loads(more[1]) if more[1] else None, more[2],
    )  # fmt: skip


def _read(body: str | None) -> list[Any]:
    found: list[Any] = json.loads(body) if body else []
    return found
