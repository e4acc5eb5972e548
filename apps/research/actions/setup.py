"""The workspace that the command line and the demonstration work in."""

from __future__ import annotations

from dataclasses import dataclass

from apps.accounts import queries as accounts
from apps.accounts.actions import workspaces


@dataclass(frozen=True, slots=True)
class Place:
    """A workspace's schema and the person who owns it."""

    schema: str
    owner: int


def workspace(*, slug: str, name: str = "", password: str | None = None) -> Place:
    """Return a workspace by its address, making it with an owner of its own where it is missing. Raises Invalid."""
    found = accounts.workspace_of_slug(slug)
    if found is None:
        owner = workspaces.person(email=f"owner@{slug}.example", name="Olive Owner", password=password)
        found = workspaces.create(by=owner, name=name or slug.title(), slug=slug)
    owner_id = accounts.owner_of(found.schema)
    return Place(found.schema, owner_id)
