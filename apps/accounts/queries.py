"""Who is where: reads of the shared tables that find a workspace and its people."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from allauth.account.models import EmailAddress
from allauth.mfa.models import Authenticator
from allauth.socialaccount.models import SocialAccount
from django.conf import settings
from django.contrib.postgres.expressions import ArraySubquery
from django.db.models import Exists, F, OuterRef, QuerySet

from apps.accounts import rules, tenancy
from apps.accounts.models import Domain, Invitation, Membership, SignIn, Team, User, Workspace
from apps.lib import clock
from apps.lib.errors import NotFound


@dataclass(frozen=True, slots=True)
class WorkspaceRow:
    name: str
    slug: str
    schema: str
    role: str = ""
    language: str = ""


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
    confirmed: bool = True

    def may(self, act: str) -> bool:
        """Tell whether this member's role allows `act` (a key of rules.MAY)."""
        return rules.may(self.role, act)


def workspace_of_host(host: str) -> WorkspaceRow | None:
    """Find the open workspace that a host name belongs to (no port), or None."""
    with tenancy.as_platform("a host finds its workspace"):
        row = Domain.objects.select_related("tenant").filter(domain=host, tenant__closed_at=None).first()
    return row and WorkspaceRow(row.tenant.name, row.tenant.slug, row.tenant.schema_name, language=row.tenant.language)


def workspace_of_slug(slug: str) -> WorkspaceRow | None:
    """Find an open workspace by its slug, or None."""
    with tenancy.as_platform("a slug finds its workspace"):
        row = Workspace.objects.filter(slug=slug, closed_at=None).first()
    return row and WorkspaceRow(row.name, row.slug, row.schema_name)


def workspace_of_schema(schema: str) -> WorkspaceRow | None:
    """Find an open workspace by its schema, or None."""
    with tenancy.as_platform("a link finds its workspace"):
        row = Workspace.objects.filter(schema_name=schema, closed_at=None).first()
    return row and WorkspaceRow(row.name, row.slug, row.schema_name)


_known: ContextVar[Member | None] = ContextVar("the member of this request", default=None)


@contextmanager
def known(found: Member) -> Iterator[None]:
    """Within the block, `member` answers for this person and workspace without asking again: one look a request."""
    token = _known.set(found)
    try:
        yield
    finally:
        _known.reset(token)


def member(schema: str, person: int) -> Member | None:
    """Return the person's membership of a workspace, or None for a stranger."""
    found = _known.get()
    if found is not None and (found.schema, found.person) == (schema, person):
        return found
    with tenancy.as_platform("membership is checked on every request"):
        row = (
            Membership.objects.select_related("workspace", "user")
            .filter(workspace__schema_name=schema, workspace__closed_at=None, user_id=person, user__is_active=True)
            .annotate(
                confirmed=Exists(_confirmed(OuterRef("user_id"), OuterRef("user__email"))),
                own_teams=ArraySubquery(Team.objects.filter(members=OuterRef("pk")).values("pk")),
            )
            .only("role", "workspace__name", "workspace__slug", "workspace__schema_name", "user__name", "user__email")
            .first()
        )
    if row is None:
        return None
    space = row.workspace
    return Member(
        person, str(row.user), row.user.email, row.role, space.name, space.slug, space.schema_name,
        frozenset(row.own_teams), row.confirmed,
    )  # fmt: skip


def _confirmed(person: OuterRef, email: OuterRef) -> QuerySet[EmailAddress]:
    return EmailAddress.objects.filter(user_id=person, email=email, verified=True)


def is_confirmed(person: int) -> bool:
    """Tell whether a person has confirmed their e-mail address."""
    with tenancy.as_platform("has the address been confirmed?"):
        return EmailAddress.objects.filter(user_id=person, email=F("user__email"), verified=True).exists()


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


def email_of(person: int) -> str:
    """Return the address of a person, empty for nobody."""
    with tenancy.as_platform("a person's address"):
        return User.objects.filter(pk=person).values_list("email", flat=True).first() or ""


def person_of_email(email: str) -> int | None:
    """Return a person's id by e-mail address, or None."""
    with tenancy.as_platform("an address finds its person"):
        return User.objects.filter(email=email.lower()).values_list("pk", flat=True).first()


def scopes(schema: str, person: int) -> frozenset[str]:
    """Return what this person can lend to an agent in this workspace; empty for a stranger."""
    found = member(schema, person)
    return rules.scopes_of(found.role) if found else frozenset()


def role_of(schema: str, person: int) -> tuple[str, frozenset[int]]:
    """Return a person's role and teams in an open workspace; an empty role for a stranger. The gate always asks."""
    with tenancy.as_platform("may the person for whom an agent works still do this?"):
        found = (
            Membership.objects.filter(
                workspace__schema_name=schema, workspace__closed_at=None, user_id=person, user__is_active=True
            )
            .annotate(own_teams=ArraySubquery(Team.objects.filter(members=OuterRef("pk")).values("pk")))
            .values_list("role", "own_teams")
            .first()
        )
    return (found[0], frozenset(found[1])) if found else ("", frozenset())


def scopes_of_role(role: str) -> frozenset[str]:
    """Return what somebody with a role can lend to an agent; nothing without a role."""
    return rules.scopes_of(role) if role else frozenset()


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


@dataclass(frozen=True, slots=True)
class ClosedRow:
    """A workspace that its owner may still open again, until `until`."""

    name: str
    slug: str
    until: datetime


