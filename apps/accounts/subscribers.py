"""What accounts does when Django says that somebody signed in or out."""

from __future__ import annotations

from typing import Any

from allauth.account.adapter import get_adapter
from django.http import HttpRequest

from apps.accounts.actions import sessions
from apps.accounts.models import User


def signed_in(sender: object, request: HttpRequest, user: User, **_more: Any) -> None:
    """Give the new session its sign-in; on a workspace host it hangs on the one it came from."""
    workspace = getattr(request, "workspace", None)
    request.session[sessions.KEY] = sessions.begin(
        by=user.pk,
        address=get_adapter().get_client_ip(request),
        agent=request.META.get("HTTP_USER_AGENT", ""),
        parent=getattr(request, "arrived_from", None),
        schema=workspace.schema if workspace else "",
    )


def signed_out(sender: object, request: HttpRequest, **_more: Any) -> None:
    """End the sign-in of a browser that signs out, and with it the workspace hosts it went on to."""
    sessions.forget(sign_in=request.session.get(sessions.KEY))
