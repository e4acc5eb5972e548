"""A shared report, on the apex: whoever holds the link may read it."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from apps.accounts import tenancy
from apps.research.actions import reports, sharing
from apps.research.queries import report_page


@require_safe
def report(request: HttpRequest, token: str) -> HttpResponse:
    """The report a link leads to, with its footnotes, without anything else of its workspace."""
    found = sharing.follow(token)
    with tenancy.in_workspace(found.schema):
        page = report_page.page(run=found.run)
    return _unlisted(render(request, "research/shared.html", {"page": page, "token": token}))


@require_safe
def report_pdf(request: HttpRequest, token: str) -> HttpResponse:
    """The same as a PDF to keep."""
    found = sharing.follow(token)
    with tenancy.in_workspace(found.schema):
        body = reports.render_published(run=found.run, kind="pdf", named=False)
    response = HttpResponse(body, content_type="application/pdf")
    response["Content-Disposition"] = 'attachment; filename="report.pdf"'
    return _unlisted(response)


def _unlisted(response: HttpResponse) -> HttpResponse:
    response["X-Robots-Tag"] = "noindex, nofollow"
    response["Referrer-Policy"] = "no-referrer"
    response["Cache-Control"] = "private, no-store"
    return response
