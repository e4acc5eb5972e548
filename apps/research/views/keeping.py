"""What becomes of a run: who may see it, links to its report, withdrawn, deleted and brought back, rated."""

from __future__ import annotations

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from apps.accounts.permissions import require
from apps.accounts.requests import MemberRequest
from apps.lib.errors import Conflict, Invalid
from apps.research.actions import keeping, ratings, sharing
from apps.research.forms import RateForm, ShareForm, SightForm, WithdrawForm
from apps.research.queries import lists, shared
from apps.research.views.guard import of_run

FORMS = ["GET", "HEAD", "POST"]


@require_http_methods(FORMS)
@of_run("research", change=True)
def sight(request: MemberRequest, run: str) -> HttpResponse:
    """Change who may see a run."""
    form = SightForm(request.POST or None, initial=shared.sight(run), member=request.member)
    if request.method == "POST" and form.is_valid():
        given = form.cleaned_data
        try:
            keeping.show_to(
                by=request.member.person, run=run, visibility=given["visibility"], named=tuple(given["named"]),
                team=given["team"],
            )  # fmt: skip
        except Invalid as error:
            form.add_error(None, error.sentence)
        else:
            messages.success(request, _("Saved who may see this run."))
            return redirect("research:run", run)
    status = 422 if request.method == "POST" else 200
    return render(request, "research/sight.html", {"page": shared.about(run), "form": form}, status=status)


@require_http_methods(FORMS)
@of_run("research", change=True)
def share(request: MemberRequest, run: str) -> HttpResponse:
    """The links to a report: make one, copy it, end it."""
    form = ShareForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        try:
            sharing.share(by=request.member.person, run=run, days=form.cleaned_data["days"])
        except Conflict as error:
            form.add_error(None, error.sentence)
        else:
            return redirect("research:share", run)
    links = shared.links(run, address=sharing.address)
    context = {"page": shared.about(run), "links": links, "form": form}
    return render(request, "research/share.html", context, status=422 if request.method == "POST" else 200)


@require_POST
@of_run("research", change=True)
def unshare(request: MemberRequest, run: str, link: str) -> HttpResponse:
    """End a link."""
    sharing.revoke(by=request.member.person, run=run, link=link)
    messages.success(request, _("The link does not work any more."))
    return redirect("research:share", run)


@require_http_methods(FORMS)
@of_run("research", change=True)
def withdraw(request: MemberRequest, run: str) -> HttpResponse:
    """Withdraw a published report, after saying what goes with it."""
    form = WithdrawForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        try:
            keeping.withdraw(by=request.member.person, run=run, reason=form.cleaned_data["reason"])
        except (Conflict, Invalid) as error:
            form.add_error(None, error.sentence)
        else:
            return redirect("research:run", run)
    page = shared.about(run)
    return render(
        request, "research/withdraw.html", {"page": page, "form": form}, status=422 if request.method == "POST" else 200
    )


@require_POST
@of_run("research", change=True)
def delete(request: MemberRequest, run: str) -> HttpResponse:
    """Delete a run, and offer to undo it."""
    keeping.delete(by=request.member.person, run=run)
    undo = reverse("research:bring_back", args=[run])
    messages.success(request, _("The run was deleted."), extra_tags=undo)
    return redirect("research:runs")


@require_POST
@require("research")
def bring_back(request: MemberRequest, run: str) -> HttpResponse:
    """Undo a deletion."""
    keeping.bring_back(by=request.member.person, run=run)
    messages.success(request, _("The run is back."))
    return redirect("research:run", run)


@require_safe
@require("research")
def deleted(request: MemberRequest) -> HttpResponse:
    """The deleted runs that can be brought back."""
    return render(request, "research/deleted.html", {"rows": lists.deleted(member=request.member)})


@require_POST
@of_run("read")
def rate(request: MemberRequest, run: str) -> HttpResponse:
    """Keep an opinion about a report or a sentence."""
    form = RateForm(request.POST)
    if not form.is_valid():
        raise Invalid(_("Rate it as good or as bad."))
    claim, value = form.opinion()
    ratings.rate(by=request.member.person, run=run, value=value, claim=claim, note=form.cleaned_data["note"])
    messages.success(request, _("Thank you. Your opinion is kept with the report."))
    return redirect("research:report", run)
