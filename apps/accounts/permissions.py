"""What the person of this request may do in this workspace."""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps

from django.http import HttpResponse
from django.utils.translation import gettext as _

from apps.accounts.queries import Member
from apps.accounts.requests import MemberRequest
from apps.lib.errors import Forbidden


def demand(member: Member, act: str) -> None:
    """Raise Forbidden unless the member's role allows `act`."""
    if not member.may(act):
        raise Forbidden(
            _("Your role in this workspace, %(role)s, does not allow this. Ask an owner or admin.")
            % {"role": member.role}
        )


def require(act: str) -> Callable[[Callable[..., HttpResponse]], Callable[..., HttpResponse]]:
    """Guard a view of a workspace host: the member must be allowed to do `act`."""

    def wrap(view: Callable[..., HttpResponse]) -> Callable[..., HttpResponse]:
        @wraps(view)
        def guarded(request: MemberRequest, *args: object, **kwargs: object) -> HttpResponse:
            demand(request.member, act)
            return view(request, *args, **kwargs)

        guarded.requires = act  # type: ignore[attr-defined]  # for the guard test of all views
        return guarded

    return wrap
