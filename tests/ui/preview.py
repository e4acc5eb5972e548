"""The templates on loopback with example values, under the strict content policy of production.

    python -m tests.ui.preview 8123

The last part of an address picks the example: /research/failed, /research/completed/report, /documents/empty.
`?lang=ar` changes the language.
"""

from __future__ import annotations

import json
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import django
from django import forms
from django.conf import settings
from django.core.wsgi import get_wsgi_application
from django.http import HttpRequest, HttpResponse, HttpResponseBase, HttpResponseRedirect, StreamingHttpResponse
from django.shortcuts import render
from django.template.loader import render_to_string
from django.urls import include, path
from django.utils import translation

ROOT = Path(__file__).resolve().parents[2]
POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; font-src 'self'; img-src 'self'; connect-src 'self'; "
    "form-action 'self'; base-uri 'none'; frame-ancestors 'none'; manifest-src 'self'"
)

if not settings.configured:
    settings.configure(
        DEBUG=True,
        SECRET_KEY="only for the preview",
        ALLOWED_HOSTS=["localhost", "127.0.0.1"],
        ROOT_URLCONF="tests.ui.preview",
        INSTALLED_APPS=["django.contrib.staticfiles", "django_htmx", "apps.lib"],
        MIDDLEWARE=[
            "tests.ui.preview.policy",
            "django.middleware.csrf.CsrfViewMiddleware",
            "django_htmx.middleware.HtmxMiddleware",
        ],
        TEMPLATES=[
            {
                "BACKEND": "django.template.backends.django.DjangoTemplates",
                "DIRS": [ROOT / "templates"],
                "OPTIONS": {
                    "context_processors": ["django.template.context_processors.request"],
                    "string_if_invalid": "",
                },
            }
        ],
        STATIC_URL="/static/",
        STATICFILES_DIRS=[ROOT / "static"],
        USE_TZ=True,
        TIME_ZONE="UTC",
        USE_I18N=True,
        LANGUAGES=[
            ("en", "English"),
            ("de", "German"),
            ("es", "Spanish"),
            ("fr", "French"),
            ("ja", "Japanese"),
            ("ar", "Arabic"),
        ],
        LOCALE_PATHS=[ROOT / "locale"],
        LANGUAGE_CODE="en",
    )
    django.setup()

from tests.ui import example_pages as pages  # noqa: E402
from tests.ui import examples  # noqa: E402
from tests.ui.example_forms import AskForm, SignInForm, UploadForm, WorkspaceForm  # noqa: E402


def policy(get_response: Callable[[HttpRequest], HttpResponseBase]) -> Callable[[HttpRequest], HttpResponseBase]:
    """Send the content policy, and answer in the language that is asked for."""

    def middleware(request: HttpRequest) -> HttpResponseBase:
        translation.activate(request.GET.get("lang") or request.COOKIES.get("lang") or "en")
        response = get_response(request)
        response["Content-Security-Policy"] = POLICY
        response["Vary"] = "HX-Request, Cookie"
        return response

    return middleware


ASKED = {"scope": "all", "depth": "standard", "source_cap": 24, "mode": "mock", "approval": True}


def page(request: HttpRequest, template: str, current: str, status: int = 200, **context: Any) -> HttpResponse:
    """Render a page of a workspace."""
    return render(request, template, {"bar": examples.bar(current), **context}, status=status)


def runs(request: HttpRequest) -> HttpResponse:
    """The ask box and the list; a short question comes back with its errors."""
    key = request.GET.get("show", "full")
    if request.method == "POST":
        form = AskForm(request.POST)
        if form.is_valid():
            return HttpResponseRedirect("/research/standard/plan")
        return page(request, "research/inquiries.html", "research", 422, page=pages.inquiries(), form=form)
    asked = ASKED | {
        "question": "" if key == "empty" else examples.QUESTION,
        "depth": "deep" if key == "short" else "standard",
    }
    return page(request, "research/inquiries.html", "research", page=pages.inquiries(key), form=AskForm(initial=asked))


def estimate(request: HttpRequest) -> HttpResponse:
    """The estimate of what is typed."""
    from apps.lib.htmx import fragment

    band = pages.estimate(request.POST.get("question", ""), request.POST.get("depth", ""))
    return fragment(request, "research/_estimate.html", {"estimate": band})


def plan(request: HttpRequest, run: str) -> HttpResponse:
    """The plan."""
    if request.method == "POST":
        return HttpResponseRedirect("/research/running")
    return page(request, "research/plan.html", "research", page=pages.plan(run))


def run_page(request: HttpRequest, run: str) -> HttpResponse:
    """A run."""
    return page(request, "research/run.html", "research", page=examples.run(run))


def report(request: HttpRequest, run: str) -> HttpResponse:
    """A report."""
    return page(request, "research/report.html", "research", page=pages.report(run))


def sources(request: HttpRequest, run: str) -> HttpResponse:
    """Sources of a run."""
    return page(request, "research/sources.html", "research", page=pages.sources(run, request.GET.get("show", "kept")))


def approvals(request: HttpRequest) -> HttpResponse:
    """The inbox."""
    return page(request, "research/approvals.html", "approvals", page=pages.approvals(request.GET.get("show", "")))


