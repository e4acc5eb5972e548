"""What a person takes along, and how they leave; on the apex."""

from __future__ import annotations

from uuid import UUID

from allauth.account.decorators import reauthentication_required
from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import FileResponse, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from apps.accounts import rules, tenancy
from apps.accounts.actions import archives
from apps.accounts.actions import farewell as actions
from apps.accounts.requests import PersonRequest
from apps.lib.errors import ProductError


@login_required
@require_safe
def yours(request: PersonRequest) -> HttpResponse:
    """List the copies that this person asked for; offer a new one, and to leave."""
    return _page(request)


@login_required
@require_POST
def ask(request: PersonRequest) -> HttpResponse:
    """Ask for a copy of everything that is one's own."""
    try:
        archives.ask(by=request.user.pk)
    except ProductError as error:
        return _page(request, error.sentence, error.status)
    messages.success(request, _("The copy is being made. You get a mail when it is ready."))
    return HttpResponseRedirect(reverse("accounts:data"))


@login_required
@require_safe
def fetch(request: PersonRequest, archive: UUID) -> FileResponse:
    """Hand out a copy that is ready."""
    ready = archives.open_file(by=request.user.pk, archive=archive)
    response = FileResponse(ready.path.open("rb"), as_attachment=True, filename=ready.name)
    response["Content-Type"], response["Cache-Control"] = "application/zip", "no-store"
    return response


@login_required
@reauthentication_required
@require_http_methods(["GET", "HEAD", "POST"])
def leave(request: PersonRequest) -> HttpResponse:
    """Say what goes and what stays; then have the account erased in two weeks."""
    problem, status = "", 200
    if request.method == "POST":
        try:
            actions.ask(by=request.user.pk, email=request.POST.get("email", ""))
        except ProductError as error:
            problem, status = error.sentence, error.status
        else:
            return HttpResponseRedirect(reverse("accounts:data"))
    with tenancy.as_platform("what must be handed over first"):
        owned = actions.owned_alone(request.user.pk)
    context = {"problem": problem, "owned": owned, "days": rules.LEAVE_DAYS}
    return render(request, "settings/leave.html", context, status=status)


@login_required
@require_POST
def stay(request: PersonRequest) -> HttpResponse:
    """Keep the account after all."""
    try:
        actions.take_back(by=request.user.pk)
    except ProductError as error:
        return _page(request, error.sentence, error.status)
    messages.success(request, _("Your account stays, with everything in it."))
    return HttpResponseRedirect(reverse("accounts:data"))


def _page(request: PersonRequest, problem: str = "", status: int = 200) -> HttpResponse:
    copies = archives.listed(person=request.user.pk)
    context = {"copies": copies, "problem": problem, "days": rules.ARCHIVE_DAYS, "leaves_at": request.user.leaves_at}
    return render(request, "settings/data.html", context, status=status)
