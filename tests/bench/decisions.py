"""What a full decision of the gate costs with 200 policies, against one durable commit in the same run."""

from __future__ import annotations

import statistics
from collections.abc import Iterator
from datetime import timedelta
from typing import Any

from django.conf import settings
from django.db import connection

from apps.accounts import tenancy
from apps.lib import clock, ids, signing
from apps.policy.actions import policies
from apps.policy.decisions import decide, facts, rulebook
from apps.policy.decisions.decide import Decision
from apps.policy.identity import delegation
from apps.policy.identity.delegation import AUDIENCE, ISSUER
from apps.policy.registry import standing, switches
from apps.research.actions import setup
from apps.runtime import actions as runtime
from apps.runtime import queries as runs
from apps.runtime import statements
from tests.bench import measures

OWN, ROUNDS = 200, 400


def own_policies(count: int = OWN) -> str:
    """Write so many policies that all look at the arguments of a search."""
    return "\n".join(
        f'@id("own-{n}") forbid (principal, action == Action::"library_search", resource)\n'
        f'when {{ context.arguments.query like "*secret{n}*" }};'
        for n in range(count)
    )  # fmt: skip


def decisions(stack: Any) -> Iterator[str]:
    """From the token to the verdict: signature, role, lease, grant, registry, pauses, agent, policies, Cedar."""
    place = setup.workspace(slug="bench-decisions")
    with tenancy.in_workspace(place.schema):
        policies.adopt(by=place.owner, number=policies.save(by=place.owner, text=own_policies()))
        token = _token(place)
    with tenancy.acting(place.schema, "owner"), connection.cursor() as cursor:
        cursor.execute("CREATE TABLE bench (id bigserial PRIMARY KEY, body text)")
    taken, floor = [], []
    for n in range(ROUNDS):
        with tenancy.acting(place.schema, "owner"):
            floor.append(measures._timed(_commit))
        taken.append(measures._timed(lambda n=n: _decide(token, n)))  # type: ignore[misc]
    p95, ratio = measures.quantile(taken, 0.95), statistics.median(a / b for a, b in zip(taken, floor, strict=True))
    yield measures.row(f"full decision with {OWN} own policies, p50 / p95",
                       f"{measures.quantile(taken, 0.5) * 1000:.2f} / {p95 * 1000:.2f} ms",
                       "goal p95 ≤ 5 ms")  # fmt: skip
    yield measures.row("the same / one durable commit",
                       f"{ratio:.2f} (commit {measures.quantile(floor, 0.5) * 1000:.2f} ms)", "goal ≤ 2")  # fmt: skip


def _commit() -> None:
    with connection.cursor() as cursor:
        cursor.execute("INSERT INTO bench (body) VALUES (%s)", ["x" * 1000])


def _decide(token: str, n: int) -> Decision:
    principal = delegation.standing(delegation.verify(token))
    with tenancy.in_workspace(principal.workspace, gate=True):
        tool = switches.resolve("library_search")
        assert tool is not None
        agent = standing.read(
            tool=tool.name, role=principal.agent, task=principal.task, run=principal.run, above=principal.chain,
            since=switches.counted_from(tool, clock.now()),
        )  # fmt: skip
        assert switches.refusal(tool, name=tool.name, at=clock.now(), now=agent.setting) is None
        known = facts.of_call(principal).but(tools=agent.rule.tools, autonomy=agent.rule.autonomy)
        arguments = {"query": f"how high is dam {n}", "documents": []}
        decision = decide.decide(tool, arguments, known, rulebook.current(agent.versions).live)
    assert decision.verdict == "allow", decision
    return decision


def _token(place: Any) -> str:
    run = ids.new("run")
    settings.AGENT_STEP_EXECUTION_MODE = "inline"
    delegation.lend(
        run=run, person=place.owner, scopes=frozenset({"library"}), mode="mock", credits=9, plan_hash="",
        agent_version="1",
    )  # fmt: skip
    runtime.admit(by=place.owner, run=run, name="six", input={})
    (row,) = [each for each in runs.tasks(run) if each.state == "queued"]
    claim = statements.claim(run=run, task=row.id, now=clock.now(), lease=timedelta(minutes=9), mode="inline")
    now = int(clock.now().timestamp())
    claims = {
        "iss": ISSUER, "aud": AUDIENCE, "sub": f"user:{place.owner}", "act": {"sub": "agent:planner_retriever"},
        "workspace": place.schema, "run": run, "task": row.id, "epoch": claim.epoch, "scopes": ["library"],
        "mode": "mock", "agent_version": "1", "iat": now, "exp": now + 600, "jti": ids.new("tok"),
    }  # fmt: skip
    return signing.sign(claims, pem=settings.TOKEN_KEY)


MEASURES = {"decisions": decisions}
