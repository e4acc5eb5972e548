"""Teams: some people of one workspace."""

from __future__ import annotations

from collections.abc import Iterable

from django.db import transaction
from django.utils.translation import gettext as _

from apps.accounts import rules, tenancy
from apps.accounts.actions import workspaces
from apps.accounts.models import Membership, Team, Workspace
from apps.lib.errors import Conflict, Forbidden, Invalid, NotFound


def create(*, by: int, schema: str, name: str) -> int:
    """Make an empty team; return its id.

    Raises: Forbidden without the right, Invalid for a bad name, Conflict when the name is taken.
    """
    with tenancy.as_platform("a new team"), transaction.atomic():
        space = _allowed(by, schema)
        return Team.objects.create(workspace=space, name=_free(space, name)).pk


def change(*, by: int, schema: str, team: int, name: str, people: Iterable[int]) -> None:
    """Give a team its name and its people; people who are no members are left out.

    Raises: Forbidden, NotFound, Invalid or Conflict.
    """
    with tenancy.as_platform("a team changes"), transaction.atomic():
        space = _allowed(by, schema)
        row = _team(space, team)
        Team.objects.filter(pk=row.pk).update(name=_free(space, name, but=row.pk))
        row.members.set(Membership.objects.filter(workspace=space, user_id__in=set(people)))


def remove(*, by: int, schema: str, team: int) -> None:
    """Dissolve a team; its people stay members. Raises: Forbidden or NotFound."""
    with tenancy.as_platform("a team is dissolved"), transaction.atomic():
        _team(_allowed(by, schema), team).delete()


def _allowed(by: int, schema: str) -> Workspace:
    space = workspaces.lock(schema)
    mine = Membership.objects.filter(workspace=space, user_id=by).first()
    if mine is None or not rules.may(mine.role, "members"):
        raise Forbidden(_("Your role does not allow you to change teams. Ask an owner or admin."))
    return space


def _team(space: Workspace, team: int) -> Team:
    found = Team.objects.filter(workspace=space, pk=team).first()
    if found is None:
        raise NotFound(_("This team is gone. Reload the list."))
    return found


def _free(space: Workspace, name: str, but: int = 0) -> str:
    name = rules.tidy(name)
    if not 1 <= len(name) <= 80:
        raise Invalid(_("Give the team a name of 1 to 80 characters."))
    if Team.objects.filter(workspace=space, name=name).exclude(pk=but).exists():
        raise Conflict(_("There is a team “%(name)s” already. Choose another name.") % {"name": name})
    return name
