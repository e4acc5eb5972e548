"""/policies/simulate: ask what the gate would decide, and decide the last calls once more under another text."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from django.http import HttpResponse
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe

from apps.accounts import queries as accounts
from apps.accounts import rules as roles
from apps.accounts.permissions import require
from apps.accounts.queries import Member
from apps.accounts.requests import MemberRequest
from apps.accounts.views import layout
from apps.billing.queries import runs_seen
from apps.lib.errors import NotFound
from apps.policy import queries
from apps.policy.decisions import cedar
from apps.policy.decisions.requests import Facts
from apps.policy.forms import SimulateForm
from apps.policy.gate import preview, simulator
from apps.policy.registry import agents, catalogue


@dataclass(frozen=True, slots=True)
class Change:
    """A policy text on trial: its number, or 0 for what is in force."""

    number: int
    text: str | None


def link(*, member: Member) -> layout.SettingsPage | None:
    """Whoever reads may ask what would be decided."""
    return layout.SettingsPage("policy:simulate", _("Simulate"), _("Control")) if member.may("read") else None


@require_safe
@require("read")
def simulate(request: MemberRequest) -> HttpResponse:
    """Principal, action, resource, context: the decision, the rule and its line, and what would change it."""
    people = accounts.members_of(request.member.schema)
    asked = "tool" in request.GET
    versions = queries.policy_versions()
    form = SimulateForm(
        request.GET if asked else None, people=people, tools=sorted(catalogue.tools()), agents=sorted(agents.ROLES),
        me=request.member, versions=[row.number for row in versions],
    )  # fmt: skip
    context: dict[str, Any] = {"form": form, "last": 100, "versions": versions}
    if not asked:
        return layout.show(request, "policy/simulate.html", context)
    if not form.is_valid():
        return layout.show(request, "policy/simulate.html", context, status=422)
    change = _change(form.cleaned_data["version"])
    said = form.cleaned_data
    stands = simulator.standing_of(tool=said["tool"], agent=said["agent"])
    answer = simulator.simulate(
        tool=said["tool"], arguments=said["arguments"], known=_facts(request, said),
        version=simulator.version_of(change.text), stands=stands,
    )  # fmt: skip
    words = preview.words()
    context |= {
        "answer": answer, "cures": [words[name] for name in answer.cures], "number": change.number,
        "by": _by(answer.by),
    }  # fmt: skip
    return layout.show(request, "policy/simulate.html", context)


@dataclass(frozen=True, slots=True)
class By:
    """What decided, in words, and the page on which it is changed; url is empty where there is none."""

    words: str
    url: str = ""


def _by(name: str) -> By:
    found = {
        "registry": By(_("the registry of tools"), reverse("policy:tools")),
        "switch": By(_("the tool's switch in this workspace"), reverse("policy:tools")),
        "plan": By(_("the workspace's plan")),
        "pause": By(_("a pause"), reverse("policy:agents")),
        "arguments": By(_("the tool's schema")),
        "mode": By(_("the run's mode")),
        "agent": By(_("the agent's own rule"), reverse("policy:agents")),
        "policies": By(_("the policies"), reverse("policy:policies")),
    }
    return found[name]


def _facts(request: MemberRequest, said: dict[str, Any]) -> Facts:
    person = int(said["person"])
    member = accounts.member(request.member.schema, person)
    known = simulator.as_now(
        person=person, agent=said["agent"], mode=said["mode"], at=said["at"],
        scopes=roles.scopes_of(said["role"] or (member.role if member else "")),
    )  # fmt: skip
    changes = {"role": said["role"]} if said["role"] else {}
    return known.but(
        approved=said["approved"], capability=said["capability"], budget_left_percent=said["budget_left_percent"],
        autonomy=said["autonomy"] or known.autonomy, **changes,
    )  # fmt: skip


@require_http_methods(["GET", "HEAD", "POST"])
@require("read")
def replay(request: MemberRequest) -> HttpResponse:
    """Decide the last calls once more under a version, or a text that was sent; list every flip with its cause."""
    given = request.POST if request.method == "POST" else request.GET
    last = int(given["last"]) if given.get("last", "").isdecimal() and len(given["last"]) < 6 else 100
    change = Change(0, given["text"]) if "text" in given else _change(given.get("version", ""))
    context: dict[str, Any] = {
        "last": min(max(last, 1), simulator.MOST_REPLAYED), "number": change.number, "text": change.text,
        "versions": queries.policy_versions(),
    }  # fmt: skip
    try:
        context["result"] = simulator.replay(text=change.text, last=context["last"])
        context["seen"] = runs_seen(member=request.member)
    except cedar.BadPolicies as error:
        return layout.show(request, "policy/replay.html", context | {"problems": error.problems}, status=422)
    return layout.show(request, "policy/replay.html", context)


def _change(number: str) -> Change:
    if not number or number == "0" or not (number.isdecimal() and len(number) < 9):
        return Change(0, None)
    row = queries.policy_version(int(number))
    if row is None:
        raise NotFound(_("There is no such version."))
    return Change(row.number, row.text)
