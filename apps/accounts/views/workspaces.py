"""Choose a workspace, make a new one."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from urllib.parse import urlencode

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from apps.accounts import queries
from apps.accounts.actions import workspaces as actions
from apps.accounts.forms import NewWorkspaceForm
from apps.accounts.requests import PersonRequest
from apps.accounts.views import addresses
from apps.lib.errors import ProductError


@dataclass(frozen=True, slots=True)
class Choice:
    name: str
    url: str
    role: str
    current: bool = False
    runs: int = 0
    last_run_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class WorkspacesPage:
    person: str
    workspaces: tuple[Choice, ...]
    preparing: tuple[str, ...] = ()


@login_required
@require_safe
def workspaces(request: PersonRequest) -> HttpResponse:
    """List the workspaces of this person; a link keeps the page that was asked for on the apex."""
    rows, to = queries.workspaces_of(request.user.pk), request.GET.get("to", "")
    query = f"?{urlencode({'to': to})}" if addresses.is_local(to) else ""
    page = WorkspacesPage(
        str(request.user),
        tuple(Choice(row.name, reverse("accounts:enter", args=[row.slug]) + query, row.role) for row in rows),
    )
    return render(request, "accounts/workspaces.html", {"page": page, "closed": queries.closed_of(request.user.pk)})


@login_required
@require_POST
def reopen(request: PersonRequest, slug: str) -> HttpResponse:
    """Open a workspace again that its owner closed not too long ago."""
    actions.reopen(by=request.user.pk, slug=slug)
    messages.success(request, _("The workspace is open again, with everything that was in it."))
    return HttpResponseRedirect(reverse("accounts:workspaces"))


@login_required
@require_http_methods(["GET", "POST"])
def new_workspace(request: PersonRequest) -> HttpResponse:
    """Make a workspace and go there."""
    form = NewWorkspaceForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        try:
            row = actions.create(by=request.user.pk, name=form.cleaned_data["name"], slug=form.cleaned_data["slug"])
        except ProductError as error:
            form.add_error("slug", error.sentence)
        else:
            return HttpResponseRedirect(reverse("accounts:enter", args=[row.slug]))
    status = 422 if request.method == "POST" else 200
    return render(request, "accounts/new_workspace.html", {"form": form}, status=status)
