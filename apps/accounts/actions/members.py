"""Who belongs to a workspace, and as what. Each change holds the workspace's row, so that two never race."""

from __future__ import annotations

from django.db import transaction
from django.utils.translation import gettext as _

from apps.accounts import rules, tenancy
from apps.accounts.actions import workspaces
from apps.accounts.models import Membership, Workspace
from apps.lib import ports
from apps.lib.errors import Conflict, Forbidden, Invalid, NotFound

# Upper rooms take back what somebody who has left gave or was lent: `member_left(schema=…, person=…, by=…)`, in its
# transaction. by: who removed them, or themselves.
member_left = ports.declare("accounts.member_left", many=True)


def change_role(*, by: int, schema: str, person: int, role: str) -> None:
    """Give a member another role.

    Raises: Invalid for an unknown role, Forbidden when `by` may not give it or take the old one,
    NotFound for a stranger, Conflict for the last owner.
    """
    if role not in rules.ROLES:
        raise Invalid(_("There is no such role: %(role)s. Choose one from the list.") % {"role": role})
    with tenancy.as_platform("a member gets another role"), transaction.atomic():
        space = workspaces.lock(schema)
        mine, theirs = _of(space, by), _of(space, person)
        _demand_grant(mine, theirs.role, role)
        if role != rules.OWNER:
            _keep_an_owner(theirs)
        Membership.objects.filter(pk=theirs.pk).update(role=role)
        if not rules.may(role, "approve"):
            _drop_fallback(space, person)


def remove(*, by: int, schema: str, person: int) -> None:
    """Take a member out of a workspace; from the next request on they are a stranger there.

    Raises: Forbidden when `by` may not take their role, NotFound for a stranger, Conflict for the last owner.
    """
    with tenancy.as_platform("a member is removed"), transaction.atomic():
        space = workspaces.lock(schema)
        mine, theirs = _of(space, by), _of(space, person)
        _demand_grant(mine, theirs.role)
        _take_out(space, theirs, by)


def leave(*, by: int, schema: str) -> None:
    """Leave a workspace. Raises: NotFound for a stranger, Conflict for the last owner."""
    with tenancy.as_platform("a member leaves"), transaction.atomic():
        space = workspaces.lock(schema)
        _take_out(space, _of(space, by), by)


def transfer(*, by: int, schema: str, to: int) -> None:
    """Make another member the owner and step down to admin, in one change.

    Raises: Forbidden when `by` is no owner, Invalid for oneself, NotFound for a stranger.
    """
    with tenancy.as_platform("a workspace gets another owner"), transaction.atomic():
        space = workspaces.lock(schema)
        mine = _of(space, by)
        if mine.role != rules.OWNER:
            raise Forbidden(_("Only an owner can hand a workspace over. Ask one of its owners."))
        if by == to:
            raise Invalid(_("You own this workspace already. Choose another member."))
        Membership.objects.filter(pk=_of(space, to).pk).update(role=rules.OWNER)
        Membership.objects.filter(pk=mine.pk).update(role=rules.ADMIN)


def _of(space: Workspace, person: int) -> Membership:
    found = Membership.objects.filter(workspace=space, user_id=person).first()
    if found is None:
        raise NotFound(_("This person is no member of the workspace any more. Reload the list."))
    return found


def _demand_grant(mine: Membership, *roles: str) -> None:
    """Who changes a role must be allowed to give both the old and the new one."""
    for role in roles:
        if not rules.may_grant(mine.role, role):
            raise Forbidden(
                _("As %(mine)s you can't give or take the role %(role)s. Ask an owner of the workspace.")
                % {"mine": mine.role, "role": role}
            )


def _keep_an_owner(theirs: Membership) -> None:
    owners = Membership.objects.filter(workspace=theirs.workspace, role=rules.OWNER, user__is_active=True)
    if theirs.role == rules.OWNER and not owners.exclude(pk=theirs.pk).exists():
        raise Conflict(_("A workspace needs an owner, and this is the last one. Make another member owner first."))


def _take_out(space: Workspace, theirs: Membership, by: int) -> None:
    _keep_an_owner(theirs)
    _drop_fallback(space, theirs.user_id)
    theirs.delete()
    member_left(schema=space.schema_name, person=theirs.user_id, by=by)


def _drop_fallback(space: Workspace, person: int) -> None:
    Workspace.objects.filter(pk=space.pk, fallback_approver_id=person).update(fallback_approver=None)
