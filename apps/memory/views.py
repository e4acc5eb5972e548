"""/memory: what reports of this workspace established; search it, correct it, forget it."""

from __future__ import annotations

from django import forms
from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils.http import urlencode
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from apps.accounts import queries as accounts
from apps.accounts.permissions import require
from apps.accounts.requests import MemberRequest
from apps.lib.errors import Forbidden, Invalid, NotFound
from apps.memory import actions, queries
from apps.memory.forms import CorrectForm, ForgetForm
from apps.memory.queries import FactRow

A_PAGE = 30


@require_safe
@require("read")
def memory(request: MemberRequest) -> HttpResponse:
    """What is known from runs that this member may see, newest first, or what holds some words."""
    words, disputed = request.GET.get("q", "").strip()[:200], bool(request.GET.get("disputed"))
    given = request.GET.get("start", "")
    start = int(given) if given.isascii() and given.isdigit() and len(given) < 7 else 0
    seen = queries.runs_seen(member=request.member)
    rows = queries.facts(seen=seen, words=words, disputed=disputed, start=start, limit=A_PAGE + 1)
    asked = {name: value for name, value in (("q", words), ("disputed", "1" if disputed else "")) if value}
    older = urlencode(asked | {"start": str(start + A_PAGE)}) if len(rows) > A_PAGE else ""
    newer = urlencode(asked | {"start": str(max(0, start - A_PAGE))}) if start else ""
    context = {
        "rows": rows[:A_PAGE], "words": words, "disputed": disputed, "filtered": bool(asked or start),
        "older_url": f"?{older}" if older else "", "newer_url": f"?{newer}" if newer else "",
    }  # fmt: skip
    return render(request, "memory/memory.html", context)


@require_safe
@require("read")
def fact(request: MemberRequest, fact: str) -> HttpResponse:
    """One fact: its passages, what says otherwise, what stood there before, and its forms."""
    return _page(request, _seen(request, fact))


@require_POST
@require("research")
def correct(request: MemberRequest, fact: str) -> HttpResponse:
    """Put other words in its place."""
    row, form = _changeable(request, fact), CorrectForm(request.POST)
    if form.is_valid():
        try:
            new = actions.correct(by=request.member.person, fact=row.id, **form.cleaned_data)
        except Invalid as error:
            form.add_error(None, error.sentence)
        else:
            messages.success(request, _("Corrected. What stood there before is kept as its history."))
            return redirect("memory:fact", new)
    return _page(request, row, correcting=form, status=422)


@require_POST
@require("research")
def forget(request: MemberRequest, fact: str) -> HttpResponse:
    """Forget it: no answer and no search finds it any more."""
    row, form = _changeable(request, fact), ForgetForm(request.POST)
    if form.is_valid():
        try:
            actions.forget_one(by=request.member.person, fact=row.id, **form.cleaned_data)
        except Invalid as error:
            form.add_error(None, error.sentence)
        else:
            messages.success(request, _("Forgotten. The report it came from says it still."))
            return redirect("memory:memory")
    return _page(request, row, forgetting=form, status=422)


def _seen(request: MemberRequest, fact: str) -> FactRow:
    row = queries.fact(fact)
    if row.run not in queries.runs_seen(member=request.member):
        raise NotFound(_("There is no such fact."))
    return row


def _changeable(request: MemberRequest, fact: str) -> FactRow:
    row = _seen(request, fact)
    if not queries.may_change(member=request.member, run=row.run):
        raise Forbidden(_("Only whoever asked, or who oversees the workspace, changes what a run taught."))
    return row


def _page(
    request: MemberRequest, row: FactRow, *, correcting: forms.Form | None = None, forgetting: forms.Form | None = None,
    status: int = 200,
) -> HttpResponse:  # fmt: skip
    seen = queries.runs_seen(member=request.member)
    before = queries.history(row.id)
    others = [other for other in queries.facts_of(row.contradicts) if other.run in seen]
    holds = row.forgotten_at is None
    people = accounts.names(each.by for each in before if each.by)
    context = {
        "fact": row, "spans": queries.spans(row.id), "others": others,
        "before": [(each, people.get(each.by or 0, "")) for each in before],
        "may_change": holds and queries.may_change(member=request.member, run=row.run),
        "correcting": correcting or CorrectForm(initial={"text": row.text}), "forgetting": forgetting or ForgetForm(),
        "open": "correct" if correcting else "forget" if forgetting else "",
    }  # fmt: skip
    return render(request, "memory/fact.html", context, status=status)
