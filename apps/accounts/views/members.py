"""Settings of a workspace: its people, their roles, and who is invited."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from apps.accounts import queries, rules
from apps.accounts.actions import invitations
from apps.accounts.actions import members as actions
from apps.accounts.forms import ROLE_HINTS, ROLE_NAMES, InviteForm
from apps.accounts.permissions import require
from apps.accounts.queries import Member
from apps.accounts.requests import MemberRequest
from apps.accounts.views import layout
from apps.lib import lists
from apps.lib.errors import ProductError


@dataclass(frozen=True, slots=True)
class Row:
    """A member in the list. `roles` are those that the reader may give them; empty: hands off."""

    person: int
    name: str
    email: str
    role: str
    role_name: str | Promise
    teams: str
    me: bool
    roles: tuple[tuple[str, str | Promise], ...]


@dataclass(frozen=True, slots=True)
class Waiting:
    """An open invitation in the list; `link` is empty where the reader may not give its role."""

    id: UUID
    email: str
    role_name: str | Promise
    inviter: str
    expires_at: datetime
    expired: bool
    link: str


def link(*, member: Member) -> layout.SettingsPage | None:
    """Everybody sees their colleagues."""
    return layout.SettingsPage("entry:members", _("Members"), _("Workspace"))


@require("belong")
@require_safe
def members(request: MemberRequest) -> HttpResponse:
    """List the people and, for who may invite, the open invitations."""
    return _page(request)


@require("members")
@require_POST
def change_role(request: MemberRequest, person: int) -> HttpResponse:
    """Give a member another role."""
    role = request.POST.get("role", "")
    return _try(
        request, _("The role was changed."),
        lambda: actions.change_role(by=request.user.pk, schema=request.member.schema, person=person, role=role),
    )  # fmt: skip


@require("members")
@require_POST
def remove(request: MemberRequest, person: int) -> HttpResponse:
    """Take a member out of the workspace."""
    return _try(
        request, _("The member was removed."),
        lambda: actions.remove(by=request.user.pk, schema=request.member.schema, person=person),
    )  # fmt: skip


@require("members")
@require_POST
def invite(request: MemberRequest) -> HttpResponse:
    """Invite somebody; the link is shown afterwards, to be copied."""
    me = request.member
    form = InviteForm(request.POST, giver=me.role)
    if not form.is_valid():
        return _page(request, form=form, status=422)
    try:
        made = invitations.invite(by=me.person, schema=me.schema, **form.cleaned_data)
    except ProductError as error:
        form.add_error(None, error.sentence)
        return _page(request, form=form, status=error.status)
    messages.success(request, _("Invited. Copy the link below if the mail does not arrive."))
    return HttpResponseRedirect(f"{reverse('entry:members')}#invitation-{made}")


@require("members")
@require_POST
def resend(request: MemberRequest, invitation: UUID) -> HttpResponse:
    """Send an invitation again; its link is good for another seven days."""
    me = request.member
    return _try(
        request, _("The invitation was sent again and is good for another seven days."),
        lambda: invitations.resend(by=me.person, schema=me.schema, invitation=invitation),
    )  # fmt: skip


@require("members")
@require_POST
def revoke(request: MemberRequest, invitation: UUID) -> HttpResponse:
    """Withdraw an invitation."""
    me = request.member
    return _try(
        request, _("The invitation was withdrawn."),
        lambda: invitations.revoke(by=me.person, schema=me.schema, invitation=invitation),
    )  # fmt: skip


def _try(request: MemberRequest, done: str, act: Callable[[], object]) -> HttpResponse:
    """Do it and go back to the list; a refusal is said above the list."""
    try:
        act()
    except ProductError as error:
        return _page(request, problem=error.sentence, status=error.status)
    messages.success(request, done)
    return HttpResponseRedirect(reverse("entry:members"))


def _page(
    request: MemberRequest, *, form: InviteForm | None = None, problem: str = "", status: int = 200
) -> HttpResponse:
    me = request.member
    teams = queries.teams_of(me.schema)
    rows = [
        Row(
            row.person, row.name, row.email, row.role, ROLE_NAMES[row.role],
            lists.join(team.name for team in teams if row.person in team.people), row.person == me.person,
            tuple((role, ROLE_NAMES[role]) for role in rules.grantable(me.role))
            if me.may("members") and rules.may_grant(me.role, row.role) else (),
        )
        for row in queries.members_of(me.schema)
    ]  # fmt: skip
    context: dict[str, Any] = {
        "rows": rows, "problem": problem, "may_invite": me.may("members"),
        "form": form or InviteForm(giver=me.role), "waiting": _waiting(me) if me.may("members") else [],
        "roles": [(ROLE_NAMES[role], ROLE_HINTS[role]) for role in rules.ROLES],
    }  # fmt: skip
    return layout.show(request, "settings/members.html", context, status)


def _waiting(me: Member) -> list[Waiting]:
    return [
        Waiting(
            row.id, row.email, ROLE_NAMES[row.role], row.inviter, row.expires_at, row.expired,
            invitations.link_of(row.id) if rules.may_grant(me.role, row.role) else "",
        )
        for row in queries.invitations_of(me.schema)
    ]  # fmt: skip
