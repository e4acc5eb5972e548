"""The gate's order with nothing done: what would be decided, by which rule, and what would change it.

It asks the same code as a call does. A replay asks it about calls that were made, under a draft of the policies.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any

from apps.accounts import tenancy
from apps.lib import blobs, clock
from apps.lib.errors import NotFound
from apps.policy.decisions import decide, facts, rulebook
from apps.policy.decisions.decide import ALLOW, DENY, Decision
from apps.policy.decisions.requests import Facts
from apps.policy.decisions.rulebook import Version
from apps.policy.gate import barriers
from apps.policy.guardrails import choices, containment, pipeline
from apps.policy.guardrails.findings import Findings
from apps.policy.guardrails.pipeline import Stage
from apps.policy.models import Call, Grant
from apps.policy.registry import catalogue, standing, switches
from apps.policy.registry.catalogue import Tool
from apps.policy.registry.standing import Standing
from apps.policy.registry.switches import Refusal

MOST_REPLAYED = 1000


@dataclass(frozen=True, slots=True)
class Simulated:
    """decision: what it would be. text: the deciding statement, from `decision.line` on. cures: what would allow it.

    findings: what the guardrails say of the arguments; None where the call is refused before they are asked.
    by: what decides: one of `barriers.PLACES`, or policies.
    """

    decision: Decision
    text: str = ""
    cures: tuple[str, ...] = ()
    findings: Findings | None = None
    by: str = "policies"


@dataclass(frozen=True, slots=True)
class Flip:
    """A call that a draft would decide otherwise. was, would: verdicts; decision: the draft's."""

    call: str
    run: str
    tool: str
    at: datetime
    was: str
    was_by: str
    would: str
    decision: Decision


@dataclass(frozen=True, slots=True)
class Replayed:
    """asked: the calls that were decided again. erased: those whose arguments are forgotten."""

    asked: int
    erased: int
    flips: tuple[Flip, ...]


def version_of(text: str | None) -> Version:
    """Return a text as a version, checked; None is what is in force. Raises BadPolicies."""
    if text is None:
        return rulebook.current().live
    return Version(0, rulebook.checked(text, catalogue.tools()))


def simulate(
    *, tool: str, arguments: Mapping[str, Any], known: Facts, version: Version, chosen: choices.Chosen | None = None,
    stands: Standing | None = None,
) -> Simulated:  # fmt: skip
    """Say what the gate would decide about a call, and which single changes would make it an allow.

    chosen: what the guardrails do; as it holds now where nothing is given. stands: what is enabled, paused and let to
    the agent in this workspace (`standing_of`); None: the question belongs to no workspace.
    """
    found = switches.resolve(tool) if stands else catalogue.resolve(tool)
    if refused := _refused(tool, found, arguments, known, stands):
        cure = CURES.get(refused.outcome)
        decision = Decision(DENY, refused.outcome, refused.sentence)
        return Simulated(decision, cures=(cure,) if cure else (), by=barriers.PLACES[refused.outcome])
    assert found is not None
    decision = decide.decide(found, arguments, known, version)
    text = next((s.text for s in version.policies.statements if s.id == decision.rule and s.line == decision.line), "")
    findings = None
    if decision.verdict != DENY:  # no model is asked: nothing is spent by a question
        findings = pipeline.examine(Stage("input", found), arguments, chosen or choices.current())
    if decision.verdict == ALLOW:
        return Simulated(decision, text, findings=findings)
    cures = tuple(
        name for name, changed in _changes(known, found)
        if decide.decide(found, arguments, changed, version).verdict == ALLOW
    )  # fmt: skip
    return Simulated(decision, text, cures, findings)


# Outcomes of the barriers → the change that would cure them, under a name that pages have words for.
CURES = {"agent_tool": "agent_tools"} | {name: name for name in ("disabled", "changed", "paused", "runaway", "plan")}


def standing_of(*, tool: str, agent: str, run: str = "") -> Standing:
    """Return what holds now for a call that nobody makes: the first of a task."""
    return replace(standing.read(tool=tool, role=agent, task="", run=run), calls=1, micro_dollars=0)


def _refused(
    name: str, tool: Tool | None, arguments: Mapping[str, Any], known: Facts, stands: Standing | None
) -> Refusal | None:  # fmt: skip
    if stands is None:
        return barriers.shape(tool, name=name, arguments=arguments)
    # No call is counted, so none comes too often.
    return barriers.refusal(tool, name=name, arguments=arguments, mode=known.mode, at=known.at, stands=stands)


def _changes(known: Facts, tool: Tool) -> list[tuple[str, Facts]]:
    """Return every single change that a person could make, under a name that pages have words for."""
    monday = (known.at + timedelta(days=7 - known.at.weekday())).replace(hour=10)
    changes = {
        "approved": known.but(approved=True), "capability": known.but(capability=True),
        "scope": known.but(scopes=known.scopes | {tool.scope}), "role": known.but(role="owner"),
        "agent_tools": known.but(tools=known.tools | {tool.name}), "autonomy": known.but(autonomy="act"),
        "budget": known.but(budget_left_percent=100), "working_hours": known.but(at=monday),
    }  # fmt: skip
    return [(name, changed) for name, changed in changes.items() if changed != known]


def replay(*, text: str | None, last: int = 100) -> Replayed:
    """Decide the last calls of this workspace once more, under a text or what is in force; list every flip.

    Raises BadPolicies. The person's role is the one of today; everything else is as it was.
    """
    version, flips, asked, erased = version_of(text), [], 0, 0
    rows = Call.objects.exclude(state__in=("intent", "waiting")).exclude(outcome="waiting").order_by("-started_at")
    for row in rows[: min(last, MOST_REPLAYED)]:
        decided = _again(row, version)
        erased += decided is None
        if decided is None:
            continue
        asked += 1
        was = _was(row)
        if was and decided.verdict != was:
            flips.append(Flip(
                row.pk, row.run, row.tool, row.started_at, was, row.decided_by, decided.verdict, decided
            ))  # fmt: skip
    return Replayed(asked, erased, tuple(flips))


def _again(row: Call, version: Version) -> Decision | None:
    try:
        arguments = json.loads(blobs.get(tenancy.current(), row.arguments_sha))
    except NotFound:
        return None
    tool = catalogue.resolve(row.tool)
    if refused := barriers.shape(tool, name=row.tool, arguments=arguments):
        return Decision(DENY, refused.outcome, refused.sentence)
    assert tool is not None
    lent, bounds = Grant.objects.filter(run=row.run).values_list("scopes", "bounds").first() or ([], None)
    known = facts.of_person(
        workspace=tenancy.current(), person=row.person, agent=row.agent, agent_version=row.agent_version,
        mode=row.mode, scopes=frozenset(lent), at=row.started_at,
        outside_plan=containment.is_beyond(
            tool, arguments, run=row.run, bounds=bounds, has_read=containment.had_read(row), at=row.started_at),
    )  # fmt: skip
    return decide.decide(tool, arguments, known, version)


def _was(row: Call) -> str:
    """Return what was decided: a call that no rule looked at (its arguments were wrong) was denied before."""
    return row.decision or (DENY if row.state == "denied" else "")


def as_now(*, person: int, agent: str, mode: str, scopes: frozenset[str], **more: Any) -> Facts:
    """Return facts for a question that somebody makes up."""
    return facts.of_person(
        workspace=tenancy.current(), person=person, agent=agent, agent_version="", mode=mode, scopes=scopes,
        at=more.pop("at", None) or clock.now(), **more,
    )  # fmt: skip
