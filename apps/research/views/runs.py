"""Ask, watch, decide, cancel, resume."""

from __future__ import annotations

from typing import Any
from urllib.parse import urlencode

from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.http import require_GET, require_http_methods, require_POST, require_safe

from apps.accounts.permissions import demand, require
from apps.accounts.requests import MemberRequest
from apps.lib import htmx
from apps.lib.errors import Exhausted, Invalid, Unavailable
from apps.library.actions import documents as library
from apps.library.actions.documents import Upload
from apps.research import pages
from apps.research.actions import runs as actions
from apps.research.actions.runs import Request
from apps.research.forms import AskForm, DecisionForm, EstimateForm
from apps.research.queries import approvals, lists, run_page


@require_http_methods(["GET", "HEAD", "POST"])
@require("read")
def runs(request: MemberRequest) -> HttpResponse:
    """The ask box and the runs so far; a question that was sent becomes a run."""
    if request.method == "POST":
        return _ask(request)
    initial = {"question": request.GET["question"]} if "question" in request.GET else None
    return _ask_page(request, AskForm(initial=initial), lists.nothing_yet())


def _ask(request: MemberRequest) -> HttpResponse:
    demand(request.member, "research")
    form = AskForm(_smaller(request.POST), request.FILES)
    if not form.is_valid():
        return _ask_page(request, form, lists.nothing_yet(), status=422)
    uploads = [Upload(file.name, file.read()) for file in form.cleaned_data["uploads"]]
    added, rejected = library.add(by=request.member.person, uploads=uploads)
    for row in rejected:
        form.add_error("uploads", f"{row.name}: {row.reason}")
    if rejected:
        return _ask_page(request, form, lists.nothing_yet(), status=422)
    wanted = form.request(tuple(row.version for row in added))
    try:
        run = actions.start(by=request.member.person, request=wanted)
    except (Invalid, Exhausted, Unavailable) as error:
        form.add_error(None, error.sentence)
        return _ask_page(request, form, _estimate(wanted), status=error.status)
    return redirect("research:run", run)


def _smaller(posted: Any) -> Any:
    """Take the offer of a smaller plan, `depth:sources`, where its button was pressed."""
    depth, colon, cap = posted.get("use_smaller", "").partition(":")
    if not colon:
        return posted
    posted = posted.copy()
    posted["depth"], posted["source_cap"] = depth, cap
    return posted


def _ask_page(
    request: MemberRequest, form: AskForm, estimate: pages.Estimate, *, status: int = 200
) -> HttpResponse:  # fmt: skip
    number = request.GET.get("page", "1")
    page = lists.ask_page(page=int(number) if number.isascii() and number.isdigit() and 0 < len(number) < 6 else 1,
                          estimate=estimate, role=request.member.role)  # fmt: skip
    return render(request, "research/inquiries.html", {"page": page, "form": form}, status=status)


@require_POST
@require("research")
def estimate(request: MemberRequest) -> HttpResponse:
    """What the question in the box would cost, as it is typed."""
    form = EstimateForm(_smaller(request.POST))
    found = lists.nothing_yet()
    if form.is_valid() and form.cleaned_data["question"]:
        found = _estimate(form.request())
    return htmx.fragment(request, "research/_estimate.html", {"estimate": found})


def _estimate(wanted: Request) -> pages.Estimate:
    band = actions.estimate(wanted)
    found = actions.smaller(wanted)
    smaller = pages.SmallerPlan(found.depth, found.source_cap, found.band.low, found.band.high) if found else None
    return lists.estimate(band, documents=len(wanted.documents), smaller=smaller)


@require_safe
@require("read")
def run(request: MemberRequest, run: str) -> HttpResponse:
    """One run: what it does now, what it needs, what it found."""
    page = run_page.page(run=run, role=request.member.role)
    return render(request, "research/run.html", {"page": page})


@require_http_methods(["GET", "HEAD", "POST"])
@require("read")
def plan(request: MemberRequest, run: str) -> HttpResponse:
    """The plan to read before anything happens; accept it, edit the question, or discard it."""
    page = approvals.plan_page(run=run, role=request.member.role)
    if page is None:
        return redirect("research:run", run)
    if request.method != "POST":
        return render(request, "research/plan.html", {"page": page})
    decision = request.POST.get("decision", "")
    if decision not in {"start", "edit", "discard"}:
        raise Invalid
    verdict = "accept" if decision == "start" else "reject"
    actions.decide(by=request.member.person, run=run, verdict=verdict, reason=decision)
    if decision == "edit":
        return redirect(f"{reverse('research:runs')}?{urlencode({'question': page.question})}")
    return redirect("research:run", run)


@require_POST
@require("read")
def decide(request: MemberRequest, run: str) -> HttpResponse:
    """Accept or reject what the run waits for."""
    form = DecisionForm(request.POST)
    if not form.is_valid():
        raise Invalid
    given = form.cleaned_data
    actions.decide(
        by=request.member.person, run=run, verdict=given["decision"], reason=given["reason"],
        approval=given["approval"],
    )  # fmt: skip
    return redirect("research:run", run)


@require_POST
@require("research")
def cancel(request: MemberRequest, run: str) -> HttpResponse:
    """Cancel a run."""
    actions.cancel(by=request.member.person, run=run)
    return redirect("research:run", run)


@require_POST
@require("research")
def resume(request: MemberRequest, run: str) -> HttpResponse:
    """Go on with a run that failed."""
    actions.resume(by=request.member.person, run=run)
    return redirect("research:run", run)


@require_GET
@require("read")
def inbox(request: MemberRequest) -> HttpResponse:
    """What waits for a person in this workspace."""
    return render(request, "research/approvals.html", {"page": approvals.inbox()})
