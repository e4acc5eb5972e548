"""Pure: slugs and the table of roles."""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass
from datetime import datetime, timedelta

SLUG = re.compile(r"^[a-z0-9](?:[a-z0-9-]{1,38}[a-z0-9])$")
RESERVED_SLUGS = frozenset({
    "www", "api", "cms", "staff", "admin", "static", "mail", "app", "login", "signup", "public", "status", "docs",
})  # fmt: skip

OWNER, ADMIN, APPROVER, RESEARCHER, VIEWER, BILLING = "owner", "admin", "approver", "researcher", "viewer", "billing"
ROLES = (OWNER, ADMIN, APPROVER, RESEARCHER, VIEWER, BILLING)

THEMES = ("light", "dark")
INVITATION_DAYS = 7
# A closed workspace can be opened again for so long.
REOPEN_DAYS = 30
# An account is erased so long after its person asked for it; until then they can take it back.
LEAVE_DAYS = 14
# A copy to take away is kept for so long.
ARCHIVE_DAYS = 7
# Under this host no mail is delivered (RFC 2606): addresses of people who left.
GONE_HOST = "@gone.invalid"
RETENTION_DAYS = (7, 3650)
# A plan that keeps research for less than before does so after this grace.
SHORTER_AFTER = timedelta(days=30)

# Who may do what. One table; pages, actions and delegation scopes all read it.
MAY = {
    # See one's own place here, the colleagues and the teams; leave.
    "belong": set(ROLES),
    "read": {OWNER, ADMIN, APPROVER, RESEARCHER, VIEWER},
    "research": {OWNER, ADMIN, APPROVER, RESEARCHER},
    "approve": {OWNER, ADMIN, APPROVER},
    # Change what a colleague made, where one may see it: cancel, delete, share, withdraw.
    "oversee": {OWNER, ADMIN},
    "members": {OWNER, ADMIN},
    "settings": {OWNER, ADMIN},
    "close": {OWNER},
    "billing": {OWNER, BILLING},
}
# Who may give or take which role. Nobody gives more than they have.
GRANTS = {
    OWNER: frozenset(ROLES),
    ADMIN: frozenset({ADMIN, APPROVER, RESEARCHER, VIEWER}),
}
# What an agent may be lent by a person with a role: never more than the person has.
SCOPES = {
    "model": "research",
    "search": "research",
    "fetch": "research",
    "library": "read",
    "memory": "research",
    "documents": "research",
    "proof": "read",
    "code": "research",
    "mcp": "research",
}


def slug_problem(slug: str) -> str | None:
    """Say what is wrong with a workspace's address, or None.

    >>> slug_problem("acme")
    >>> slug_problem("-x")
    'pattern'
    >>> slug_problem("staff")
    'reserved'
    """
    if not SLUG.match(slug):
        return "pattern"
    return "reserved" if slug in RESERVED_SLUGS else None


def slug_of(name: str) -> str:
    """Return an address like a name: its letters without their marks; `workspace` where nothing is left of it.

    >>> slug_of("Café Müller & Söhne"), slug_of("日本"), slug_of("A")
    ('cafe-muller-sohne', 'workspace', 'workspace-a')
    """
    plain = unicodedata.normalize("NFKD", name).encode("ascii", "ignore").decode().lower()
    slug = re.sub(r"[^a-z0-9]+", "-", plain).strip("-")[:30].strip("-")
    return slug if len(slug) >= 3 else f"workspace-{slug}".strip("-")


def may(role: str, act: str) -> bool:
    """Tell whether a role may do something.

    >>> may("viewer", "read"), may("viewer", "research"), may("billing", "read")
    (True, False, False)
    """
    return role in MAY[act]


def may_grant(role: str, granted: str) -> bool:
    """Tell whether somebody with a role may give, change or take away another.

    >>> may_grant("admin", "viewer"), may_grant("admin", "owner"), may_grant("viewer", "viewer")
    (True, False, False)
    """
    return granted in GRANTS.get(role, frozenset())


def scopes_of(role: str) -> frozenset[str]:
    """Return every scope that a person with this role can lend to an agent.

    >>> sorted(scopes_of("viewer"))
    ['library']
    """
    return frozenset(scope for scope, act in SCOPES.items() if may(role, act))


def grantable(role: str) -> tuple[str, ...]:
    """Return the roles that somebody with a role may give, the mightiest first.

    >>> grantable("admin"), grantable("billing")
    (('admin', 'approver', 'researcher', 'viewer'), ())
    """
    return tuple(granted for granted in ROLES if may_grant(role, granted))


def tidy(text: str) -> str:
    """Return a name on one line: no control characters, no half of a pair, single spaces.

    >>> tidy("  Ada\\n\\x00 Lovelace ")
    'Ada Lovelace'
    """
    return " ".join("".join(" " if unicodedata.category(c) in {"Cc", "Cs", "Zl", "Zp"} else c for c in text).split())


def is_local(path: str) -> bool:
    """Tell whether a path stays on its host: it begins with exactly one slash and hides nothing.

    >>> is_local("/research?page=2"), is_local("//evil.test"), is_local("/\\\\evil.test"), is_local("https://evil.test")
    (True, False, False, False)
    """
    return path.startswith("/") and not path.startswith("//") and "\\" not in path and path.isprintable()


@dataclass(frozen=True, slots=True)
class Keeping:
    """How long a plan keeps research: `days` now, None for ever; `next_days` from `next_at` on, where it gets less."""

    days: int | None = None
    next_days: int | None = None
    next_at: datetime | None = None


def keep_by_plan(before: Keeping, plan: int | None, *, at: datetime, oldest: datetime) -> Keeping:
    """Return how long a plan keeps research now. More days count at once, fewer after a grace.

    before: what held until now. plan: its days, None for no limit. oldest: nothing in the workspace is older than this.

    >>> from datetime import UTC
    >>> at, old = datetime(2026, 3, 1, tzinfo=UTC), datetime(2025, 3, 1, tzinfo=UTC)
    >>> keep_by_plan(Keeping(365), 30, at=at, oldest=old)
    Keeping(days=365, next_days=30, next_at=datetime.datetime(2026, 3, 31, 0, 0, tzinfo=datetime.timezone.utc))
    >>> keep_by_plan(Keeping(365, 30, at), 30, at=at, oldest=old), keep_by_plan(Keeping(30), 365, at=at, oldest=old)
    (Keeping(days=30, next_days=None, next_at=None), Keeping(days=365, next_days=None, next_at=None))
    """
    if plan is None or (before.days is not None and plan >= before.days):
        return Keeping(plan)
    if before.days is None and oldest + timedelta(days=plan) >= at:
        # It is new, so that nobody loses anything.
        return Keeping(plan)
    if before.next_at is None or before.next_days is None or plan < before.next_days:
        return Keeping(before.days, plan, at + SHORTER_AFTER)
    return Keeping(plan) if at >= before.next_at else Keeping(before.days, plan, before.next_at)
