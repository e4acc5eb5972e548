"""The report, its sources, its files."""

from __future__ import annotations

from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_http_methods, require_safe

from apps.accounts.requests import MemberRequest
from apps.lib.errors import NotFound
from apps.research.actions import proofs
from apps.research.actions import reports as actions
from apps.research.queries import inspect_page, report_page, shared
from apps.research.views.guard import of_run

KINDS = {
    "pdf": "application/pdf", "md": "text/markdown; charset=utf-8", "html": "text/html; charset=utf-8",
    "json": "application/json",
}  # fmt: skip


@require_safe
@of_run("read")
def report(request: MemberRequest, run: str) -> HttpResponse:
    """The published report; where there is none, a page that says so and where to look instead."""
    try:
        page = report_page.page(run=run, reader=request.member.person)
    except NotFound as error:
        context = {"page": shared.about(run), "sentence": error.sentence}
        return render(request, "research/no_report.html", context, status=404)
    return render(request, "research/report.html", {"page": page})


@require_safe
@of_run("read")
def sources(request: MemberRequest, run: str) -> HttpResponse:
    """Sources kept and dropped, with reasons."""
    page = report_page.sources(run=run, show=request.GET.get("show", "kept"))
    return render(request, "research/sources.html", {"page": page})


@require_safe
@of_run("read")
def snapshot(request: MemberRequest, run: str, number: int) -> HttpResponse:
    """The stored text of one source, with what is cited of it."""
    return render(request, "research/snapshot.html", {"page": inspect_page.snapshot(run=run, number=number)})


@require_safe
@of_run("read")
def inspect(request: MemberRequest, run: str) -> HttpResponse:
    """The run taken apart: every task with its input, output, attempts and calls."""
    return render(request, "research/inspect.html", {"page": inspect_page.page(run=run)})


@require_safe
@of_run("read")
def report_file(request: MemberRequest, run: str, kind: str) -> HttpResponse:
    """The report as a file to keep. HTML is offered as a download too: it is not ours to run on this host."""
    body = actions.render_published(run=run, kind=kind)
    response = HttpResponse(body, content_type=KINDS[kind])
    response["Content-Disposition"] = f'attachment; filename="{run}.{kind}"'
    return response


@require_http_methods(["GET", "HEAD", "POST"])
@of_run("read")
def proof(request: MemberRequest, run: str) -> HttpResponse:
    """The proof bundle: what it is, having it made, and how to check it."""
    if request.method == "POST":
        proofs.make(by=request.member.person, run=run)
        return redirect("research:proof", run)
    return render(request, "research/proof.html", {"page": report_page.proof(run=run)})


@require_safe
@of_run("read")
def bundle(request: MemberRequest, run: str) -> HttpResponse:
    """The zip itself."""
    response = HttpResponse(proofs.read(run=run), content_type="application/zip")
    response["Content-Disposition"] = f'attachment; filename="{run}.zip"'
    return response
