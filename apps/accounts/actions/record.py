"""The record of a workspace, line by line, as one of its members may read it."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator

from apps.accounts import queries
from apps.accounts.queries import Member
from apps.lib import ports
from apps.observability import queries as observability
from apps.observability.queries import AuditRow, Wanted

# `withheld(member=…, to=…)`: those of some subjects of entries that are runs this member may not see, or belong to one.
# What people wrote about them is not shown.
withheld = ports.declare("accounts.withheld")

PORTION = 500
_RUN = re.compile(r"\brun_\w+")


def portion(member: Member, wanted: Wanted, *, before: int = 0) -> tuple[str, int]:
    """Return up to 500 entries as JSON lines, the newest first, and the id to go on before; 0 after the last."""
    rows = observability.entries(member.schema, before=before, limit=PORTION, wanted=wanted)
    hidden, names = kept(member, rows), queries.names(people(rows))
    text = "".join(f"{_json(row, names, hidden=row.id in hidden)}\n" for row in rows)
    return text, rows[-1].id if len(rows) == PORTION else 0


def whole(member: Member, wanted: Wanted) -> Iterator[str]:
    """Yield every portion, in one workspace and with one connection."""
    before = None
    while before != 0:
        text, before = portion(member, wanted, before=before or 0)
        yield text


def kept(member: Member, rows: list[AuditRow]) -> frozenset[int]:
    """Return the entries that are about a run which this member may not see, or that name one in their reason."""
    about = {row.id: {row.to, *_RUN.findall(row.reason)} for row in rows}
    hidden = withheld(member=member, to=set().union(*about.values()))
    return frozenset(entry for entry, subjects in about.items() if subjects & hidden)


def people(rows: list[AuditRow]) -> set[int]:
    """Return the people whom entries name."""
    return {person for row in rows for person in (row.by, row.on_behalf_of) if person}


def kind(row: AuditRow) -> str:
    """Say of what kind it was that it was done to; which one is not for this member."""
    return f"{row.to.partition('_')[0]}_…"


def _json(row: AuditRow, names: dict[int, str], *, hidden: bool) -> str:
    told = {
        "id": row.id, "at": row.at.isoformat(), "by": row.by, "by_name": names.get(row.by or 0, ""),
        "agent": row.agent, "on_behalf_of": row.on_behalf_of,
        "on_behalf_of_name": names.get(row.on_behalf_of or 0, ""), "did": row.did,
        "to": kind(row) if hidden else row.to, "rule": row.rule, "outcome": row.outcome,
        "reason": "" if hidden else row.reason, "withheld": hidden, "digest": row.digest,
    }  # fmt: skip
    return json.dumps(told, ensure_ascii=False)
