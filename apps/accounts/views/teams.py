"""Settings of a workspace: its teams."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from django.contrib import messages
from django.http import HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from apps.accounts import queries
from apps.accounts.actions import teams as actions
from apps.accounts.forms import TeamForm
from apps.accounts.permissions import require
from apps.accounts.queries import Member
from apps.accounts.requests import MemberRequest
from apps.accounts.views import layout
from apps.lib.errors import ProductError


@dataclass(frozen=True, slots=True)
class Row:
    """A team in the list, with the form that changes it where the reader may."""

    id: int
    name: str
    people: tuple[str, ...]
    form: TeamForm | None
    open: bool


def link(*, member: Member) -> layout.SettingsPage | None:
    """Everybody sees the teams."""
    return layout.SettingsPage("entry:teams", _("Teams"), _("Workspace"))


@require("belong")
@require_safe
def teams(request: MemberRequest) -> HttpResponse:
    """List the teams."""
    return _page(request)


@require("members")
@require_POST
def create(request: MemberRequest) -> HttpResponse:
    """Make a team."""
    me = request.member
    form = TeamForm(request.POST, people=queries.members_of(me.schema))
    if not form.is_valid():
        return _page(request, form=form, status=422)
    try:
        team = actions.create(by=me.person, schema=me.schema, name=form.cleaned_data["name"])
        actions.change(by=me.person, schema=me.schema, team=team, **form.cleaned_data)
    except ProductError as error:
        form.add_error("name", error.sentence)
        return _page(request, form=form, status=error.status)
    messages.success(request, _("The team was made."))
    return HttpResponseRedirect(reverse("entry:teams"))


@require("members")
@require_POST
def change(request: MemberRequest, team: int) -> HttpResponse:
    """Save a team's name and people."""
    me = request.member
    form = TeamForm(request.POST, people=queries.members_of(me.schema), prefix=f"team-{team}")
    if not form.is_valid():
        return _page(request, changed=team, form=form, status=422)
    try:
        actions.change(by=me.person, schema=me.schema, team=team, **form.cleaned_data)
    except ProductError as error:
        form.add_error("name", error.sentence)
        return _page(request, changed=team, form=form, problem=error.sentence, status=error.status)
    messages.success(request, _("Saved."))
    return HttpResponseRedirect(reverse("entry:teams"))


@require("members")
@require_POST
def remove(request: MemberRequest, team: int) -> HttpResponse:
    """Dissolve a team; its people stay members."""
    try:
        actions.remove(by=request.user.pk, schema=request.member.schema, team=team)
    except ProductError as error:
        return _page(request, problem=error.sentence, status=error.status)
    messages.success(request, _("The team was dissolved. Its people are still members."))
    return HttpResponseRedirect(reverse("entry:teams"))


def _page(
    request: MemberRequest, *, form: TeamForm | None = None, changed: int = 0, problem: str = "", status: int = 200
) -> HttpResponse:
    me = request.member
    people, may = queries.members_of(me.schema), request.member.may("members")
    names = {row.person: row.name for row in people}
    rows = [
        Row(
            team.id, team.name, tuple(names[person] for person in team.people if person in names),
            _form(team, people, form if changed == team.id else None) if may else None, changed == team.id,
        )
        for team in queries.teams_of(me.schema)
    ]  # fmt: skip
    new = form if form is not None and not changed else TeamForm(people=people)
    context: dict[str, Any] = {"rows": rows, "form": new, "may_change": may, "problem": problem}
    return layout.show(request, "settings/teams.html", context, status)


def _form(team: queries.TeamRow, people: list[Member], bound: TeamForm | None) -> TeamForm:
    return bound or TeamForm(
        initial={"name": team.name, "people": list(team.people)}, people=people, prefix=f"team-{team.id}"
    )
