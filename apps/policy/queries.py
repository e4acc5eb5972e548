"""Views over the ledger: what a run used, its calls, what waits for a person."""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db.models import Count, Sum

from apps.accounts import tenancy
from apps.lib import blobs
from apps.policy.models import Approval, Call, PolicyVersion, ShadowDecision


@dataclass(frozen=True, slots=True)
class Used:
    """Totals of the answered calls of a run."""

    calls: int
    credits: int
    micro_dollars: int
    input_tokens: int
    output_tokens: int
    lost: int


@dataclass(frozen=True, slots=True)
class CallRow:
    id: str
    task: str
    name: str
    tool: str
    provider: str
    model: str
    state: str
    outcome: str
    credits: int
    micro_dollars: int
    input_tokens: int
    output_tokens: int
    started_at: datetime
    ended_at: datetime | None
    decision: str
    decided_by: str


@dataclass(frozen=True, slots=True)
class ApprovalRow:
    id: str
    run: str
    task: str
    subject: dict[str, Any]
    rule: str
    state: str
    reason: str
    asked_for: int
    decided_by: int | None
    decided_at: datetime | None
    created_at: datetime
    expires_at: datetime
    name: str = ""
    approver_role: str = "approve"
    assigned_to: int | None = None
    escalated_at: datetime | None = None
    edited: dict[str, Any] | None = None


def used(run: str) -> Used:
    """Add up what a run's calls used so far."""
    rows = Call.objects.filter(run=run)
    total = rows.filter(state="done").aggregate(
        calls=Count("id"), credits=Sum("credits"), micro_dollars=Sum("micro_dollars"),
        input_tokens=Sum("input_tokens"), output_tokens=Sum("output_tokens"),
    )  # fmt: skip
    lost = rows.filter(state="lost", outcome="lost").count()
    return Used(lost=lost, **{key: value or 0 for key, value in total.items()})


def credits_by_task(run: str) -> dict[str, int]:
    """Return the credits that each task of a run used so far, by the task's id."""
    rows = Call.objects.filter(run=run, state="done", credits__gt=0).order_by().values("task")
    return dict(rows.annotate(used=Sum("credits")).values_list("task", "used"))


def calls(run: str) -> list[CallRow]:
    """List the calls of a run in the order they began."""
    fields = list(CallRow.__dataclass_fields__)
    return [CallRow(*row) for row in Call.objects.filter(run=run).order_by("started_at", "id").values_list(*fields)]


@dataclass(frozen=True, slots=True)
class Recorded:
    """A call as it stands in the ledger, with its answer; result is empty where there was none."""

    id: str
    task: str
    name: str
    number: int
    tool: str
    arguments_sha: str
    state: str
    outcome: str
    sentence: str
    result: dict[str, Any]


def recorded(run: str) -> list[Recorded]:
    """List the calls of a run with their answers. Raises NotFound when retention has erased one."""
    return [
        Recorded(
            row.pk, row.task, row.name, row.number, row.tool, row.arguments_sha, row.state, row.outcome, row.sentence,
            json.loads(blobs.get(tenancy.current(), row.result_sha)) if row.result_sha else {},
        )
        for row in Call.objects.filter(run=run)
    ]  # fmt: skip


def pending_approval(run: str) -> ApprovalRow | None:
    """Return the approval that a run waits for, or None."""
    row = Approval.objects.filter(run=run, state="pending").order_by("created_at").first()
    return _row(row) if row else None


def approvals(*, run: str = "", state: str = "") -> list[ApprovalRow]:
    """List approvals, newest first; of one run or in one state where asked."""
    rows = Approval.objects.order_by("-created_at")
    rows = rows.filter(run=run) if run else rows
    rows = rows.filter(state=state) if state else rows
    return [_row(row) for row in rows[:200]]


def approvals_of(ids: Iterable[str]) -> dict[str, ApprovalRow]:
    """Return several approvals by id."""
    return {row.pk: _row(row) for row in Approval.objects.filter(pk__in=list(ids))}


def approval(id: str) -> ApprovalRow | None:
    """Return one approval, or None."""
    row = Approval.objects.filter(pk=id).first()
    return _row(row) if row else None


def asks(person: int) -> frozenset[str]:
    """Return the runs that ask this very person to decide."""
    return frozenset(Approval.objects.filter(state="pending", assigned_to=person).values_list("run", flat=True))


def _row(row: Approval) -> ApprovalRow:
    return ApprovalRow(**{name: getattr(row, name) for name in ApprovalRow.__dataclass_fields__})


def models_of(run: str) -> list[str]:
    """List the models that answered in a run, by name."""
    rows = Call.objects.filter(run=run, state="done").exclude(model="").values_list("model", flat=True)
    return sorted(set(rows))


def credits_of(runs: Sequence[str]) -> dict[str, int]:
    """Return the credits that the answered calls of several runs used."""
    rows = Call.objects.filter(run__in=list(runs), state="done").values("run").annotate(total=Sum("credits"))
    return {row["run"]: row["total"] for row in rows}


def bodies_of(runs: Sequence[str]) -> frozenset[str]:
    """Return the hashes of what calls of these runs were given and answered, and no call of another run was."""
    kept: frozenset[str] = frozenset()
    for column in ("arguments_sha", "result_sha"):
        own = set(Call.objects.filter(run__in=list(runs)).exclude(**{column: ""}).values_list(column, flat=True))
        others = Call.objects.filter(**{f"{column}__in": own}).exclude(run__in=list(runs))
        kept |= own - set(others.values_list(column, flat=True))
    return kept


@dataclass(frozen=True, slots=True)
class PolicyRow:
    """A version of the workspace's own policies. state: draft, shadow, live or past."""

    number: int
    text: str
    state: str
    note: str
    by: int
    at: datetime


@dataclass(frozen=True, slots=True)
class ShadowRow:
    """What a version on trial would have decided otherwise."""

    call: str
    was: str
    would: str
    rule: str
    at: datetime
    run: str
    tool: str


def policy_versions(limit: int = 50) -> list[PolicyRow]:
    """List the versions of the workspace's own policies, newest first."""
    return [_policy(row) for row in PolicyVersion.objects.order_by("-number")[:limit]]


def policy_version(number: int) -> PolicyRow | None:
    """Return one version, or None."""
    row = PolicyVersion.objects.filter(number=number).first()
    return _policy(row) if row else None


def live_policies() -> PolicyRow | None:
    """Return the version that decides, or None where only the shipped rules do."""
    row = PolicyVersion.objects.filter(state="live").first()
    return _policy(row) if row else None


def newest_policies() -> PolicyRow | None:
    """Return the version that was saved last, or None."""
    row = PolicyVersion.objects.order_by("-number").first()
    return _policy(row) if row else None


def _policy(row: PolicyVersion) -> PolicyRow:
    return PolicyRow(row.number, row.text, row.state, row.note, row.by, row.at)


def shadow_decisions(version: int, limit: int = 100) -> list[ShadowRow]:
    """List what a version on trial would have decided otherwise, newest first."""
    rows = list(ShadowDecision.objects.filter(version=version).order_by("-at")[:limit])
    made = {call.pk: call for call in Call.objects.filter(pk__in=[row.call for row in rows])}
    return [
        ShadowRow(row.call, row.was, row.would, row.rule, row.at, made[row.call].run, made[row.call].tool)
        for row in rows if row.call in made
    ]  # fmt: skip
