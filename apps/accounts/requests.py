"""Requests as the middleware hands them on: views name the one they need."""

from __future__ import annotations

from typing import TYPE_CHECKING

from apps.observability.requests import NumberedRequest

if TYPE_CHECKING:
    from apps.accounts.models import User
    from apps.accounts.queries import Member, WorkspaceRow


class HostRequest(NumberedRequest):
    """A request whose host is known: the apex (no workspace) or a workspace's own; perhaps of nobody.

    `workspaces` are those that a member may switch to.
    """

    workspace: WorkspaceRow | None
    member: Member | None
    workspaces: list[WorkspaceRow]


class PersonRequest(HostRequest):
    """A request of somebody who has signed in, on the apex."""

    user: User


class WorkspaceRequest(HostRequest):
    """A request on a workspace's host. `arrived_from` is the sign-in on the apex, while one is being handed over."""

    workspace: WorkspaceRow
    arrived_from: int | None


class MemberRequest(WorkspaceRequest):
    """A request of a member on a workspace's host."""

    user: User
    member: Member
