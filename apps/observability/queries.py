"""Reads of the audit log, and whether it is still what was sealed."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime

from django.db.models import QuerySet

from apps.lib import ports
from apps.observability import rules
from apps.observability.models import AuditEntry, AuditSeal, AuditUnsealed
from apps.observability.rules import Finding, Link

# Asked as evidence(workspace=…, ids=…): the hashes of rows of the ledger as they stand now, by id. None where the
# workspace's own tables are gone.
evidence = ports.declare("observability.evidence")
PORTION = 1_000
# Choices of a filter are taken from so many entries: all of them would be a look at every row.
RECENT = 5_000


@dataclass(frozen=True, slots=True)
class AuditRow:
    id: int
    by: int | None
    did: str
    to: str
    reason: str
    at: datetime
    agent: str = ""
    on_behalf_of: int | None = None
    rule: str = ""
    outcome: str = ""
    digest: str = ""


@dataclass(frozen=True, slots=True)
class Wanted:
    """Which entries are asked for. person: who did it or for whom; did: its beginning; dates: from, and before."""

    person: int | None = None
    agent: str = ""
    did: str = ""
    outcome: str = ""
    since: datetime | None = None
    until: datetime | None = None
    # people: what people and Footnote did; agents: the calls of agents; empty: both.
    whose: str = ""


def about(workspace: str, to: str) -> list[AuditRow]:
    """List what was done to one thing of a workspace, oldest first."""
    rows = AuditEntry.objects.filter(workspace=workspace, to=to).order_by("at", "id")[:200]
    return [_row(row) for row in rows]


def entries(workspace: str, *, before: int = 0, limit: int = 50, wanted: Wanted | None = None) -> list[AuditRow]:
    """List the newest entries of a workspace; with `before`, those older than that entry's id."""
    rows = _chosen(workspace, wanted or Wanted()).order_by("-id")
    rows = rows.filter(pk__lt=before) if before else rows
    return [_row(row) for row in rows[:limit]]


def choices(workspace: str) -> tuple[list[str], list[str]]:
    """List the agents and the outcomes that stand in the newest entries of a workspace, by name."""
    rows = AuditEntry.objects.filter(workspace=workspace).order_by("-id").values_list("agent", "outcome")[:RECENT]
    found = set(rows)
    return sorted({agent for agent, _ in found if agent}), sorted({outcome for _, outcome in found if outcome})


def _chosen(workspace: str, wanted: Wanted) -> QuerySet[AuditEntry]:
    rows = AuditEntry.objects.filter(workspace=workspace)
    if wanted.person is not None:
        rows = rows.filter(by=wanted.person) | rows.filter(on_behalf_of=wanted.person)
    if wanted.whose:
        rows = rows.exclude(agent="") if wanted.whose == "agents" else rows.filter(agent="")
    given = {
        "agent": wanted.agent, "did__startswith": wanted.did, "outcome": wanted.outcome, "at__gte": wanted.since,
        "at__lt": wanted.until,
    }  # fmt: skip
    return rows.filter(**{name: value for name, value in given.items() if value})


def _row(row: AuditEntry) -> AuditRow:
    return AuditRow(**{name: getattr(row, name) for name in AuditRow.__dataclass_fields__})


def chains() -> list[str]:
    """List the workspaces that have entries or seals; empty text is the platform's own chain."""
    found = set(AuditSeal.objects.values_list("workspace", flat=True).distinct())
    return sorted(found | set(AuditEntry.objects.values_list("workspace", flat=True).distinct()))


def _links(workspace: str) -> Iterator[Link]:
    """Yield the seals of a chain in order."""
    fields = ("workspace", "number", "entries", "hashes", "previous", "chain", "at")
    rows = AuditSeal.objects.filter(workspace=workspace).order_by("number").values_list(*fields)
    for space, number, found, hashes, previous, chain, at in rows.iterator(chunk_size=PORTION):
        yield Link(space, number, tuple(found), bytes(hashes), previous, chain, at)


def head(workspace: str, number: int) -> str:
    """Return the chain hash of one seal; empty where there is none."""
    return AuditSeal.objects.filter(workspace=workspace, number=number).values_list("chain", flat=True).first() or ""


def check(workspace: str) -> tuple[int, list[Finding]]:
    """Compare a whole chain with the entries as they stand now; return how many entries fit a seal, and what does not.

    Works with the platform's role.
    """
    wrong: list[Finding] = []
    sealed: set[int] = set()
    before: Link | None = None
    for link in _links(workspace):
        wrong += rules.check_link(link, before, _hashes(link.entries))
        if twice := sealed & set(link.entries):
            wrong.append(Finding("reordered", workspace, f"seal {link.number}", f"Entry {min(twice)} stands twice."))
        sealed |= set(link.entries)
        before = link
    wrong += _strangers(workspace, sealed)
    wrong += _changed_evidence(workspace)
    return len(sealed), wrong


def _hashes(ids: Iterable[int]) -> dict[int, bytes]:
    rows = AuditEntry.objects.filter(pk__in=list(ids)).values(*rules.HASHED)
    return {row["id"]: rules.entry_hash(row) for row in rows}


def _strangers(workspace: str, sealed: set[int]) -> list[Finding]:
    """Entries that stand in no seal and were never listed for one; and listed ones that are gone."""
    there = AuditEntry.objects.filter(workspace=workspace).values_list("pk", flat=True)
    # The list first: what is sealed meanwhile has left it, and is looked for among the entries afterwards.
    waiting = set(AuditUnsealed.objects.filter(workspace=workspace).values_list("entry", flat=True))
    present = set(there.iterator(chunk_size=10_000))
    later = {each for link in _links(workspace) for each in link.entries} if present - sealed - waiting else set()
    strange = sorted(present - sealed - waiting - later)
    gone = sorted(waiting - present)
    return [
        Finding("inserted", workspace, f"entry {each}", "It stands in no seal and was never listed for one.")
        for each in strange
    ] + [Finding("deleted", workspace, f"entry {each}", "It was taken away before it was sealed.") for each in gone]


def _changed_evidence(workspace: str) -> list[Finding]:
    wrong: list[Finding] = []
    rows = AuditEntry.objects.filter(workspace=workspace).exclude(digest="").order_by("pk")
    last = 0
    while portion := list(rows.filter(pk__gt=last).values_list("pk", "to", "digest")[:PORTION]):
        last = portion[-1][0]
        now = evidence(workspace=workspace, ids=[to for _id, to, _digest in portion])
        if now is None:
            return wrong
        for _id, to, digest in portion:
            if to not in now:
                wrong.append(Finding("deleted", workspace, f"call {to}", "Its row in the ledger is gone."))
            elif now[to] != digest:
                wrong.append(Finding("edited", workspace, f"call {to}", "Its row in the ledger was changed."))
    return wrong
