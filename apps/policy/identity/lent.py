"""What live runs were lent, and the tokens that agents hold for them now."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from apps.accounts import tenancy
from apps.agenda import queries as agenda
from apps.lib import clock
from apps.policy.models import Grant, IssuedToken


@dataclass(frozen=True, slots=True)
class LiveToken:
    """A token that opens the gate now. chain: the agents above this one, the nearest first."""

    id: str
    agent: str
    chain: tuple[str, ...]
    scopes: tuple[str, ...]
    at: datetime
    until: datetime


@dataclass(frozen=True, slots=True)
class Lent:
    """What a live run was lent by a person. handle: stands for the run where its id is not to be told."""

    run: str
    handle: str
    person: int
    scopes: tuple[str, ...]
    mode: str
    credits: int
    at: datetime
    revoked_at: datetime | None
    tokens: tuple[LiveToken, ...]


def live(*, person: int | None = None) -> list[Lent]:
    """List what runs that have not ended were lent, the newest first; by one person where asked."""
    rows = Grant.objects.filter(person=person) if person is not None else Grant.objects.all()
    at_work = agenda.runs_at_work(workspace=tenancy.current())
    grants = list(rows.filter(run__in=at_work).order_by("-created_at", "run")[:200])
    tokens = _tokens(grants)
    return [
        Lent(
            row.run, handle_of(row.run), row.person, tuple(row.scopes), row.mode, row.credits, row.created_at,
            row.revoked_at, tokens.get(row.run, ()),
        )
        for row in grants
    ]  # fmt: skip


def find(handle: str) -> Lent | None:
    """Return what the live run with a handle was lent, or None."""
    return next((one for one in live() if one.handle == handle), None)


def handle_of(run: str) -> str:
    """Return what stands for a run where its id is not to be told."""
    return hashlib.sha256(f"{tenancy.current()}|{run}".encode()).hexdigest()[:24]


def _tokens(grants: Iterable[Grant]) -> dict[str, tuple[LiveToken, ...]]:
    """Return the tokens of these runs that the gate still takes: not taken back, and the task is held under them."""
    good = {row.run: frozenset(row.revoked_tokens) for row in grants if row.revoked_at is None}
    now = clock.now()
    rows = list(IssuedToken.objects.filter(run__in=list(good), until__gt=now).order_by("-at", "id"))
    held = agenda.held(workspace=tenancy.current(), tasks=[row.task for row in rows], at=now)
    found: dict[str, tuple[LiveToken, ...]] = {}
    for row in rows:
        if (row.task, row.epoch) in held and not {row.id, *row.parents} & good[row.run]:
            one = LiveToken(row.id, row.agent, tuple(row.chain), tuple(row.scopes), row.at, row.until)
            found[row.run] = (*found.get(row.run, ()), one)
    return found
