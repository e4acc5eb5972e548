"""Delegation tokens (RFC 8693): `sub` is the person, `act.sub` the agent, `act.act` whom it acts for in turn.

Only the gate signs them, and what a token says is never the last word: at each call the person's place in the
workspace, their scopes and the run's grant are looked up again.
"""

from __future__ import annotations

import hmac
import re
from collections.abc import Collection
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from typing import Any

from django.conf import settings
from django.db import transaction

from apps.accounts import queries as accounts
from apps.accounts import tenancy
from apps.agenda import queries as agenda
from apps.lib import clock, ids, signing
from apps.lib.errors import Invalid, NotFound
from apps.observability import audit
from apps.policy import statements
from apps.policy.models import Grant, IssuedToken

ISSUER = AUDIENCE = "footnote-gate"
# An agent, its sub-agent, and theirs: whoever needs more is going round in circles.
DEEPEST = 4
ROLE = re.compile(r"[\w.-]{1,40}", re.ASCII)


@dataclass(frozen=True, slots=True)
class Principal:
    """Who calls: a person, the agent that acts for them, and the task's lease it acts under.

    chain: the agents above this one, the nearest first; empty for one that acts for the person directly.
    tokens: the jti of the token, then of those it was exchanged for; taking one back takes back what came of it.
    """

    workspace: str
    person: int
    agent: str
    agent_version: str
    run: str
    task: str
    epoch: int
    scopes: frozenset[str]
    mode: str
    chain: tuple[str, ...] = ()
    tokens: tuple[str, ...] = ()
    # The person's role and teams at this moment; `standing` finds them.
    role: str = ""
    teams: frozenset[int] = frozenset()


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


def revoke(*, by: int, run: str, reason: str, token: str = "") -> None:
    """Take back what a run was lent, or one of its tokens by its jti; the next call is refused in every gate.

    Raises NotFound.
    """
    with transaction.atomic():
        grant = Grant.objects.select_for_update().filter(run=run).first()
        if grant is None:
            raise NotFound("This run was lent nothing.")
        if token:
            Grant.objects.filter(pk=run).update(revoked_tokens=[*grant.revoked_tokens, token])
        else:
            Grant.objects.filter(pk=run, revoked_at=None).update(revoked_at=clock.now())
        audit.record(
            workspace=tenancy.current(), by=by, did="token.revoked" if token else "grant.revoked", to=token or run,
            reason=reason,
        )  # fmt: skip


def revoke_of(*, person: int, by: int, reason: str) -> int:
    """Take back what every live run was lent by a person; return how many. Runs inside the caller's transaction."""
    lent = list(Grant.objects.filter(person=person, revoked_at=None).values_list("run", flat=True))
    live = sorted(agenda.runs_due(workspace=tenancy.current(), runs=lent))
    for run in live:
        revoke(by=by, run=run, reason=reason)
    return len(live)


def exchange(*, secret: str, workspace: str, task: str, epoch: int, role: str) -> str:
    """Exchange a worker's secret and its lease for a token of at most ten minutes.

    Raises BadToken when the secret is wrong, the lease is not held, or the person has left the workspace.
    """
    _know(secret)
    _check_role(role)
    with tenancy.in_workspace(workspace, gate=True):
        run = agenda.run_of(workspace=workspace, task=task)
        if run is None or not agenda.holds(workspace=workspace, task=task, epoch=epoch, at=clock.now()):
            raise signing.BadToken("This task is not held under this epoch.")
        grant = Grant.objects.filter(run=run).first()
        if grant is None or grant.revoked_at:
            raise signing.BadToken("This run was lent nothing, or it was taken back.")
        scopes = frozenset(grant.scopes) & accounts.scopes(workspace, grant.person)
        if not scopes:
            raise signing.BadToken("The person for whom this run works may not do this any more.")
        claims = {
            "sub": f"user:{grant.person}", "act": {"sub": f"agent:{role}"}, "workspace": workspace, "run": run,
            "task": task, "epoch": epoch, "scopes": sorted(scopes), "mode": grant.mode,
            "agent_version": grant.agent_version,
        }  # fmt: skip
        return _noted(claims, until=_now() + settings.TOKEN_SECONDS)


def narrow(*, secret: str, token: str, role: str, scopes: Collection[str]) -> str:
    """Exchange an agent's token for one of its sub-agent: fewer scopes or as many, and not good for longer.

    role: the sub-agent's. Raises BadToken; Invalid for a scope that the agent does not have, or a chain too long.
    """
    _know(secret)
    _check_role(role)
    above = standing(verify(token))
    wanted = frozenset(scopes)
    if not wanted or not wanted <= above.scopes:
        more = ", ".join(sorted(wanted - above.scopes)) or "no scope at all"
        raise Invalid(f"A sub-agent gets a part of its agent's scopes; this asks for {more}.")
    if len(above.chain) + 2 > DEEPEST:
        raise Invalid(f"Agents may act for agents {DEEPEST} deep; this one would be deeper.")
    parent = _claims(token)
    own: dict[str, Any] = {"act": {"sub": f"agent:{role}", "act": parent["act"]}, "scopes": sorted(wanted)}
    own["parents"] = list(above.tokens)
    with tenancy.in_workspace(above.workspace, gate=True):
        return _noted(parent | own, until=min(parent["exp"], _now() + settings.TOKEN_SECONDS))


