"""/policies/agents: what each agent may do, what is switched off, and permissions that run out."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_POST, require_safe

from apps.accounts import queries as accounts
from apps.accounts.permissions import require
from apps.accounts.queries import Member
from apps.accounts.requests import MemberRequest
from apps.accounts.views import layout
from apps.agenda import queries as agenda
from apps.lib import clock
from apps.lib.errors import ProductError
from apps.policy.forms import AgentForm, AutonomyForm, CapabilityForm, PauseForm, ReasonForm
from apps.policy.registry import agents as actions
from apps.policy.registry import capabilities, catalogue, pauses
from apps.policy.registry.agents import AgentRule, Evidence
from apps.policy.registry.capabilities import CapabilityRow
from apps.policy.registry.pauses import Paused
from apps.policy.views.budgets import dollars

PURPOSES = {
    "planner_retriever": gettext_lazy("Plans a question and looks for sources."),
    "evidence_scraper": gettext_lazy("Fetches and reads the sources that were chosen."),
    "analyst": gettext_lazy("Reads sources and writes; it has no other tools."),
    "governor": gettext_lazy("Checks plans and drafts before a person decides."),
    "memory": gettext_lazy("Keeps what a run has found, to be found again."),
    "publisher": gettext_lazy("Writes the finished report."),
    "code_executor": gettext_lazy("Runs code in a sandbox."),
}


@dataclass(frozen=True, slots=True)
class Stop:
    """A switch that is off, by whom, and the form that turns it on again."""

    paused: Paused
    who: str
    form: ReasonForm


@dataclass(frozen=True, slots=True)
class Card:
    """An agent as the page shows it."""

    rule: AgentRule
    purpose: Any
    tools: tuple[str, ...]
    seen: Evidence
    spend: str
    stop: Stop | None
    autonomy: AutonomyForm
    limit: AgentForm
    pause: ReasonForm
    open: bool


@dataclass(frozen=True, slots=True)
class Permission:
    """A capability as the page shows it."""

    row: CapabilityRow
    left: str
    who: str
    form: ReasonForm


def link(*, member: Member) -> layout.SettingsPage | None:
    """Whoever reads may see what agents may do."""
    return layout.SettingsPage("policy:agents", _("Agents"), _("Control")) if member.may("read") else None


@require_safe
@require("read")
def agents(request: MemberRequest) -> HttpResponse:
    """Show every agent, every switch, every capability."""
    return _page(request)


@require_POST
@require("settings")
def set_autonomy(request: MemberRequest, role: str) -> HttpResponse:
    """Let an agent act more or less freely."""
    form = AutonomyForm(request.POST, prefix=f"autonomy-{role}")
    return _try(request, f"autonomy-{role}", form, _("Kept. It binds the next call."), lambda given: (
        actions.set_autonomy(by=request.member.person, role=role, **given)
    ))  # fmt: skip


@require_POST
@require("settings")
def limit(request: MemberRequest, role: str) -> HttpResponse:
    """Set an agent's tools and caps."""
    form = AgentForm(request.POST, prefix=f"limit-{role}", tools=actions.offered(role))
    return _try(request, f"limit-{role}", form, _("Kept. It binds the next call."), lambda given: actions.limit(
        by=request.member.person, role=role, tools=given["tools"], calls_per_task=given["calls_per_task"],
        micro_dollars_per_task=form.micro_dollars, reason=given["reason"],
    ))  # fmt: skip


@require_POST
@require("settings")
def pause_agent(request: MemberRequest, role: str) -> HttpResponse:
    """Switch an agent off."""
    return _switch(request, pauses.pause, "agent", role, f"pause-{role}")


@require_POST
@require("settings")
def resume_agent(request: MemberRequest, role: str) -> HttpResponse:
    """Switch an agent on again."""
    return _switch(request, pauses.resume, "agent", role, f"resume-{role}")


@require_POST
@require("settings")
def pause_workspace(request: MemberRequest) -> HttpResponse:
    """Switch every agent of the workspace off."""
    return _switch(request, pauses.pause, "workspace", "", "workspace")


@require_POST
@require("settings")
def resume_workspace(request: MemberRequest) -> HttpResponse:
    """Switch the workspace's agents on again."""
    return _switch(request, pauses.resume, "workspace", "", "resume-workspace")


@require_POST
@require("settings")
def pause_tool(request: MemberRequest) -> HttpResponse:
    """Switch a tool off."""
    form = PauseForm(request.POST, prefix="tool", tools=_tools())
    return _try(request, "tool", form, _("Paused. It holds from the next call on."), lambda given: pauses.pause(
        by=request.member.person, kind="tool", name=given["tool"], reason=given["reason"]
    ))  # fmt: skip


@require_POST
@require("settings")
def resume_tool(request: MemberRequest) -> HttpResponse:
    """Switch a tool on again."""
    name = request.POST.get("name", "")
    return _switch(request, pauses.resume, "tool", name, f"resume-{name}")


