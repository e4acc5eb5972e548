"""Choose a workspace, make a new one."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from django.contrib.auth.decorators import login_required
from django.http import HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.http import require_http_methods, require_safe

from apps.accounts import queries
from apps.accounts.actions import workspaces as actions
from apps.accounts.forms import NewWorkspaceForm
from apps.accounts.requests import PersonRequest
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
    """List the workspaces of this person."""
    rows = queries.workspaces_of(request.user.pk)
    page = WorkspacesPage(
        str(request.user),
        tuple(Choice(row.name, reverse("accounts:enter", args=[row.slug]), row.role) for row in rows),
    )
    return render(request, "accounts/workspaces.html", {"page": page})


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
