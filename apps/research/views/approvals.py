"""The inbox, one approval, and what can be done with it."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from apps.accounts.permissions import require
from apps.accounts.requests import MemberRequest
from apps.lib.errors import Conflict, Forbidden, Invalid, NotFound
from apps.policy import queries as policy
from apps.policy.approvals import decide as actions
from apps.research.actions import calls, runs
from apps.research.actions.calls import BadArguments
from apps.research.queries import inbox as queries


@require_safe
@require("read")
def inbox(request: MemberRequest) -> HttpResponse:
    """What waits for a person in this workspace: mine, everybody's, what expires soon."""
    number = request.GET.get("page", "1")
    page = queries.inbox(
        member=request.member, show=request.GET.get("show", "mine"),
        page=int(number) if number.isascii() and number.isdigit() and 0 < len(number) < 6 and int(number) else 1,
    )  # fmt: skip
    return render(request, "research/approvals.html", {"page": page})


@require_safe
@require("read")
def approval(request: MemberRequest, approval: str) -> HttpResponse:
    """One approval on a page of its own."""
    return _page(request, approval)


def _page(request: MemberRequest, approval: str, *, status: int = 200, **said: Any) -> HttpResponse:
    page = queries.approval_page(member=request.member, approval=approval, **said)
    return render(request, "research/approval.html", {"page": page}, status=status)


def _attempt(request: MemberRequest, approval: str, done: Callable[[], str]) -> HttpResponse:
    """Do it and go back to the list; or show the approval with the reason why not, and what was typed."""
    queries.approval_page(member=request.member, approval=approval)  # 404 for whoever may not see the run
    try:
        said = done()
    except (Conflict, Invalid, Forbidden) as error:
        shown = {"sentence": error.sentence, "kept": request.POST.get("reason", "")}
        if "arguments" in request.POST:
            shown["typed"] = request.POST["arguments"]
        if isinstance(error, BadArguments):  # said at its place, the reason beside it
            shown |= {"problem": error.sentence, "sentence": ""}
        return _page(request, approval, status=error.status, **shown)
    messages.success(request, said)
    return redirect("research:approvals")


@require_POST
@require("read")
def decide_approval(request: MemberRequest, approval: str) -> HttpResponse:
    """Accept or reject one approval."""
    verdict = request.POST.get("decision", "")

    def done() -> str:
        row = policy.approval(approval)
        if row is None:
            raise NotFound
        if verdict not in {"accept", "reject"}:
            raise Invalid(_("Choose to accept or to reject."))
        runs.decide(
            by=request.member.person, run=row.run, verdict=verdict, reason=request.POST.get("reason", ""),
            approval=approval,
        )  # fmt: skip
        return _("Accepted. The run goes on.") if verdict == "accept" else _("Rejected. The run does not go on.")

    return _attempt(request, approval, done)


@require_POST
@require("read")
def edit_approval(request: MemberRequest, approval: str) -> HttpResponse:
    """Approve one call with other arguments."""

    def done() -> str:
        calls.approve_edited(
            by=request.member.person, approval=approval, text=request.POST.get("arguments", ""),
            reason=request.POST.get("reason", ""),
        )  # fmt: skip
        return _("Accepted as you changed it. The gate decides about these arguments once more.")

    return _attempt(request, approval, done)


@require_POST
@require("read")
def delegate_approval(request: MemberRequest, approval: str) -> HttpResponse:
    """Hand one approval to a colleague."""
    chosen = request.POST.get("to", "")

    def done() -> str:
        if not (chosen.isascii() and chosen.isdigit() and len(chosen) < 19):
            raise Invalid(_("Choose who should decide."))
        actions.delegate(
            by=request.member.person, approval=approval, to=int(chosen), reason=request.POST.get("reason", "")
        )  # fmt: skip
        return _("Handed over. You can still decide; whoever is first counts.")

    return _attempt(request, approval, done)


@require_POST
@require("oversee")
def hand_over_approval(request: MemberRequest, approval: str) -> HttpResponse:
    """Let platform staff decide one approval."""

    def done() -> str:
        actions.hand_over(by=request.member.person, approval=approval, reason=request.POST.get("reason", ""))
        return _("Platform staff decide it now.")

    return _attempt(request, approval, done)
