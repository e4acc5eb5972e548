"""Ask on about a report."""

from __future__ import annotations

from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_http_methods, require_POST

from apps.accounts.permissions import demand
from apps.accounts.requests import MemberRequest
from apps.lib.errors import Conflict, Exhausted, Invalid, Unavailable
from apps.research.actions import follow_ups as actions
from apps.research.queries import follow_ups, run_page
from apps.research.views.guard import of_run


@require_http_methods(["GET", "HEAD", "POST"])
@of_run("read")
def ask(request: MemberRequest, run: str) -> HttpResponse:
    """The questions so far with their answers, and a box for the next one."""
    problem, typed, status = "", request.GET.get("question", "")[:1000], 200
    if request.method == "POST":
        demand(request.member, "research")
        typed = request.POST.get("question", "")
        try:
            actions.ask(by=request.member.person, run=run, question=typed)
        except (Invalid, Conflict, Exhausted, Unavailable) as error:
            problem, status = error.sentence, error.status
        else:
            return redirect("research:ask", run)
    page = follow_ups.page(run=run, viewer=run_page.viewer(request.member, run))
    return render(request, "research/ask.html", {"page": page, "problem": problem, "typed": typed}, status=status)


@require_POST
@of_run("research")
def again(request: MemberRequest, run: str, number: int) -> HttpResponse:
    """Try a question once more that could not be answered."""
    actions.again(by=request.member.person, run=run, number=number)
    return redirect("research:ask", run)
