"""A member of staff who sees a workspace as one of its people: until a time, and without changing anything."""

from __future__ import annotations

from collections.abc import Callable

from django.conf import settings
from django.contrib.auth import BACKEND_SESSION_KEY, HASH_SESSION_KEY, SESSION_KEY, get_user_model
from django.http import HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.utils.translation import gettext as _

from apps.accounts.actions import sessions
from apps.accounts.requests import HostRequest
from apps.agenda import actions, queries
from apps.lib.errors import Forbidden

KEY = "impersonation"
ARRIVE, END = "/staff-look", "/staff-look/end"
SAFE = ("GET", "HEAD", "OPTIONS")


class ImpersonationMiddleware:
    """Stands before a workspace's own middleware, while the platform's role is on."""

    def __init__(self, get_response: Callable[..., HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HostRequest) -> HttpResponse:
        if request.workspace is None:
            return self.get_response(request)
        if request.path == ARRIVE and request.method == "GET":
            return self._arrive(request, request.workspace.schema)
        held = request.session.get(KEY)
        if held is None:
            return self.get_response(request)
        look = queries.look(held, request.workspace.schema)
        if look is None or look.person != request.user.pk:
            return self._end(request, held, None)
        if request.path == END and request.method == "POST":
            return self._end(request, held, look.staff)
        request.impersonation = look  # type: ignore[attr-defined]  # the banner reads it
        if request.method not in SAFE:
            return self._refuse(request, look)
        return self.get_response(request)

    def _arrive(self, request: HostRequest, schema: str) -> HttpResponse:
        try:
            look, parent = actions.arrive(ticket=request.GET.get("ticket", ""), schema=schema)
        except Forbidden as error:
            return _forbidden(request, error.sentence)
        person = get_user_model().objects.get(pk=look.person)
        # Not Django's login(): the person did not sign in, so neither their record nor a mail may say so.
        request.session.flush()
        request.session[SESSION_KEY] = str(person.pk)
        request.session[BACKEND_SESSION_KEY] = settings.AUTHENTICATION_BACKENDS[0]
        request.session[HASH_SESSION_KEY] = person.get_session_auth_hash()
        # The sign-in is the staff member's own: it stands in their list, and ends with theirs.
        request.session[sessions.KEY] = sessions.begin(
            by=look.staff, address=request.META.get("REMOTE_ADDR", ""), agent="staff", parent=parent
        )
        request.session[KEY] = look.id
        request.session.set_expiry(look.ends_at)
        return HttpResponseRedirect("/research")

    def _end(self, request: HostRequest, held: int, by: int | None) -> HttpResponse:
        actions.end_impersonation(id=held, by=by)
        sessions.forget(sign_in=request.session.get(sessions.KEY))
        request.session.flush()
        return HttpResponseRedirect(actions.staff_origin())

    def _refuse(self, request: HostRequest, look: queries.Look) -> HttpResponse:
        actions.note_refusal(look=look, path=request.path)
        return _forbidden(
            request, _("You see this workspace as somebody else. You may look, not change anything. Nothing was done.")
        )


def _forbidden(request: HostRequest, sentence: str) -> HttpResponse:
    return render(request, "403.html", {"status": 403, "sentence": sentence, "request_id": request.id}, status=403)
