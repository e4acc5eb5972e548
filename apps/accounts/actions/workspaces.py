"""Create, change, close and reopen workspaces."""

from __future__ import annotations

from datetime import timedelta

from allauth.account.models import EmailAddress
from django.conf import settings
from django.db import transaction
from django.utils.translation import gettext as _

from apps.accounts import rules, schemas, tenancy
from apps.accounts.models import Domain, Membership, User, Workspace
from apps.accounts.queries import WorkspaceRow
from apps.lib import clock, ports
from apps.lib.errors import Conflict, Forbidden, Invalid, NotFound

# Upper rooms give a new workspace what it starts with (credits, for one).
workspace_created = ports.declare("accounts.workspace_created", many=True)
# Upper rooms stop what is at work in a workspace that is closed: `workspace_closed(schema=…, by=…)`, in that
# transaction.
workspace_closed = ports.declare("accounts.workspace_closed", many=True)
# How many days a workspace's plan keeps research, None without a limit: `plan_keeps(schema=…)`.
plan_keeps = ports.declare("accounts.plan_keeps")
# Who is to be told that a plan will keep it for less hears `keeps_less(schema=…, days=…, at=…)`, in that transaction.
keeps_less = ports.declare("accounts.keeps_less", many=True)


def create(*, by: int, name: str, slug: str) -> WorkspaceRow:
    """Create a workspace with `by` as its owner; its schema comes from the spare ones where there is one.

    slug: its address; an empty one is made from the name.

    Raises: Invalid for a bad name or address, Conflict when the address is taken.
    """
    name = _good_name(name)
    slug = slug.strip().lower() or _free_slug(name)
    if problem := rules.slug_problem(slug):
        raise Invalid(
            _("This address is reserved. Choose another one.")
            if problem == "reserved"
            else _("Use 3 to 40 small letters, digits or hyphens for the address, and begin with a letter or digit.")
        )
    _refuse_taken(slug)
    schema = schemas.take()
    with tenancy.as_platform("a new workspace"), transaction.atomic():
        _refuse_taken(slug)
        space = Workspace.objects.create(name=name, slug=slug, schema_name=schema)
        Domain.objects.create(tenant=space, domain=f"{slug}.{settings.APEX_HOST}", is_primary=True)
        Membership.objects.create(workspace=space, user_id=by, role=rules.OWNER)
        workspace_created(schema=schema, by=by)
    return WorkspaceRow(name, slug, schema, rules.OWNER)


def _free_slug(name: str) -> str:
    """Return an address like the name that nobody has taken, with a number where there is one of that name."""
    wanted = rules.slug_of(name)
    with tenancy.as_platform("which address is free?"):
        taken = set(Workspace.objects.filter(slug__startswith=wanted[:30]).values_list("slug", flat=True))
    tries = [wanted, *(f"{wanted[:30].rstrip('-')}-{number}" for number in range(2, len(taken) + 3))]
    return next(each for each in tries if each not in taken and rules.slug_problem(each) is None)


def _good_name(name: str) -> str:
    name = rules.tidy(name)
    if not 1 <= len(name) <= 80:
        raise Invalid(_("Give the workspace a name of 1 to 80 characters."))
    return name


def lock(schema: str) -> Workspace:
    """Hold the row of an open workspace until the transaction ends. Raises: NotFound when it is closed or unknown.

    Call it inside `tenancy.as_platform` and a transaction.
    """
    found = Workspace.objects.select_for_update().filter(schema_name=schema, closed_at=None).first()
    if found is None:
        raise NotFound(_("There is no such workspace, or it was closed."))
    return found


def _demand(space: Workspace, by: int, act: str) -> None:
    mine = Membership.objects.filter(workspace=space, user_id=by).first()
    if mine is None or not rules.may(mine.role, act):
        raise Forbidden(_("Your role in this workspace does not allow this. Ask one of its owners."))


