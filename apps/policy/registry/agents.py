"""The agent roles: what each is for, which tools are its own, how freely it acts in a workspace, and what caps it."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import timedelta

from django.conf import settings
from django.db import transaction
from django.db.models import Count, Q
from django.utils.translation import gettext as _

from apps.accounts import tenancy
from apps.lib import clock, lists
from apps.lib.errors import Invalid, NotFound
from apps.observability import audit
from apps.policy import rules
from apps.policy.models import AgentSetting, Call, ToolSetting
from apps.policy.registry import catalogue

EVIDENCE_DAYS = 30
# Every role that a step may have, and the shipped tools that are its own. A workspace may take some away, and may give
# a role tools of its own servers; a role that is not here may call nothing.
ROLES: dict[str, tuple[str, ...]] = {
    "planner_retriever": ("model_complete", "library_search", "web_search"),
    "evidence_scraper": ("library_read", "web_fetch"),
    "analyst": ("model_complete",),
    "governor": ("model_complete",),
    "memory": ("model_embed",),
    "publisher": ("document_write", "report_seal"),
    "code_executor": ("code_execution",),
}


@dataclass(frozen=True, slots=True)
class AgentRule:
    """What an agent role may do here. autonomy: suggest, ask or act. own: as shipped, nobody changed it."""

    role: str
    tools: frozenset[str]
    autonomy: str
    calls_per_task: int
    micro_dollars_per_task: int
    own: bool = True

    @property
    def scopes(self) -> tuple[str, ...]:
        """The scopes that its shipped tools need."""
        known = catalogue.tools()
        return tuple(sorted({known[name].scope for name in self.tools if name in known}))


@dataclass(frozen=True, slots=True)
class Evidence:
    """What an agent role did in the last 30 days: calls by how they ended."""

    calls: int
    answered: int
    failed: int
    denied: int
    approved: int
    rejected: int


def setting(role: str) -> AgentRule:
    """Return what a role may do in this workspace now. Nothing is kept: a change binds the next call."""
    row = AgentSetting.objects.filter(pk=role).values_list(*FIELDS).first()
    return rule(role, row)


FIELDS = ("tools", "autonomy", "calls_per_task", "micro_dollars_per_task")


def rule(role: str, row: tuple[list[str] | None, str, int | None, int | None] | None) -> AgentRule:
    """Return a role's rule from its row (the values of FIELDS), or as it is shipped."""
    tools, autonomy, calls, dollars = row or (None, "act", None, None)
    allowed = frozenset(ROLES.get(role, ()) if tools is None else tools) if role in ROLES else frozenset()
    return AgentRule(
        role, allowed, autonomy, settings.MAX_CALLS_PER_TASK if calls is None else calls,
        settings.MAX_MICRO_DOLLARS_PER_TASK if dollars is None else dollars, row is None,
    )  # fmt: skip


def listing() -> list[AgentRule]:
    """List every role with what it may do here."""
    rows = {row[0]: row[1:] for row in AgentSetting.objects.values_list("role", *FIELDS)}
    return [rule(role, rows.get(role)) for role in ROLES]


def offered(role: str, own: Iterable[str] | None = None) -> tuple[str, ...]:
    """List the tools that a workspace may let a role use: its own, and those of the workspace's servers (`foreign`)."""
    return (*_known(role), *(foreign() if own is None else own))


def foreign() -> list[str]:
    """List the tools of the workspace's own servers that are enabled."""
    rows = ToolSetting.objects.filter(name__contains=".", enabled=True).order_by("name")
    return list(rows.values_list("name", flat=True))


def evidence(role: str) -> Evidence:
    """Count what a role's calls came to in the last 30 days, from the ledger."""
    _known(role)
    return evidence_of_all()[role]


def evidence_of_all() -> dict[str, Evidence]:
    """Count the same for every role, in one query."""
    since = clock.now() - timedelta(days=EVIDENCE_DAYS)
    asked = Q(decision="require_approval")
    counted = Call.objects.filter(started_at__gte=since).exclude(state="lost").order_by().values("agent").annotate(
        calls=Count("id"), answered=Count("id", filter=Q(state="done", outcome="ok")),
        failed=Count("id", filter=Q(state="done") & ~Q(outcome="ok")),
        denied=Count("id", filter=Q(state="denied") & ~Q(outcome__in=("rejected", "expired"))),
        approved=Count("id", filter=asked & Q(state="done")),
        rejected=Count("id", filter=Q(state="denied", outcome="rejected")),
    )  # fmt: skip
    parts = list(Evidence.__dataclass_fields__)
    found = {row[0]: Evidence(*row[1:]) for row in counted.values_list("agent", *parts)}
    return {role: found.get(role, Evidence(0, 0, 0, 0, 0, 0)) for role in ROLES}


def set_autonomy(*, by: int, role: str, autonomy: str, reason: str) -> None:
    """Let a role act more or less freely. A freer level is a promotion; what it was based on goes on the record.

    Raises: NotFound, Invalid (no such level, no reason).
    """
    now = setting(role)
    _known(role)
    if autonomy not in rules.AUTONOMY:
        raise Invalid(_("Choose how freely the agent acts."))
    if not reason.strip():
        raise Invalid(_("Say why. It stands on the record beside what the agent did so far."))
    with transaction.atomic():
        found, did = "", "agent.held_back"
        if rules.is_freer(autonomy, now.autonomy):
            seen, did = evidence(role), "agent.promoted"
            found = f"; {EVIDENCE_DAYS} days: {seen.calls} calls, {seen.denied} denied, {seen.approved} approved, "
            found += f"{seen.rejected} rejected"
        _save(by, role, autonomy=autonomy)
        reason = f"{now.autonomy} → {autonomy}{found}: {reason.strip()}"
        audit.record(by=by, did=did, to=role, reason=reason, workspace=tenancy.current())


def limit(
    *, by: int, role: str, tools: Collection[str], calls_per_task: int | None, micro_dollars_per_task: int | None,
    reason: str,
) -> None:  # fmt: skip
    """Set which tools a role may use and how much it may call and spend in a task; None: as the platform has it.

    Raises: NotFound, Invalid (a tool that is not offered, a cap above the platform's or below zero, no reason).
    """
    if strange := set(tools) - set(offered(role)):
        raise Invalid(_("This agent can't be given %(tools)s.") % {"tools": lists.join(sorted(strange))})
    most = (settings.MAX_CALLS_PER_TASK, settings.MAX_MICRO_DOLLARS_PER_TASK)
    for cap, top in zip((calls_per_task, micro_dollars_per_task), most, strict=True):
        if cap is not None and not 0 <= cap <= top:
            raise Invalid(_("A cap lies between 0 and %(top)d.") % {"top": top})
    if not reason.strip():
        raise Invalid(_("Say why."))
    with transaction.atomic():
        given = None if set(tools) == set(ROLES[role]) else sorted(tools)
        _save(by, role, tools=given, calls_per_task=calls_per_task, micro_dollars_per_task=micro_dollars_per_task)
        line = f"tools {', '.join(sorted(tools)) or 'none'}; {calls_per_task} calls, {micro_dollars_per_task} µ$ a task"
        audit.record(
            by=by, did="agent.limited", to=role, reason=f"{line}: {reason.strip()}", workspace=tenancy.current()
        )  # fmt: skip


def _known(role: str) -> tuple[str, ...]:
    if role not in ROLES:
        raise NotFound(_("There is no such agent."))
    return ROLES[role]


def _save(by: int, role: str, **values: object) -> None:
    AgentSetting.objects.update_or_create(role=role, defaults={**values, "by": by, "at": clock.now()})
