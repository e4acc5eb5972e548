"""Delegation tokens (RFC 8693): `sub` is the person, `act.sub` the agent. Only the gate signs them."""

from __future__ import annotations

import hmac
from dataclasses import dataclass

from django.conf import settings

from apps.accounts import queries as accounts
from apps.accounts import tenancy
from apps.agenda import queries as agenda
from apps.lib import clock, ids, signing
from apps.policy.models import Grant

ISSUER = AUDIENCE = "footnote-gate"


@dataclass(frozen=True, slots=True)
class Principal:
    """Who calls: a person, the agent that acts for them, and the task's lease it acts under."""

    workspace: str
    person: int
    agent: str
    agent_version: str
    run: str
    task: str
    epoch: int
    scopes: frozenset[str]
    mode: str


def lend(
    *, run: str, person: int, scopes: frozenset[str], mode: str, credits: int, plan_hash: str, agent_version: str
) -> None:  # fmt: skip
    """Store what a run is lent at admission; never more than the person has now."""
    own = accounts.scopes(tenancy.current(), person)
    Grant.objects.create(
        run=run, person=person, scopes=sorted(scopes & own), mode=mode, credits=credits, plan_hash=plan_hash,
        agent_version=agent_version, created_at=clock.now(),
    )  # fmt: skip


def cover(*, run: str, credits: int) -> None:
    """Set the credits that a run's calls may use in all, after a further hold."""
    Grant.objects.filter(run=run).update(credits=credits)


def exchange(*, secret: str, workspace: str, task: str, epoch: int, role: str) -> str:
    """Exchange a worker's secret and its lease for a token of at most ten minutes.

    Raises BadToken when the secret is wrong, the lease is not held, or the person has left the workspace.
    """
    if not settings.WORKLOAD_SECRET or not hmac.compare_digest(secret.encode(), settings.WORKLOAD_SECRET.encode()):
        raise signing.BadToken("The workload secret is wrong.")
    with tenancy.in_workspace(workspace, gate=True):
        run = agenda.run_of(workspace=workspace, task=task)
        if run is None or not agenda.holds(workspace=workspace, task=task, epoch=epoch, at=clock.now()):
            raise signing.BadToken("This task is not held under this epoch.")
        grant = Grant.objects.filter(run=run).first()
        if grant is None:
            raise signing.BadToken("This run was lent nothing.")
        scopes = frozenset(grant.scopes) & accounts.scopes(workspace, grant.person)
    if not scopes:
        raise signing.BadToken("The person for whom this run works may not do this any more.")
    now = int(clock.now().timestamp())
    claims = {
        "iss": ISSUER, "aud": AUDIENCE, "sub": f"user:{grant.person}", "act": {"sub": f"agent:{role}"},
        "workspace": workspace, "run": run, "task": task, "epoch": epoch, "scopes": sorted(scopes),
        "mode": grant.mode, "agent_version": grant.agent_version, "iat": now, "exp": now + settings.TOKEN_SECONDS,
        "jti": ids.new("tok"),
    }  # fmt: skip
    return signing.sign(claims, pem=settings.TOKEN_KEY)


def verify(token: str) -> Principal:
    """Return who a token speaks for. Raises BadToken."""
    now = int(clock.now().timestamp())
    claims = signing.verify(token, pem=settings.TOKEN_KEY, issuer=ISSUER, audience=AUDIENCE, now=now)
    return Principal(
        workspace=claims["workspace"], person=int(claims["sub"].removeprefix("user:")),
        agent=claims["act"]["sub"].removeprefix("agent:"), agent_version=claims["agent_version"], run=claims["run"],
        task=claims["task"], epoch=claims["epoch"], scopes=frozenset(claims["scopes"]), mode=claims["mode"],
    )  # fmt: skip
