"""Ask: the box on the list of runs, the whole form, and the estimate that follows what is typed."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from apps.accounts.permissions import demand, require
from apps.accounts.requests import MemberRequest
from apps.billing import entitlements
from apps.lib import htmx
from apps.lib.errors import Exhausted, Invalid, Unavailable
from apps.library.actions import documents as library
from apps.library.actions.documents import Upload
from apps.research import pages
from apps.research.actions import runs as actions
from apps.research.actions import samples
from apps.research.actions.runs import Request
from apps.research.forms import AskForm, NewForm
from apps.research.queries import access, lists, requests


@require_http_methods(["GET", "HEAD", "POST"])
@require("read")
def runs(request: MemberRequest) -> HttpResponse:
    """The ask box and the runs so far; a question that was sent becomes a run."""
    if request.method == "POST":
        return _ask(request, AskForm)
    initial = {"question": request.GET["question"]} if "question" in request.GET else None
    return _page(request, AskForm(initial=initial, member=request.member), lists.nothing_yet())


@require_http_methods(["GET", "HEAD", "POST"])
@require("research")
def new(request: MemberRequest) -> HttpResponse:
    """The whole form, empty or filled with what another run was asked (`?from=`)."""
    if request.method == "POST":
        return _ask(request, NewForm)
    initial: Mapping[str, Any] = {"question": request.GET.get("question", "")}
    copied = request.GET.get("from", "")
    if copied:
        access.demand(request.member, copied, "read")
        initial = requests.initial(copied)
    return _page(request, NewForm(initial=dict(initial), member=request.member), lists.nothing_yet(), copied=copied)


@require_POST
@require("research")
def sample(request: MemberRequest) -> HttpResponse:
    """Ask the sample question on the sample library."""
    try:
        run = samples.ask(by=request.member.person)
    except (Invalid, Exhausted, Unavailable) as error:
        messages.error(request, error.sentence)
        return redirect("research:runs")
    return redirect("research:run", run)


def _ask(request: MemberRequest, kind: type[AskForm]) -> HttpResponse:
    demand(request.member, "research")
    form = kind(_smaller(request.POST), request.FILES, member=request.member)
    copied = request.POST.get("copied_from", "")[:40]
    if not form.is_valid():
        return _page(request, form, lists.nothing_yet(), status=422, copied=copied)
    uploads = [Upload(file.name, file.read()) for file in form.cleaned_data["uploads"]]
    added, rejected = library.add(by=request.member.person, uploads=uploads)
    for row in rejected:
        form.add_error("uploads", f"{row.name}: {row.reason}")
    if rejected:
        # The good files are in the library now: the form comes back with them chosen.
        form = _with(kind, request, form, [row.version for row in added])
        return _page(request, form, lists.nothing_yet(), status=422, copied=copied)
    wanted = form.request(tuple(row.version for row in added))
    if copied and access.opens(request.member, copied):
        wanted = replace(wanted, copied_from=copied)
    try:
        run = actions.start(by=request.member.person, request=wanted)
    except (Invalid, Exhausted, Unavailable) as error:
        form.add_error(None, error.sentence)
        return _page(request, form, _estimate(wanted), status=error.status, copied=copied)
    return redirect("research:run", run)


def _with(kind: type[AskForm], request: MemberRequest, form: AskForm, versions: list[str]) -> AskForm:
    posted = request.POST.copy()
    posted.setlist("documents", [*posted.getlist("documents"), *versions])
    again = kind(posted, request.FILES, member=request.member)
    again.is_valid()
    for field, errors in form.errors.items():
        for error in errors:
            again.add_error(field, error)
    return again


def _smaller(posted: Any) -> Any:
    """Take the offer of a smaller plan, `depth:sources`, where its button was pressed."""
    depth, colon, cap = posted.get("use_smaller", "").partition(":")
    if not colon:
        return posted
    posted = posted.copy()
    posted["depth"], posted["source_cap"] = depth, cap
    return posted


def _page(
    request: MemberRequest, form: AskForm, estimate: pages.Estimate, *, status: int = 200, copied: str = ""
) -> HttpResponse:  # fmt: skip
    number = request.GET.get("page", "1")
    whole = isinstance(form, NewForm)
    page = lists.ask_page(
        page=int(number) if number.isascii() and number.isdigit() and 0 < len(number) < 6 else 1,
        estimate=estimate, member=request.member, mine=request.GET.get("show") == "mine",
    )  # fmt: skip
    template = "research/new.html" if whole else "research/inquiries.html"
    return render(request, template, {
        "page": page, "form": form, "copied_from": copied, "refused": entitlements.refusal(request.member.schema),
    }, status=status)  # fmt: skip


@require_safe
@require("read")
def find(request: MemberRequest) -> HttpResponse:
    """The runs that a word is in, for the list that Ctrl K opens."""
    word = request.GET.get("q", "").replace("\x00", "").strip()[:200]
    rows = lists.find(member=request.member, word=word) if word else ()
    return htmx.fragment(request, "research/_found.html", {"rows": rows, "word": word})


@require_POST
@require("research")
def estimate(request: MemberRequest) -> HttpResponse:
    """What the question in the form would cost, as it is typed."""
    kind = NewForm if "methodology" in request.POST else AskForm
    form = kind(_smaller(request.POST), member=request.member)
    form.relax()
    found = lists.nothing_yet()
    if form.is_valid() and form.cleaned_data["question"]:
        found = _estimate(form.request())
    return htmx.fragment(request, "research/_estimate.html", {"estimate": found})


def _estimate(wanted: Request) -> pages.Estimate:
    band = actions.estimate(wanted)
    found = actions.smaller(wanted)
    smaller = (
        pages.SmallerPlan(found.depth, found.source_cap, found.band.low, found.band.high, found.band.most)
        if found else None
    )  # fmt: skip
    return lists.estimate(
        band, documents=len(wanted.documents), smaller=smaller, there=actions.affordable(wanted),
        capped=wanted.budget_cap is not None,
    )  # fmt: skip