def documents(request: HttpRequest) -> HttpResponse:
    """The documents."""
    return page(
        request,
        "library/documents.html",
        "documents",
        page=pages.documents(request.GET.get("show", "")),
        form=UploadForm(),
    )


def account(template: str, form: Callable[..., forms.Form] = SignInForm) -> Callable[[HttpRequest], HttpResponse]:
    """An apex page with a form."""

    def view(request: HttpRequest) -> HttpResponse:
        filled = form(request.POST) if request.method == "POST" else form()
        context = {
            "form": filled,
            "signup_url": "/signup",
            "login_url": "/login",
            "page": pages.workspaces(request.GET.get("show", "")),
        }
        return render(request, template, context, status=422 if filled.errors else 200)

    return view


def broken(request: HttpRequest, code: int) -> HttpResponse:
    """An error page."""
    return render(request, f"{code}.html", {"request_id": "req_01JCK4Z7"}, status=code)


def done(request: HttpRequest, run: str) -> HttpResponse:
    """Whatever a button asked for."""
    return HttpResponse(json.dumps({"path": request.path, "sent": dict(request.POST)}), content_type="application/json")


SEEN: dict[str, list[str | None]] = {}


def stream(request: HttpRequest, run: str) -> StreamingHttpResponse:
    """Replay a scripted run: one step more for each message, from Last-Event-ID on."""
    from apps.lib.htmx import heartbeat, message

    last = request.headers.get("Last-Event-ID")
    SEEN.setdefault(run, []).append(last)

    def events() -> Iterator[bytes]:
        yield heartbeat()
        if not run.startswith("script"):
            while True:
                time.sleep(1)
                yield heartbeat()
        for number in range(int(last or 0) + 1, 7):
            time.sleep(0.35)
            state = "waiting_approval" if number == 6 else "running"
            value = examples.c.RunEvent(
                status=f"Event {number} of 6.",
                facts=examples.facts(run, state),
                timeline=examples.c.RunTimeline(examples.timeline("completed").rows[: number + 2], 60_000, number),
                graph=examples.graph(state),
                notice=examples.notice(run, state) if number == 6 else None,
            )
            yield message(number, [render_to_string("research/run_event.html", {"event": value})])
        yield message(7, ["end"], event="done")

    response = StreamingHttpResponse(events(), content_type="text/event-stream")
    response["Cache-Control"] = "no-cache"
    response["X-Accel-Buffering"] = "no"
    return response


def seen(request: HttpRequest, run: str) -> HttpResponse:
    """The Last-Event-ID of each connection so far."""
    return HttpResponse(json.dumps(SEEN.get(run, [])), content_type="application/json")


def _routes(pairs: list[tuple[str, Callable[..., HttpResponseBase], str]]) -> list[Any]:
    return [path(route, view, name=name) for route, view, name in pairs]


research = (
    _routes(
        [
            ("research", runs, "runs"),
            ("research/estimate", estimate, "estimate"),
            ("research/<run>/plan", plan, "plan"),
            ("research/<run>", run_page, "run"),
            ("research/<run>/report", report, "report"),
            ("research/<run>/report.pdf", done, "report_pdf"),
            ("research/<run>/sources", sources, "sources"),
            ("research/<run>/cancel", done, "cancel"),
            ("research/<run>/resume", done, "resume"),
            ("research/<run>/decide", done, "decide"),
            ("approvals", approvals, "approvals"),
        ]
    ),
    "research",
)
library = (_routes([("documents", documents, "documents")]), "library")
accounts = (
    _routes(
        [
            ("workspaces", account("accounts/workspaces.html"), "workspaces"),
            ("new", account("accounts/new_workspace.html", WorkspaceForm), "new_workspace"),
        ]
    ),
    "accounts",
)
urlpatterns = [
    path("", include(research)),
    path("", include(library)),
    path("", include(accounts)),
    *_routes(
        [
            ("login", account("account/login.html"), "account_login"),
            ("signup", account("account/signup.html"), "account_signup"),
            ("logout", account("account/logout.html"), "account_logout"),
            ("password/reset", account("account/password_reset.html"), "account_reset_password"),
            ("password/change", account("account/password_change.html"), "account_change_password"),
            ("reauthenticate", account("account/reauthenticate.html"), "account_reauthenticate"),
            ("email", account("account/verification_sent.html"), "account_email"),
            ("broken/<int:code>", broken, "broken"),
            ("live/runs/<run>", stream, "stream"),
            ("seen/<run>", seen, "seen"),
        ]
    ),
]


def serve(port: int) -> None:
    """Serve on loopback until the process ends."""
    from django.contrib.staticfiles.handlers import StaticFilesHandler
    from django.core.servers.basehttp import ThreadedWSGIServer, WSGIRequestHandler

    server = ThreadedWSGIServer(("127.0.0.1", port), WSGIRequestHandler)
    server.daemon_threads = True
    server.set_app(StaticFilesHandler(get_wsgi_application()))
    print(server.server_port, flush=True)
    server.serve_forever()


if __name__ == "__main__":
    serve(int(sys.argv[1]) if len(sys.argv) > 1 else 0)
