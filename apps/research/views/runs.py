"""Watch a run; accept its plan, decide, cancel, resume, do a task oneself, ask it again."""

from __future__ import annotations

from dataclasses import replace

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from apps.accounts.requests import MemberRequest
from apps.lib.errors import Conflict, Exhausted, Invalid, ProductError
from apps.research.actions import plans, supplying
from apps.research.actions import runs as actions
from apps.research.actions.supplying import Supplied
from apps.research.forms import DecisionForm, SupplyForm, lines
from apps.research.queries import approvals, run_page
from apps.research.views.guard import of_run


@require_safe
@of_run("read")
def run(request: MemberRequest, run: str) -> HttpResponse:
    """One run: what it does now, what it needs, what it found."""
    page = run_page.page(run=run, viewer=run_page.viewer(request.member, run))
    return render(request, "research/run.html", {"page": page})


@require_http_methods(["GET", "HEAD", "POST"])
@of_run("read")
def plan(request: MemberRequest, run: str) -> HttpResponse:
    """The plan to read before anything happens; accept it, change it, or discard it."""
    page = approvals.plan_page(run=run, role=request.member.role)
    if page is None:
        return redirect("research:run", run)
    if request.method != "POST":
        return render(request, "research/plan.html", {"page": page})
    decision = request.POST.get("decision", "")
    if decision not in {"start", "discard"}:
        raise Invalid(_("Choose to accept the plan or to discard it."))
    if decision == "discard":
        actions.decide(by=request.member.person, run=run, verdict="reject", reason=_("The plan was discarded."))
        return redirect("research:run", run)
    try:
        plans.accept(by=request.member.person, run=run, approval=page.approval, changes=_changes(request))
    except Invalid as error:
        typed = plans.typed(page, _changes(request))
        return render(request, "research/plan.html", {"page": typed, "problem": error.sentence}, status=422)
    return redirect("research:run", run)


def _changes(request: MemberRequest) -> plans.Changes:
    given = request.POST
    parts = [(text, queries) for text, queries in zip(given.getlist("part"), given.getlist("queries"), strict=False)]
    return plans.Changes(
        parts=tuple((text.strip(), lines(queries, most=20)) for text, queries in parts),
        assumptions=lines(given.get("assumptions", ""), most=12),
        answers=tuple(answer.strip()[:500] for answer in given.getlist("answer")),
        documents=tuple(given.getlist("documents")), pins=tuple(given.getlist("pin")),
        sites=lines(given.get("sites", ""), most=50), edited="part" in given,
    )  # fmt: skip


@require_http_methods(["GET", "HEAD", "POST"])
@of_run("read")
def draft(request: MemberRequest, run: str) -> HttpResponse:
    """The draft sentence by sentence: strike out what should not be published, and approve the rest."""
    page = approvals.draft_page(run=run, role=request.member.role)
    if page is None:
        return redirect("research:run", run)
    if request.method != "POST":
        return render(request, "research/draft.html", {"page": page})
    keep = [int(number) for number in request.POST.getlist("keep") if number.isascii() and number.isdigit()]
    title = request.POST.get("title", "")
    try:
        plans.publish_edited(by=request.member.person, run=run, approval=page.approval, keep=keep, title=title)
    except Invalid as error:
        lines_ = tuple(replace(line, kept=line.number in keep) for line in page.lines)
        context = {"page": replace(page, lines=lines_, title=title), "problem": error.sentence}
        return render(request, "research/draft.html", context, status=422)
    return redirect("research:run", run)


@require_POST
@of_run("read")
def decide(request: MemberRequest, run: str) -> HttpResponse:
    """Accept or reject what the run waits for."""
    form = DecisionForm(request.POST)
    if not form.is_valid():
        raise Invalid(_("Choose to accept or to reject, and give a reason of at most 1,000 characters."))
    given = form.cleaned_data
    try:
        actions.decide(
            by=request.member.person, run=run, verdict=given["decision"], reason=given["reason"],
            approval=given["approval"],
        )  # fmt: skip
    except (Invalid, Conflict) as error:
        page = run_page.page(run=run, viewer=run_page.viewer(request.member, run))
        context = {"page": page, "problem": error.sentence, "reason": given["reason"]}
        return render(request, "research/run.html", context, status=error.status)
    return redirect("research:run", run)


@require_POST
@of_run("research", change=True)
def cancel(request: MemberRequest, run: str) -> HttpResponse:
    """Cancel a run."""
    actions.cancel(by=request.member.person, run=run)
    return redirect("research:run", run)


@require_POST
@of_run("research", change=True)
def resume(request: MemberRequest, run: str) -> HttpResponse:
    """Go on with a run that failed."""
    actions.resume(by=request.member.person, run=run)
    return redirect("research:run", run)


@require_POST
@of_run("research")
def duplicate(request: MemberRequest, run: str) -> HttpResponse:
    """Ask the same once more, at once."""
    try:
        copy = actions.duplicate(by=request.member.person, run=run)
    except (Invalid, Exhausted) as error:
        messages.error(request, error.sentence)
        return redirect(f"{reverse('research:new')}?from={run}")
    return redirect("research:run", copy)


@require_http_methods(["GET", "HEAD", "POST"])
@of_run("research", change=True)
def supply(request: MemberRequest, run: str, task: str) -> HttpResponse:
    """A person gives the result of a failed task."""
    page = run_page.supply(run=run, key=task)
    form = SupplyForm(request.POST or None, step=page.step, documents=page.documents)
    if request.method == "POST" and form.is_valid():
        given = form.cleaned_data
        result = Supplied(
            title=given.get("title", ""), lines=tuple(given.get("lines", "").splitlines()),
            text=given.get("text", ""), documents=tuple(given.get("documents", ())),
        )  # fmt: skip
        try:
            supplying.supply(by=request.member.person, run=run, key=task, given=result)
        except ProductError as error:
            form.add_error(None, error.sentence)
        else:
            return redirect("research:run", run)
    status = 422 if request.method == "POST" else 200
    return render(request, "research/supply.html", {"page": page, "form": form}, status=status)
