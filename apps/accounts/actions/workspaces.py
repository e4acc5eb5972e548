"""Create workspaces."""

from __future__ import annotations

from django.conf import settings
from django.db import transaction
from django.utils.translation import gettext as _

from apps.accounts import rules, schemas, tenancy
from apps.accounts.models import Domain, Membership, User, Workspace
from apps.accounts.queries import WorkspaceRow
from apps.lib import ports
from apps.lib.errors import Conflict, Invalid

# Upper rooms give a new workspace what it starts with (credits, for one).
workspace_created = ports.declare("accounts.workspace_created", many=True)


def create(*, by: int, name: str, slug: str) -> WorkspaceRow:
    """Create a workspace with `by` as its owner; its schema comes from the spare ones where there is one.

    Raises: Invalid for a bad name or address, Conflict when the address is taken.
    """
    name, slug = name.strip(), slug.strip().lower()
    if not 1 <= len(name) <= 80:
        raise Invalid(_("Give the workspace a name of 1 to 80 characters."))
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
        user = User.objects.filter(email=email.lower()).first() or User.objects.create_user(email, password, name=name)
        space = Workspace.objects.get(schema_name=schema)
        Membership.objects.update_or_create(workspace=space, user=user, defaults={"role": role})
        return user.pk


def person(*, email: str, name: str = "", password: str | None = None, staff: bool = False) -> int:
    """Return the person with this address, making them where they are new; a password is set only then."""
    with tenancy.as_platform("a person by address"):
        found = User.objects.filter(email=email.lower()).first()
        return (found or User.objects.create_user(email, password, name=name, is_staff=staff, is_superuser=staff)).pk
