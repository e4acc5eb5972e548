"""Who is where: reads of the shared tables that find a workspace and its people."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from apps.accounts import rules, tenancy
from apps.accounts.models import Domain, Membership, Team, User, Workspace
from apps.lib.errors import NotFound


@dataclass(frozen=True, slots=True)
class WorkspaceRow:
    name: str
    slug: str
    schema: str
    role: str = ""


@dataclass(frozen=True, slots=True)
class Member:
    """A person inside one workspace. `person` is the user's id; `schema` the workspace's."""

    person: int
    name: str
    email: str
    role: str
    workspace: str
    slug: str
    schema: str
    teams: frozenset[int] = frozenset()

    def may(self, act: str) -> bool:
        """Tell whether this member's role allows `act` (a key of rules.MAY)."""
        return rules.may(self.role, act)


def workspace_of_host(host: str) -> WorkspaceRow | None:
    """Find the open workspace that a host name belongs to (no port), or None."""
    with tenancy.as_platform("a host finds its workspace"):
        row = Domain.objects.select_related("tenant").filter(domain=host, tenant__closed_at=None).first()
    return row and WorkspaceRow(row.tenant.name, row.tenant.slug, row.tenant.schema_name)


def workspace_of_slug(slug: str) -> WorkspaceRow | None:
    """Find an open workspace by its slug, or None."""
    with tenancy.as_platform("a slug finds its workspace"):
        row = Workspace.objects.filter(slug=slug, closed_at=None).first()
    return row and WorkspaceRow(row.name, row.slug, row.schema_name)


def member(schema: str, person: int) -> Member | None:
    """Return the person's membership of a workspace, or None for a stranger."""
    with tenancy.as_platform("membership is checked on every request"):
        row = (
            Membership.objects.select_related("workspace", "user")
            .filter(workspace__schema_name=schema, workspace__closed_at=None, user_id=person, user__is_active=True)
            .first()
        )
        if row is None:
            return None
        teams = frozenset(row.teams.values_list("pk", flat=True))
    space = row.workspace
    return Member(person, str(row.user), row.user.email, row.role, space.name, space.slug, space.schema_name, teams)


def workspaces_of(person: int) -> list[WorkspaceRow]:
    """List the open workspaces of a person, by name."""
    with tenancy.as_platform("the workspace chooser"):
        rows = Membership.objects.select_related("workspace").filter(user_id=person, workspace__closed_at=None)
        return [
            WorkspaceRow(r.workspace.name, r.workspace.slug, r.workspace.schema_name, r.role)
            for r in rows.order_by("workspace__name")
        ]


def names(people: Iterable[int]) -> dict[int, str]:
    """Return the names of people by id; a workspace's role can't read the table of people itself."""
    with tenancy.as_platform("names of the people that a page shows"):
        return {user.pk: str(user) for user in User.objects.filter(pk__in=set(people))}


def person_of_email(email: str) -> int | None:
    """Return a person's id by e-mail address, or None."""
    with tenancy.as_platform("an address finds its person"):
        return User.objects.filter(email=email.lower()).values_list("pk", flat=True).first()


def scopes(schema: str, person: int) -> frozenset[str]:
    """Return what this person can lend to an agent in this workspace; empty for a stranger."""
    found = member(schema, person)
    return rules.scopes_of(found.role) if found else frozenset()


@dataclass(frozen=True, slots=True)
class TeamRow:
    id: int
    name: str
    people: tuple[int, ...]


def teams_of(schema: str) -> list[TeamRow]:
    """List the teams of a workspace by name, with the people in each."""
    with tenancy.as_platform("the teams of a workspace"):
        rows = Team.objects.filter(workspace__schema_name=schema).prefetch_related("members").order_by("name")
        return [TeamRow(row.pk, row.name, tuple(m.user_id for m in row.members.all())) for row in rows]


def members_of(schema: str) -> list[Member]:
    """List the people of a workspace by name, without their teams."""
    with tenancy.as_platform("the people of a workspace"):
        rows = Membership.objects.select_related("workspace", "user").filter(
            workspace__schema_name=schema, user__is_active=True
        )
        found = [
            Member(r.user_id, str(r.user), r.user.email, r.role, r.workspace.name, r.workspace.slug, schema)
            for r in rows
        ]
    return sorted(found, key=lambda row: (row.name.lower(), row.person))


def owner_of(schema: str) -> int:
    """Return the person who has owned a workspace the longest. Raises NotFound."""
    with tenancy.as_platform("the owner of a workspace"):
        found = Membership.objects.filter(workspace__schema_name=schema, role=rules.OWNER).order_by("pk").first()
    if found is None:
        raise NotFound("This workspace has no owner.")
    return found.user_id
