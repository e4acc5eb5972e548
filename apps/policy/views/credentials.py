"""Settings of a workspace: its credentials. What is put in is never shown again."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from django.contrib import messages
from django.forms import Form
from django.http import HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_http_methods, require_POST

from apps.accounts import queries as accounts
from apps.accounts.permissions import require
from apps.accounts.queries import Member
from apps.accounts.requests import MemberRequest
from apps.accounts.views import layout
from apps.lib.errors import ProductError
from apps.policy.forms import AllowForm, CredentialForm, RotateForm
from apps.policy.identity import credentials
from apps.policy.identity.credentials import Reference


@dataclass(frozen=True, slots=True)
class Row:
    """One credential in the list, with the forms that change it."""

    credential: Reference
    by: str
    rotate: Form
    allow: Form
    open: bool


def link(*, member: Member) -> layout.SettingsPage | None:
    """Whoever may change the settings keeps the credentials."""
    page = layout.SettingsPage("policy:credentials", _("Credentials"), _("Workspace"))
    return page if member.may("settings") else None


@sensitive_post_parameters("secret")
@require("settings")
@require_http_methods(["GET", "HEAD", "POST"])
def credentials_page(request: MemberRequest) -> HttpResponse:
    """List the credentials; seal a new one."""
    if request.method != "POST":
        return _page(request)
    form = CredentialForm(request.POST)
    if form.is_valid():
        try:
            credentials.add(by=request.member.person, **form.cleaned_data)
        except ProductError as error:
            form.add_error(None, error.sentence)
        else:
            messages.success(request, _("Sealed. Give its reference to the tools that need it."))
            return HttpResponseRedirect(reverse("policy:credentials"))
    return _page(request, form=form, status=422)


@sensitive_post_parameters()
@require("settings")
@require_POST
def rotate(request: MemberRequest, credential: str) -> HttpResponse:
    """Put a new secret in the place of the old one."""
    form = RotateForm(request.POST, prefix=f"rotate-{credential}")
    return _change(request, form, credential, credentials.rotate, _("The new secret counts from the next call on."))


@require("settings")
@require_POST
def allow(request: MemberRequest, credential: str) -> HttpResponse:
    """Set for which tools a credential may be opened."""
    form = AllowForm(request.POST, prefix=f"allow-{credential}")
    return _change(request, form, credential, credentials.allow, _("Saved. It counts from the next call on."))


@require("settings")
@require_POST
def delete(request: MemberRequest, credential: str) -> HttpResponse:
    """Erase a credential. The box beside the button is ticked, or nothing happens."""
    if request.POST.get("sure") != "yes":
        return _page(request, problem=_("Tick the box to erase this credential: it can't be brought back."), status=422)
    try:
        credentials.delete(by=request.member.person, credential=credential)
    except ProductError as error:
        return _page(request, problem=error.sentence, status=error.status)
    messages.success(request, _("The credential is erased."))
    return HttpResponseRedirect(reverse("policy:credentials"))


def _change(
    request: MemberRequest, form: Form, credential: str, action: Callable[..., object], done: str
) -> HttpResponse:  # fmt: skip
    if form.is_valid():
        try:
            action(by=request.member.person, credential=credential, **form.cleaned_data)
        except ProductError as error:
            form.add_error(None, error.sentence)
        else:
            messages.success(request, done)
            return HttpResponseRedirect(reverse("policy:credentials"))
    known = any(row.id == credential for row in credentials.listed())
    problem = "" if known else _("There is no such credential any more.")
    return _page(request, changed=credential, changing=form, problem=problem, status=422 if known else 404)


def _page(
    request: MemberRequest, *, form: Form | None = None, changed: str = "", changing: Form | None = None,
    problem: str = "", status: int = 200,
) -> HttpResponse:  # fmt: skip
    found = credentials.listed()
    names = accounts.names({row.by for row in found})
    rows = [_row(row, names.get(row.by, ""), changing if row.id == changed else None) for row in found]
    context = {"rows": rows, "form": form or CredentialForm(), "changing": changing, "problem": problem}
    return layout.show(request, "policy/credentials.html", context, status)


def _row(row: Reference, by: str, changing: Form | None) -> Row:
    rotate = changing if isinstance(changing, RotateForm) else RotateForm(prefix=f"rotate-{row.id}")
    kept = AllowForm(initial={"tools": "\n".join(row.tools)}, prefix=f"allow-{row.id}")
    return Row(row, by, rotate, changing if isinstance(changing, AllowForm) else kept, changing is not None)
