"""Pure: slugs and the table of roles."""

from __future__ import annotations

import re
import unicodedata

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
RETENTION_DAYS = (7, 3650)

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
