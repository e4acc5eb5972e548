"""The guard of a run's pages: the member's role, and that the run is theirs to see or to change."""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps

from django.http import HttpResponse

from apps.accounts.permissions import require
from apps.accounts.requests import MemberRequest
from apps.research.queries import access


def of_run(act: str, *, change: bool = False) -> Callable[[Callable[..., HttpResponse]], Callable[..., HttpResponse]]:
    """Guard a view of one run: the role allows `act`, the member may see the run, and change it where `change`."""

    def wrap(view: Callable[..., HttpResponse]) -> Callable[..., HttpResponse]:
        @wraps(view)
        def guarded(request: MemberRequest, run: str, *args: object, **kwargs: object) -> HttpResponse:
            access.demand(request.member, run, act, change=change)
            return view(request, run, *args, **kwargs)

        checked = require(act)(guarded)
        checked.of_run = True  # type: ignore[attr-defined]  # for the guard test of all views
        return checked

    return wrap
