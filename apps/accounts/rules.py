"""Pure: slugs and the table of roles."""

from __future__ import annotations

import re

SLUG = re.compile(r"^[a-z0-9](?:[a-z0-9-]{1,38}[a-z0-9])$")
RESERVED_SLUGS = frozenset({
    "www", "api", "cms", "staff", "admin", "static", "mail", "app", "login", "signup", "public", "status", "docs",
})  # fmt: skip

OWNER, ADMIN, APPROVER, RESEARCHER, VIEWER, BILLING = "owner", "admin", "approver", "researcher", "viewer", "billing"
ROLES = (OWNER, ADMIN, APPROVER, RESEARCHER, VIEWER, BILLING)

# Who may do what. One table; pages, actions and delegation scopes all read it.
MAY = {
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
