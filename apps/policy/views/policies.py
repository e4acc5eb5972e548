"""/policies: the rules in plain words, and the workspace's own text with its versions."""

from __future__ import annotations

from dataclasses import dataclass

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from apps.accounts import queries as accounts
from apps.accounts.permissions import require
from apps.accounts.queries import Member
from apps.accounts.requests import MemberRequest
from apps.accounts.views import layout
from apps.billing.queries import runs_seen
from apps.lib.errors import NotFound, ProductError
from apps.policy import queries
from apps.policy.actions import policies as actions
from apps.policy.decisions import cedar, rulebook
from apps.policy.decisions.cedar import Problem
from apps.policy.registry import catalogue

SAMPLE = """\
// Searches that name a customer need an approver's yes.
@id("customer-names")
@says("A search that names a customer needs a yes.")
@approver("approve")
forbid (principal, action == Action::"web_search", resource)
when { context.arguments.query like "*Contoso*" }
unless { context.approved };
"""


@dataclass(frozen=True, slots=True)
class Rule:
    """A statement as people read it."""

    id: str
    says: str
    text: str
    line: int
    forbids: bool
    approver: str
    four_eyes: bool


@dataclass(frozen=True, slots=True)
class Line:
    """A line of a text, and what is wrong on it."""

    number: int
    text: str
    problems: tuple[str, ...]


def link(*, member: Member) -> layout.SettingsPage | None:
    """Whoever reads may read the rules."""
    return layout.SettingsPage("policy:policies", _("Policies"), _("Control")) if member.may("read") else None


@require_http_methods(["GET", "HEAD", "POST"])
@require("read")
def policies(request: MemberRequest) -> HttpResponse:
    """The rules that hold here; a POST saves a text as the next version, for those who may."""
    if request.method != "POST":
        return _show(request)
    text, note, after = (request.POST.get(name, "") for name in ("text", "note", "after"))
    try:
        number = actions.save(
            by=request.member.person, text=text, note=note,
            after=int(after) if after.isdecimal() and len(after) < 9 else None,
        )  # fmt: skip
    except cedar.BadPolicies as error:
        return _show(request, text=text, note=note, problems=error.problems, status=422)
    except ProductError as error:
        return _show(request, text=text, note=note, problem=error.sentence, status=error.status)
    messages.success(request, _("Version %(number)d is saved. It decides nothing yet.") % {"number": number})
    return redirect("policy:version", number=number)


@require_POST
@require("read")
def check(request: MemberRequest) -> HttpResponse:
    """Say what is wrong with a text, and keep nothing."""
    text = request.POST.get("text", "")
    try:
        rulebook.checked(text, catalogue.tools())
    except cedar.BadPolicies as error:
        return _show(request, text=text, note=request.POST.get("note", ""), problems=error.problems, status=422)
    return _show(request, text=text, note=request.POST.get("note", ""), good=True)


@require_safe
@require("read")
def version(request: MemberRequest, number: int) -> HttpResponse:
    """One version of the workspace's own policies, what differs from the live one, and what a trial of it found."""
    row = queries.policy_version(number)
    if row is None:
        raise NotFound(_("There is no such version."))
    live = queries.live_policies()
    context = {
        "row": row, "live": live, "rules": _rules(row.text), "by": accounts.names([row.by]).get(row.by, ""),
        "flips": queries.shadow_decisions(number), "may_change": request.member.may("settings"),
    }  # fmt: skip
    context["seen"] = runs_seen(member=request.member)
    return layout.show(request, "policy/version.html", context)


@require_POST
@require("settings")
def move(request: MemberRequest, number: int, act: str) -> HttpResponse:
    """Adopt a version, put it on trial, or take it back."""
    by = request.member.person
    try:
        if act == "adopt":
            actions.adopt(by=by, number=number)
            messages.success(request, _("Version %(number)d decides from the next call on.") % {"number": number})
        elif act == "try":
            actions.try_out(by=by, number=number)
            said = _("Version %(number)d is on trial: it decides nothing and notes what it would.")
            messages.success(request, said % {"number": number})
        elif act == "end-trial":
            actions.stop_trial(by=by)
            messages.success(request, _("The trial has ended."))
        elif act == "retire":
            actions.retire(by=by)
            messages.success(request, _("Only the rules that Footnote ships hold now."))
        else:
            raise NotFound(_("There is nothing here."))
    except cedar.BadPolicies as error:
        messages.error(request, _("It does not fit the tools any more: %(why)s") % {"why": error.sentence})
    return redirect("policy:version", number=number)


def _show(
    request: MemberRequest, *, text: str | None = None, note: str = "", problem: str = "",
    problems: tuple[Problem, ...] = (), good: bool = False, status: int = 200,
) -> HttpResponse:  # fmt: skip
    live, newest = queries.live_policies(), queries.newest_policies()
    kept = text if text is not None else (newest.text if newest else "")
    context = {
        "shipped": [_rule(each) for each in rulebook.shipped()], "own": _rules(live.text) if live else [],
        "live": live, "newest": newest, "versions": queries.policy_versions(), "text": kept, "note": note,
        "sample": SAMPLE, "problems": problems, "lines": _lines(kept, problems) if problems else [], "good": good,
        "problem": problem, "may_change": request.member.may("settings"),
    }  # fmt: skip
    return layout.show(request, "policy/policies.html", context, status=status)


def _rules(text: str) -> list[Rule]:
    return [_rule(each) for each in cedar.statements(text, origin=rulebook.OWN)]


def _rule(each: cedar.Statement) -> Rule:
    return Rule(
        each.id, each.notes.get("says", ""), each.text, each.line, each.forbids, each.notes.get("approver", ""),
        each.notes.get("four_eyes") == "yes",
    )  # fmt: skip


def _lines(text: str, problems: tuple[Problem, ...]) -> list[Line]:
    said: dict[int, list[str]] = {}
    for each in problems:
        said.setdefault(each.line, []).append(each.sentence)
    every = text.replace("\r\n", "\n").split("\n")
    near = {n for line in said for n in range(line - 2, line + 3)}
    return [Line(n, row, tuple(said.get(n, ()))) for n, row in enumerate(every, 1) if n in near]
