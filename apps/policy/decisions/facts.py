"""Find what a decision looks at: the person as they are now, the agent's setting, the budget."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from apps.accounts import queries as accounts
from apps.billing import entitlements
from apps.lib import clock
from apps.policy.decisions.requests import Facts
from apps.policy.identity.delegation import Principal
from apps.policy.registry import agents


def of_call(principal: Principal) -> Facts:
    """Return the facts of a call that is made now; `delegation.standing` has found the person's role and teams."""
    return Facts(
        workspace=principal.workspace, person=principal.person, role=principal.role, agent=principal.agent,
        agent_version=principal.agent_version, mode=principal.mode, at=clock.now(), scopes=principal.scopes,
        tools=frozenset(), teams=principal.teams, plan=entitlements.of(principal.workspace).plan,
    )  # fmt: skip


def of_person(
    *, workspace: str, person: int, agent: str, agent_version: str, mode: str, scopes: frozenset[str], at: datetime,
    **more: Any,
) -> Facts:  # fmt: skip
    """Return the facts of a call by an agent for a person; a person who left has no role, which is a deny."""
    role, teams = accounts.role_of(workspace, person)
    rule = agents.setting(agent)
    return Facts(
        workspace=workspace, person=person, role=role, agent=agent, agent_version=agent_version, mode=mode, at=at,
        scopes=scopes, tools=rule.tools, autonomy=rule.autonomy, teams=teams,
        plan=entitlements.of(workspace).plan, **more,
    )  # fmt: skip
