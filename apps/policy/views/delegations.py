"""/policies/delegations: what live runs were lent by whom, the tokens agents hold for them, and taking it back."""

from __future__ import annotations

from dataclasses import dataclass

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from apps.accounts import queries as accounts
from apps.accounts.permissions import require
from apps.accounts.queries import Member
from apps.accounts.requests import MemberRequest
from apps.accounts.views import layout
from apps.billing import queries as billing
from apps.lib.errors import NotFound
from apps.policy.forms import RevokeForm
from apps.policy.identity import delegation, lent
from apps.policy.identity.lent import Lent


@dataclass(frozen=True, slots=True)
class Line:
    """A live run as the page shows it. run: empty where this member may not see it."""

    lent: Lent
    run: str
    who: str
    form: RevokeForm


def link(*, member: Member) -> layout.SettingsPage | None:
    """Whoever may lend an agent anything sees what they lent; owners and admins see everybody's."""
    return layout.SettingsPage("policy:delegations", _("Delegations"), _("Control")) if member.may("research") else None


@require_safe
@require("research")
def delegations(request: MemberRequest) -> HttpResponse:
    """Show what agents may do for people at this moment."""
    return _page(request)


@require_POST
@require("research")
def revoke_delegation(request: MemberRequest, handle: str) -> HttpResponse:
    """Take back what a run was lent, or one of its tokens."""
    found = lent.find(handle)
    if found is None or (found.person != request.member.person and not request.member.may("oversee")):
        raise NotFound(_("This run has ended, or it is not yours."))
    form = _form(found, request)
    if not form.is_valid():
        return _page(request, sent=(handle, form), status=422)
    delegation.revoke(
        by=request.member.person, run=found.run, reason=form.cleaned_data["reason"], token=form.cleaned_data["what"]
    )  # fmt: skip
    messages.success(request, _("Taken back. The next call is refused, in every gate."))
    return redirect("policy:delegations")


def _page(
    request: MemberRequest, *, sent: tuple[str, RevokeForm] | None = None, status: int = 200
) -> HttpResponse:  # fmt: skip
    member = request.member
    rows = lent.live(person=None if member.may("oversee") else member.person)
    seen, names = billing.runs_seen(member=member) if rows else (), accounts.names(row.person for row in rows)
    lines = [
        Line(
            row, row.run if row.run in seen else "", names.get(row.person, ""),
            sent[1] if sent and sent[0] == row.handle else _form(row),
        )
        for row in rows
    ]  # fmt: skip
    context = {"lines": lines, "everybody": member.may("oversee"), "me": member.person}
    return layout.show(request, "policy/delegations.html", context, status)


def _form(row: Lent, request: MemberRequest | None = None) -> RevokeForm:
    offered = [(token.id, token.agent) for token in row.tokens]
    return RevokeForm(request.POST if request else None, prefix=f"lent-{row.handle}", tokens=offered)