def issue_for(principal: Principal, *, tool: str, audience: str) -> str:
    """Issue a token that a tool of ours may be shown: for this tool at this address, for five minutes at most.

    audience: the tool's own address; never the gate's name, so that it opens nothing here.
    """
    if not audience or audience == AUDIENCE:
        raise Invalid("A tool's token needs the tool's own address.")
    act: dict[str, Any] = {}
    for agent in reversed((principal.agent, *principal.chain)):
        act = {"sub": f"agent:{agent}", **({"act": act} if act else {})}
    claims = {
        "aud": audience, "sub": f"user:{principal.person}", "act": act, "workspace": principal.workspace,
        "run": principal.run, "tool": tool,
    }  # fmt: skip
    return _issue(claims, until=_now() + min(settings.ISSUED_TOKEN_SECONDS, 300))


def verify(token: str) -> Principal:
    """Return who a token speaks for, as far as the token says. Raises BadToken."""
    claims = _claims(token)
    try:
        chain = _chain(claims["act"])
        return Principal(
            workspace=str(claims["workspace"]), person=int(claims["sub"].removeprefix("user:")), agent=chain[0],
            agent_version=str(claims["agent_version"]), run=str(claims["run"]), task=str(claims["task"]),
            epoch=int(claims["epoch"]), scopes=frozenset(claims["scopes"]), mode=str(claims["mode"]), chain=chain[1:],
            tokens=(str(claims["jti"]), *map(str, claims.get("parents", ()))),
        )  # fmt: skip
    except (KeyError, TypeError, ValueError, AttributeError, IndexError) as error:
        raise signing.BadToken("This token does not say who calls.") from error


def standing(principal: Principal) -> Principal:
    """Return the caller with the scopes that still hold now: the person's, in the workspace as it is.

    Raises BadToken: the task is not held, the run was taken back, the person left, the workspace closed.
    """
    with tenancy.in_workspace(principal.workspace, gate=True):
        now = statements.identity(
            workspace=principal.workspace, person=principal.person, run=principal.run, task=principal.task,
            epoch=principal.epoch, at=clock.now(),
        )  # fmt: skip
        if not now.held:
            raise signing.BadToken("This task is not held under this epoch any more.")
        if not now.lent or now.revoked or set(principal.tokens) & now.revoked_tokens:
            raise _turned_away(principal, "What this run was lent has been taken back.")
        scopes = principal.scopes & accounts.scopes_of_role(now.role)
        if not scopes:
            raise _turned_away(principal, "The person for whom this run works may not do this any more.")
    return replace(principal, scopes=scopes, role=now.role, teams=now.teams)


def _turned_away(principal: Principal, sentence: str) -> signing.BadToken:
    """An attempt with a good signature and no right behind it any more leaves its line on the record."""
    audit.record(
        workspace=principal.workspace, by=None, did="token.refused", to=principal.run, reason=sentence,
        agent=principal.agent, on_behalf_of=principal.person, outcome="denied",
    )  # fmt: skip
    return signing.BadToken(sentence)


def _chain(act: dict[str, Any]) -> tuple[str, ...]:
    found: list[str] = []
    inner: dict[str, Any] | None = act
    while inner is not None and len(found) < DEEPEST:
        found.append(str(inner["sub"]).removeprefix("agent:"))
        inner = inner.get("act")
    return tuple(found)


def _know(secret: str) -> None:
    if not settings.WORKLOAD_SECRET or not hmac.compare_digest(secret.encode(), settings.WORKLOAD_SECRET.encode()):
        raise signing.BadToken("The workload secret is wrong.")


def _check_role(role: str) -> None:
    if not ROLE.fullmatch(role):
        raise Invalid("A role is 1 to 40 letters, digits, dots, dashes and underscores.")


def _claims(token: str) -> dict[str, Any]:
    return signing.verify(token, pem=settings.TOKEN_KEY, issuer=ISSUER, audience=AUDIENCE, now=_now())


def _noted(claims: dict[str, Any], *, until: int) -> str:
    """Issue a token that opens the gate, and note it: people see which are about, and take them back."""
    jti, (agent, *chain) = ids.new("tok"), _chain(claims["act"])
    IssuedToken.objects.create(
        id=jti, run=claims["run"], task=claims["task"], epoch=claims["epoch"], agent=agent, chain=chain,
        scopes=claims["scopes"], parents=claims.get("parents", []), at=clock.now(),
        until=datetime.fromtimestamp(until, UTC),
    )  # fmt: skip
    return _issue(claims, until=until, jti=jti)


def erase_old(*, before: datetime) -> int:
    """Erase what was noted of tokens that ended before a moment, in the gate; return how many."""
    return IssuedToken.objects.filter(until__lt=before).delete()[0]


def _issue(claims: dict[str, Any], *, until: int, jti: str = "") -> str:
    jti = jti or ids.new("tok")
    ours = {"iss": ISSUER, "aud": claims.get("aud", AUDIENCE), "iat": _now(), "exp": until, "jti": jti}
    return signing.sign(claims | ours, pem=settings.TOKEN_KEY)


def _now() -> int:
    return int(clock.now().timestamp())
