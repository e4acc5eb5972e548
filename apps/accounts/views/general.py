"""Settings of a workspace: its name and rules, one's own place in it, its end."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.http import HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from apps.accounts import queries, rules
from apps.accounts.actions import archives, members, workspaces
from apps.accounts.forms import ROLE_HINTS, ROLE_NAMES, GeneralForm
from apps.accounts.permissions import require
from apps.accounts.queries import Member
from apps.accounts.requests import MemberRequest
from apps.accounts.views import addresses, layout
from apps.lib import clock
from apps.lib.errors import ProductError


def link(*, member: Member) -> layout.SettingsPage | None:
    """Everybody has a place here, and may leave it."""
    return layout.SettingsPage("entry:general", _("General"), _("Workspace"))


@require("belong")
@require_safe
def general(request: MemberRequest) -> HttpResponse:
    """Show how the workspace is set up, and what this member may change."""
    return _page(request)


@require("settings")
@require_POST
def change(request: MemberRequest) -> HttpResponse:
    """Save name, language, retention and who decides when nobody did."""
    keeping = _keeping(queries.settings_of(request.member.schema), request.member)
    form = GeneralForm(request.POST, people=queries.members_of(request.member.schema), plan_days=keeping.days)
    if not form.is_valid():
        return _page(request, form=form, status=422)
    try:
        workspaces.change(by=request.user.pk, schema=request.member.schema, **form.cleaned_data)
    except ProductError as error:
        form.add_error(None, error.sentence)
        return _page(request, form=form, status=error.status)
    messages.success(request, _("Saved."))
    return HttpResponseRedirect(reverse("entry:general"))


@require("belong")
@require_POST
def leave(request: MemberRequest) -> HttpResponse:
    """Leave this workspace and go to the others."""
    try:
        members.leave(by=request.user.pk, schema=request.member.schema)
    except ProductError as error:
        return _page(request, problem=error.sentence, status=error.status)
    return HttpResponseRedirect(addresses.apex("/workspaces"))


@require("close")
@require_POST
def transfer(request: MemberRequest) -> HttpResponse:
    """Make somebody else the owner and step down to admin."""
    to = request.POST.get("to", "")
    try:
        members.transfer(by=request.user.pk, schema=request.member.schema, to=int(to) if to.isdecimal() else 0)
    except ProductError as error:
        return _page(request, problem=error.sentence, status=error.status)
    messages.success(request, _("The workspace has a new owner. You are an admin now."))
    return HttpResponseRedirect(reverse("entry:general"))


@require("close")
@require_POST
def take_copy(request: MemberRequest) -> HttpResponse:
    """Ask for a copy of the whole workspace."""
    try:
        archives.ask(by=request.user.pk, schema=request.member.schema)
    except ProductError as error:
        return _page(request, problem=error.sentence, status=error.status)
    messages.success(request, _("The copy is being made. You get a mail when it is ready."))
    return HttpResponseRedirect(reverse("entry:general") + "#take")


@require("close")
@require_POST
def close(request: MemberRequest) -> HttpResponse:
    """Close the workspace; its owner can open it again for 30 days."""
    try:
        workspaces.close(by=request.user.pk, schema=request.member.schema, name=request.POST.get("name", ""))
    except ProductError as error:
        return _page(request, problem=error.sentence, status=error.status)
    return HttpResponseRedirect(addresses.apex("/workspaces"))


def _page(
    request: MemberRequest, *, form: GeneralForm | None = None, problem: str = "", status: int = 200
) -> HttpResponse:
    me, people = request.member, queries.members_of(request.member.schema)
    setup = queries.settings_of(me.schema)
    initial = {
        "name": setup.name, "language": setup.language, "retention_days": setup.retention_days,
        "fallback_approver": setup.fallback_approver,
    }  # fmt: skip
    keeping = _keeping(setup, me)
    owners = [row for row in people if row.role == rules.OWNER]
    if form is None and me.may("settings"):
        form = GeneralForm(initial=initial, people=people, plan_days=keeping.days)
    context: dict[str, Any] = {
        "form": form if me.may("settings") else None,
        "setup": setup, "me": me, "role": ROLE_NAMES[me.role], "hint": ROLE_HINTS[me.role], "problem": problem,
        "may_close": me.may("close"), "last_owner": me.role == rules.OWNER and len(owners) == 1,
        "heirs": [row for row in people if row.person != me.person], "days": rules.REOPEN_DAYS,
        "keeping": keeping, "origin": addresses.apex(""),
        "copies": archives.listed(person=me.person, schema=me.schema) if me.may("close") else [],
    }  # fmt: skip
    return layout.show(request, "settings/general.html", context, status)


def _keeping(setup: queries.Settings, me: Member) -> rules.Keeping:
    """How long the plan keeps research, as of now: the chore that notes it comes once an hour."""
    plan, now = workspaces.plan_keeps(schema=me.schema), clock.now()
    return rules.keep_by_plan(setup.plan, plan, at=now, oldest=setup.created_at or now)
