"""Notices, what a person wants to be told, and links from mail."""

from __future__ import annotations

from collections.abc import Callable
from functools import cache

from django.contrib import admin, messages
from django.contrib.auth.views import redirect_to_login
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.template.response import TemplateResponse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from apps.accounts.permissions import require
from apps.accounts.queries import Member
from apps.accounts.requests import MemberRequest
from apps.accounts.views import layout
from apps.agenda.forms import WorkspaceForm
from apps.lib.errors import Forbidden, NotFound
from apps.messaging import actions, cards, queries, rules
from apps.research.views import approvals


def link(*, member: Member) -> layout.SettingsPage:
    """Offer the page of preferences beside the other settings."""
    return layout.SettingsPage("messaging:preferences", _("What you are told"), _("You"))


def unread(request: HttpRequest) -> dict[str, Callable[[], int]]:
    """Offer to templates how much a member has not read; counted only where one asks for it."""
    member = getattr(request, "member", None)
    return {"unread": cache(lambda: queries.unread(member))} if member and member.may("read") else {}


@require_safe
@require("belong")
def notices(request: MemberRequest) -> HttpResponse:
    """What this person was told in this workspace."""
    number = request.GET.get("page", "1")
    page = int(number) if number.isascii() and number.isdigit() and 0 < len(number) < 6 and int(number) else 1
    return render(request, "messaging/notices.html", {"page": queries.notices_page(request.member, page=page)})


@require_POST
@require("belong")
def read(request: MemberRequest, notice: int) -> HttpResponse:
    """Mark one notice as read."""
    actions.mark_read(by=request.member.person, workspace=request.member.schema, notice=notice)
    return redirect("messaging:notices")


@require_POST
@require("belong")
def read_all(request: MemberRequest) -> HttpResponse:
    """Mark every notice as read."""
    actions.mark_read(by=request.member.person, workspace=request.member.schema)
    return redirect("messaging:notices")


@require_http_methods(["GET", "HEAD", "POST"])
@require("belong")
def preferences(request: MemberRequest) -> HttpResponse:
    """What this person wants to be told, kind by kind."""
    if request.method == "POST":
        wanted = {
            (kind, channel): f"{kind}-{channel}" in request.POST for kind in rules.KINDS for channel in rules.CHANNELS
        }  # fmt: skip
        actions.prefer(by=request.member.person, workspace=request.member.schema, wanted=wanted)
        messages.success(request, _("Kept. It holds from now on."))
        return redirect("messaging:preferences")
    return layout.show(request, "messaging/preferences.html", {"rows": queries.preferences(request.member)})


@require_safe
@require("read")
def approval(request: MemberRequest, approval: str) -> HttpResponse:
    """One approval; with `sign`, from a mail: then the link must be ours, for this person, and not too old."""
    token = request.GET.get("sign")
    if token is not None and not cards.is_good(token, approval=approval, person=request.member.person):
        raise Forbidden(
            _("This link is for somebody else, or its time is over. What waits for you is on the page of approvals.")
        )
    return approvals.approval(request, approval)


@require_safe
def staff_login(request: HttpRequest) -> HttpResponse:
    """Lead to the sign-in that everybody uses; whoever is signed in and no staff sees that there is nothing."""
    if not request.user.is_authenticated:
        return redirect_to_login(request.GET.get("next", "/staff/"))
    if not getattr(request.user, "is_staff", False):
        raise Http404
    return redirect("admin:index")


@require_http_methods(["GET", "HEAD", "POST"])
def staff_runs(request: HttpRequest) -> HttpResponse:
    """The newest runs of one workspace, to read, for a reason that the workspace can read as well."""
    form = WorkspaceForm(request.POST or None, initial={"workspace": request.GET.get("workspace", "")})
    context = {
        **admin.site.each_context(request), "form": form, "title": _("Runs of a workspace"),
        "label": _("Show its runs"),
        "intro": _("Runs belong to the workspace. Say why you look; it can read that in its audit log."),
    }  # fmt: skip
    if request.method == "POST" and form.is_valid():
        try:
            context["runs"] = actions.open_runs(
                by=request.user.pk or 0, slug=form.cleaned_data["workspace"], reason=form.cleaned_data["reason"]
            )
            return TemplateResponse(request, "admin/staff_form.html", context)
        except NotFound as error:
            form.add_error("workspace", error.sentence)
    status = 422 if request.method == "POST" else 200
    return TemplateResponse(request, "admin/staff_form.html", context, status=status)