def change(
    *, by: int, schema: str, name: str, language: str, retention_days: int | None, fallback_approver: int | None
) -> None:
    """Save the name and the rules of a workspace.

    retention_days: 7 to 3650, or None to keep everything. fallback_approver: a member who may approve, or None.
    Raises: Forbidden without the right, Invalid with a sentence about what does not fit.
    """
    name = _good_name(name)
    if language and language not in dict(settings.LANGUAGES):
        raise Invalid(_("This language is not among those offered. Choose one from the list."))
    least, most = rules.RETENTION_DAYS
    if retention_days is not None and not least <= retention_days <= most:
        raise Invalid(_("Keep research for %(least)s to %(most)s days, or leave it empty.") % {
            "least": least, "most": most,
        })  # fmt: skip
    with tenancy.as_platform("a workspace's settings change"), transaction.atomic():
        space = lock(schema)
        _demand(space, by, "settings")
        if fallback_approver is not None:
            role = Membership.objects.filter(workspace=space, user_id=fallback_approver).values_list("role", flat=True)
            if not any(rules.may(each, "approve") for each in role):
                raise Invalid(_("Choose somebody who may approve: an owner, an admin or an approver."))
        Workspace.objects.filter(pk=space.pk).update(
            name=name, language=language, retention_days=retention_days, fallback_approver_id=fallback_approver
        )


def review_keeping(*, schema: str) -> int | None:
    """Look how long the plan of a workspace keeps research; return for how many days it is kept, None for ever.

    That is the shorter of the plan's figure and the workspace's own. A plan that keeps it for less does so after
    `rules.SHORTER_AFTER`, of which people are told once. Raises: NotFound when it is closed.
    """
    with tenancy.as_platform("how long a workspace's plan keeps research"), transaction.atomic():
        space, now = lock(schema), clock.now()
        before = rules.Keeping(space.plan_days, space.next_plan_days, space.next_plan_days_at)
        after = rules.keep_by_plan(before, plan_keeps(schema=schema), at=now, oldest=space.created_at)
        if after != before:
            Workspace.objects.filter(pk=space.pk).update(
                plan_days=after.days, next_plan_days=after.next_days, next_plan_days_at=after.next_at
            )
        if after.next_at and after.next_at != before.next_at:
            keeps_less(schema=schema, days=after.next_days, at=now)
    return min((days for days in (space.retention_days, after.days) if days is not None), default=None)


def close(*, by: int, schema: str, name: str) -> None:
    """Close a workspace: its host answers 404 from the next request on, and what is at work there is cancelled.

    name: its own, typed by the owner to be sure.

    Raises: Forbidden for all but owners, Invalid when the name does not fit.
    """
    with tenancy.as_platform("an owner closes a workspace"), transaction.atomic():
        space = lock(schema)
        _demand(space, by, "close")
        if rules.tidy(name) != space.name:
            raise Invalid(_("Type the workspace's name, %(name)s, to close it.") % {"name": space.name})
        Workspace.objects.filter(pk=space.pk).update(closed_at=clock.now())
        workspace_closed(schema=schema, by=by)


def reopen(*, by: int, slug: str) -> None:
    """Open a workspace again that was closed within 30 days. Raises: NotFound unless `by` owns such a one."""
    since = clock.now() - timedelta(days=rules.REOPEN_DAYS)
    with tenancy.as_platform("an owner opens a workspace again"), transaction.atomic():
        mine = Membership.objects.filter(user_id=by, role=rules.OWNER, workspace__slug=slug)
        open_again = Workspace.objects.filter(pk__in=mine.values("workspace_id"), closed_at__gt=since)
        if not open_again.update(closed_at=None):
            raise NotFound(_("There is no workspace of yours here that could be opened again."))


def _refuse_taken(slug: str) -> None:
    with tenancy.as_platform("is the address taken?"):
        if Workspace.objects.filter(slug=slug).exists():
            raise Conflict(_("The address “%(slug)s” is taken. Choose another one.") % {"slug": slug})


def join(*, by: int, schema: str, email: str, role: str, name: str = "", password: str | None = None) -> int:
    """Make a person a member of a workspace (and a person, where the address is new); return the person's id.

    Raises: Invalid for an unknown role.
    """
    if role not in rules.ROLES:
        raise Invalid(_("There is no such role: %(role)s.") % {"role": role})
    with tenancy.as_platform("a person joins a workspace"), transaction.atomic():
        user = person(email=email, name=name, password=password)
        space = Workspace.objects.get(schema_name=schema)
        Membership.objects.update_or_create(workspace=space, user_id=user, defaults={"role": role})
        return user


def person(*, email: str, name: str = "", password: str | None = None, staff: bool = False) -> int:
    """Return the person with this address, making them where they are new; a password is set only then.

    Whoever runs the command line vouches for the address: it counts as confirmed.
    """
    with tenancy.as_platform("a person by address"), transaction.atomic():
        if found := User.objects.filter(email=email.lower()).first():
            return found.pk
        made = User.objects.create_user(email, password, name=name, is_staff=staff, is_superuser=staff)
        EmailAddress.objects.create(user=made, email=made.email, verified=True, primary=True)
        return made.pk
