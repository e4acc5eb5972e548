"""The report, its sources, its files."""

from __future__ import annotations

from django.http import HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from apps.accounts.permissions import require
from apps.accounts.requests import MemberRequest
from apps.research.actions import reports as actions
from apps.research.queries import report_page

KINDS = {
    "pdf": "application/pdf", "md": "text/markdown; charset=utf-8", "html": "text/html; charset=utf-8",
    "json": "application/json",
}  # fmt: skip


@require_safe
@require("read")
def report(request: MemberRequest, run: str) -> HttpResponse:
    """The published report."""
    return render(request, "research/report.html", {"page": report_page.page(run=run)})


@require_safe
@require("read")
def sources(request: MemberRequest, run: str) -> HttpResponse:
    """Sources kept and dropped, with reasons."""
    page = report_page.sources(run=run, show=request.GET.get("show", "kept"))
    return render(request, "research/sources.html", {"page": page})


@require_safe
@require("read")
def report_file(request: MemberRequest, run: str, kind: str) -> HttpResponse:
    """The report as a file to keep. HTML is offered as a download too: it is not ours to run on this host."""
    body = actions.render_published(run=run, kind=kind)
    response = HttpResponse(body, content_type=KINDS[kind])
    response["Content-Disposition"] = f'attachment; filename="{run}.{kind}"'
    return response