def closed_of(person: int) -> list[ClosedRow]:
    """List the workspaces that a person owns and closed not too long ago."""
    kept = timedelta(days=rules.REOPEN_DAYS)
    with tenancy.as_platform("the workspaces that an owner may open again"):
        rows = Workspace.objects.filter(
            memberships__user_id=person, memberships__role=rules.OWNER, closed_at__gt=clock.now() - kept
        ).order_by("name")
        return [ClosedRow(row.name, row.slug, row.closed_at + kept) for row in rows if row.closed_at]


@dataclass(frozen=True, slots=True)
class Settings:
    """How a workspace is set up. retention_days: its own; None keeps everything; fallback_approver: a person's id.

    plan: how long its plan keeps research, as it was when it was last looked at.
    """

    name: str
    slug: str
    language: str
    retention_days: int | None
    fallback_approver: int | None
    plan: rules.Keeping = rules.Keeping()
    created_at: datetime | None = None


def settings_of(schema: str) -> Settings:
    """Return the settings of an open workspace. Raises NotFound."""
    with tenancy.as_platform("the settings of a workspace"):
        row = Workspace.objects.filter(schema_name=schema, closed_at=None).first()
    if row is None:
        raise NotFound("There is no such workspace.")
    return Settings(
        row.name, row.slug, row.language, row.retention_days, row.fallback_approver_id,
        rules.Keeping(row.plan_days, row.next_plan_days, row.next_plan_days_at), row.created_at,
    )  # fmt: skip


def fallback_approver(schema: str) -> int | None:
    """Return who decides when nobody answered in time: None when nobody is named or they may no longer approve."""
    with tenancy.as_platform("who decides when nobody did"):
        row = Membership.objects.filter(
            workspace__schema_name=schema, user=F("workspace__fallback_approver"), user__is_active=True
        ).first()
    return row.user_id if row and rules.may(row.role, "approve") else None


@dataclass(frozen=True, slots=True)
class InvitationRow:
    id: UUID
    email: str
    role: str
    inviter: str
    expires_at: datetime
    expired: bool


def invitations_of(schema: str) -> list[InvitationRow]:
    """List the invitations of a workspace that nobody used or withdrew, the newest first."""
    with tenancy.as_platform("the open invitations of a workspace"):
        rows = Invitation.objects.select_related("invited_by").filter(
            workspace__schema_name=schema, accepted_at=None, revoked_at=None
        )
        return [
            InvitationRow(r.pk, r.email, r.role, str(r.invited_by), r.expires_at, r.expires_at <= clock.now())
            for r in rows.order_by("-created_at")
        ]


@dataclass(frozen=True, slots=True)
class HostRow:
    """A workspace's host that a browser went on to."""

    id: int
    workspace: str
    created_at: datetime


@dataclass(frozen=True, slots=True)
class SignInRow:
    """A browser that is signed in on the apex, and the hosts it went on to."""

    id: int
    address: str
    agent: str
    created_at: datetime
    seen_at: datetime
    hosts: tuple[HostRow, ...]


def sign_ins_of(person: int) -> list[SignInRow]:
    """List the sign-ins of a person that have not ended, the newest first, with the workspace hosts below each."""
    since = clock.now() - timedelta(seconds=settings.SESSION_COOKIE_AGE)
    alive = SignIn.objects.select_related("workspace").filter(user_id=person, ended_at=None, seen_at__gt=since)
    with tenancy.as_platform("where a person is signed in"):
        rows = list(alive.order_by("-created_at", "-pk"))
    below: dict[int, list[HostRow]] = {}
    for row in rows:
        if row.parent_id and row.workspace:
            below.setdefault(row.parent_id, []).append(HostRow(row.pk, row.workspace.name, row.created_at))
    return [
        SignInRow(row.pk, row.address, row.agent, row.created_at, row.seen_at, tuple(below.get(row.pk, ())))
        for row in rows if not row.parent_id
    ]  # fmt: skip


@dataclass(frozen=True, slots=True)
class Passkey:
    id: int
    name: str
    created_at: datetime
    last_used_at: datetime | None


@dataclass(frozen=True, slots=True)
class Security:
    """How a person signs in. app_since: None without an authenticator app; codes_left: None without recovery codes."""

    passkeys: tuple[Passkey, ...]
    app_since: datetime | None
    codes_left: int | None
    accounts: int
    confirmed: bool


def security_of(person: int) -> Security:
    """Return the second factors and connected accounts of a person."""
    with tenancy.as_platform("how a person signs in"):
        rows = list(Authenticator.objects.filter(user_id=person).order_by("created_at"))
        accounts = SocialAccount.objects.filter(user_id=person).count()
    kinds = {row.type: row for row in rows}
    app, codes = kinds.get(Authenticator.Type.TOTP), kinds.get(Authenticator.Type.RECOVERY_CODES)
    keys = [row for row in rows if row.type == Authenticator.Type.WEBAUTHN]
    return Security(
        tuple(Passkey(row.pk, row.wrap().name, row.created_at, row.last_used_at) for row in keys),
        app.created_at if app else None, len(codes.wrap().get_unused_codes()) if codes else None, accounts,
        is_confirmed(person),
    )  # fmt: skip


def schemas() -> tuple[str, ...]:
    """List the schemas of all open workspaces."""
    with tenancy.as_platform("a chore visits every workspace"):
        return tuple(Workspace.objects.filter(closed_at=None).order_by("pk").values_list("schema_name", flat=True))


def closed_schemas() -> tuple[str, ...]:
    """List the schemas of the closed workspaces that their owners may still open again."""
    since = clock.now() - timedelta(days=rules.REOPEN_DAYS)
    with tenancy.as_platform("a chore visits what was closed"):
        return tuple(Workspace.objects.filter(closed_at__gt=since).order_by("pk").values_list("schema_name", flat=True))
