"""Host → apex or workspace; session and person while the platform's role is on; then membership or 404."""

from __future__ import annotations

import logging
from collections.abc import Callable
from urllib.parse import urlencode

from django.conf import settings
from django.contrib.auth import logout
from django.db import Error
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.template.loader import render_to_string
from django.urls import set_urlconf
from django.utils import translation
from django.utils.functional import SimpleLazyObject
from django.utils.translation import gettext

from apps.accounts import queries, tenancy
from apps.accounts.actions import sessions
from apps.accounts.requests import HostRequest
from apps.accounts.tenancy import connection
from apps.lib.errors import ProductError
from apps.observability import metrics

log = logging.getLogger(__name__)
# On a workspace host these need no membership: they are how a person gets in, or out.
OPEN = ("/hand-off", "/leave", "/language")


class HostMiddleware:
    """Answer the probes, then find whose host this is. Every request begins and ends in the public schema."""

    def __init__(self, get_response: Callable[..., HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HostRequest) -> HttpResponse:
        probe = PROBES.get(request.path)
        if probe:
            return probe()
        connection.act(schema=tenancy.PUBLIC, acting="platform")
        host = request.get_host().rsplit(":", 1)[0].lower().rstrip(".")
        request.workspace = None if _is_apex(host) else queries.workspace_of_host(host)
        request.member = None
        if request.workspace is None and not _is_apex(host):
            return _refuse(request, settings.PUBLIC_SCHEMA_URLCONF)
        request.urlconf = settings.PUBLIC_SCHEMA_URLCONF if request.workspace is None else settings.ROOT_URLCONF
        set_urlconf(request.urlconf)
        response = self.get_response(request)
        # What a person saw is for this person: a page that may be shared says so itself.
        response.headers.setdefault("Cache-Control", "private, no-cache")
        if request.workspace is not None:
            response["X-Robots-Tag"] = "noindex"
        return response


def _is_apex(host: str) -> bool:
    return host in {settings.APEX_HOST, "127.0.0.1", "testserver"}


def _refuse(request: HostRequest, urlconf: str) -> HttpResponse:
    request.urlconf = urlconf
    set_urlconf(urlconf)
    return render(request, "404.html", {"request_id": request.id}, status=404)


def _live() -> HttpResponse:
    return HttpResponse("ok", content_type="text/plain")


def _ready() -> HttpResponse:
    try:
        with tenancy.as_platform("is the database there?"), connection.cursor() as cursor:
            cursor.execute("SELECT 1")
    except Error:
        return HttpResponse("the database does not answer", status=503, content_type="text/plain")
    return _live()


def _metrics() -> HttpResponse:
    return HttpResponse(metrics.text(), content_type="text/plain; version=0.0.4")


PROBES = {"/livez": _live, "/readyz": _ready, "/metrics": _metrics}


class ErrorMiddleware:
    """Turn an expected error into a page with its sentence; a person who is nobody here sees only 404."""

    def __init__(self, get_response: Callable[..., HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HostRequest) -> HttpResponse:
        return self.get_response(request)

    def process_exception(self, request: HostRequest, error: Exception) -> HttpResponse | None:
        """Answer for ProductErrors; leave everything else to Django, which logs it."""
        if not isinstance(error, ProductError):
            return None
        status = error.status if error.status in {400, 402, 403, 404, 409, 422, 429, 503} else 500
        if status == 500:
            log.error("%s: %s", error.code, error.sentence)
        name = "refused.html" if status in {402, 409, 422} else f"{status}.html"
        context = {"status": status, "sentence": error.sentence, "request_id": request.id}
        return render(request, name, context, status=status)


class WorkspaceMiddleware:
    """Inside a workspace host: sign in first, be a member, and then only see this workspace."""

    def __init__(self, get_response: Callable[..., HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HostRequest) -> HttpResponse:
        person = request.user.pk  # loads session and person now: later their tables are out of reach
        if person is not None and not sessions.is_alive(request.session.get(sessions.KEY)):
            logout(request)  # it was ended elsewhere: on the apex, or by a new password
            person = None
        wanted = getattr(request.user, "language", "") or (request.workspace.language if request.workspace else "")
        if wanted:
            translation.activate(wanted)
            request.LANGUAGE_CODE = wanted
        response = self._answer(request, person)
        if wanted and request.COOKIES.get(settings.LANGUAGE_COOKIE_NAME) != wanted:
            _keep_language(response, wanted)
        return response

    def _answer(self, request: HostRequest, person: int | None) -> HttpResponse:
        if request.workspace is None or request.path in OPEN:
            return self.get_response(request)
        if person is None:
            return HttpResponseRedirect(_login(request, request.workspace.slug))
        request.member = queries.member(request.workspace.schema, person)
        if request.member is None:
            return _refuse(request, settings.ROOT_URLCONF)
        request.workspaces = SimpleLazyObject(lambda: queries.workspaces_of(person))  # type: ignore[assignment]
        with tenancy.in_workspace(request.workspace.schema), queries.known(request.member):
            return self.get_response(request)


def _keep_language(response: HttpResponse, language: str) -> None:
    """Streams and pages for nobody read the cookie: it says what the person or the workspace chose."""
    if settings.LANGUAGE_COOKIE_NAME not in response.cookies:
        response.set_cookie(
            settings.LANGUAGE_COOKIE_NAME, language, max_age=31_536_000, samesite="Lax",
            httponly=settings.LANGUAGE_COOKIE_HTTPONLY, secure=settings.LANGUAGE_COOKIE_SECURE,
        )  # fmt: skip


def _login(request: HostRequest, slug: str) -> str:
    query = urlencode({"to": request.get_full_path()}) if request.method == "GET" else ""
    return f"{settings.PUBLIC_ORIGIN}/enter/{slug}" + (f"?{query}" if query else "")


def not_found(request: HttpRequest, exception: Http404 | None = None) -> HttpResponse:
    """The 404 page, for Django's own handler."""
    return render(request, "404.html", {"request_id": getattr(request, "id", "")}, status=404)


def bad_request(request: HttpRequest, exception: Exception | None = None) -> HttpResponse:
    """The 400 page, for Django's own handler; a host that is none of ours gets no more than that."""
    return _alone(request, "400.html", 400)


def no_permission(request: HttpRequest, exception: Exception | None = None) -> HttpResponse:
    """The 403 page, for Django's own handler."""
    return _alone(request, "403.html", 403)


def no_token(request: HttpRequest, reason: str = "") -> HttpResponse:
    """The 403 page for a form that was open too long, or came from elsewhere."""
    return _alone(request, "403.html", 403, sentence=gettext(
        "This form was open too long, or it did not come from here. Go back, reload the page and send it once more."
    ))  # fmt: skip


def broken(request: HttpRequest) -> HttpResponse:
    """The 500 page, for Django's own handler: it asks nothing and nobody, the database least of all."""
    return _alone(request, "500.html", 500)


def _alone(request: HttpRequest, name: str, status: int, sentence: str = "") -> HttpResponse:
    """Render without the request: no context processor runs, so that nothing is looked up."""
    context = {"request_id": getattr(request, "id", ""), "sentence": sentence}
    return HttpResponse(render_to_string(name, context), status=status)