@require_POST
@require("settings")
def grant(request: MemberRequest) -> HttpResponse:
    """Grant a capability."""
    form = CapabilityForm(request.POST, prefix="capability", tools=_tools(), agents=list(actions.ROLES))
    return _try(request, "capability", form, _("Granted. It counts from the next call on."), lambda given: (
        capabilities.grant(
            by=request.member.person, tool=given["tool"], agent=given["agent"], calls=given["calls"],
            until=clock.now() + timedelta(days=given["days"]), micro_dollars=int(given["dollars"] * 1_000_000),
            reason=given["reason"],
        )
    ))  # fmt: skip


@require_POST
@require("settings")
def revoke(request: MemberRequest, capability: str) -> HttpResponse:
    """Take a capability back."""
    form = ReasonForm(request.POST, prefix=f"revoke-{capability}")
    return _try(request, f"revoke-{capability}", form, _("Taken back."), lambda given: capabilities.revoke(
        by=request.member.person, id=capability, reason=given["reason"]
    ))  # fmt: skip


def _switch(
    request: MemberRequest, act: Callable[..., None], kind: str, name: str, prefix: str
) -> HttpResponse:  # fmt: skip
    done = _("Paused. It holds from the next call on.") if act is pauses.pause else _("It may act again.")
    return _try(request, prefix, ReasonForm(request.POST, prefix=prefix), done, lambda given: act(
        by=request.member.person, kind=kind, name=name, reason=given["reason"]
    ))  # fmt: skip


def _try(
    request: MemberRequest, key: str, form: Any, done: str, act: Callable[[dict[str, Any]], object]
) -> HttpResponse:  # fmt: skip
    """Do what a form asks and go back to the page; what is wrong is said in the form."""
    if not form.is_valid():
        return _page(request, sent=(key, form), status=422)
    try:
        act(form.cleaned_data)
    except ProductError as error:
        form.add_error(None, error.sentence)
        return _page(request, sent=(key, form), status=error.status)
    messages.success(request, done)
    return redirect("policy:agents")


def _page(request: MemberRequest, *, sent: tuple[str, Any] | None = None, status: int = 200) -> HttpResponse:
    off = pauses.listing()
    rows = capabilities.listing()
    names = accounts.names({*(one.by for one in off), *(row.by for row in rows)})
    stops = {(one.kind, one.name): Stop(one, names.get(one.by, ""), _form(sent, _prefix(one))) for one in off}
    return layout.show(request, "policy/agents.html", {
        "platform": agenda.platform_pause(), "whole": stops.get(("workspace", "")),
        "whole_form": _form(sent, "workspace"), "cards": _cards(stops, sent),
        "tools_off": [stop for (kind, _name), stop in stops.items() if kind == "tool"],
        "tool_form": _sent(sent, "tool") or PauseForm(prefix="tool", tools=_tools()),
        "permissions": [
            Permission(row, dollars(row.micro_dollars_left), names.get(row.by, ""), _form(sent, f"revoke-{row.id}"))
            for row in rows
        ],
        "capability_form": _sent(sent, "capability")
        or CapabilityForm(prefix="capability", tools=_tools(), agents=list(actions.ROLES)),
        "may_change": request.member.may("settings"), "problem_form": sent[1] if sent else None,
    }, status)  # fmt: skip


def _cards(stops: dict[tuple[str, str], Stop], sent: tuple[str, Any] | None) -> list[Card]:
    seen, foreign = actions.evidence_of_all(), actions.foreign()
    return [
        Card(
            rule, PURPOSES[rule.role], tuple(sorted(rule.tools)), seen[rule.role], dollars(rule.micro_dollars_per_task),
            stops.get(("agent", rule.role)),
            _sent(sent, f"autonomy-{rule.role}")
            or AutonomyForm(prefix=f"autonomy-{rule.role}", initial={"autonomy": rule.autonomy}),
            _sent(sent, f"limit-{rule.role}") or _limits(rule, foreign), _form(sent, f"pause-{rule.role}"),
            sent is not None and sent[0] in {f"{act}-{rule.role}" for act in ("autonomy", "limit", "pause", "resume")},
        )
        for rule in actions.listing()
    ]  # fmt: skip


def _limits(rule: AgentRule, foreign: list[str]) -> AgentForm:
    return AgentForm(
        prefix=f"limit-{rule.role}", tools=actions.offered(rule.role, foreign),
        initial={
            "tools": sorted(rule.tools), "calls_per_task": rule.calls_per_task,
            "dollars_per_task": rule.micro_dollars_per_task / 1_000_000,
        },
    )  # fmt: skip


def _prefix(one: Paused) -> str:
    return f"resume-{one.name or 'workspace'}"


def _sent(sent: tuple[str, Any] | None, key: str) -> Any:
    return sent[1] if sent and sent[0] == key else None


def _form(sent: tuple[str, Any] | None, prefix: str) -> ReasonForm:
    found: ReasonForm = _sent(sent, prefix) or ReasonForm(prefix=prefix)
    return found


def _tools() -> list[str]:
    return sorted(catalogue.tools()) + actions.foreign()
