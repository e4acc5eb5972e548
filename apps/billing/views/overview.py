"""/billing and its figures for programs: what there is, where it came from, and who is told when it runs low."""

from __future__ import annotations

from dataclasses import dataclass

from django.contrib import messages
from django.http import HttpResponse, JsonResponse
from django.shortcuts import redirect
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from apps.accounts import queries as accounts
from apps.accounts.permissions import require
from apps.accounts.queries import Member
from apps.accounts.requests import MemberRequest
from apps.accounts.views import layout
from apps.billing import alerts, overage, queries, usage
from apps.billing.actions import alerts as choices
from apps.billing.forms import AlertForm
from apps.billing.queries import GrantRow
from apps.billing.views.ledger import SOURCES, lines
from apps.billing.views.tokens import block
from apps.lib import clock
from apps.lib.errors import Invalid


@dataclass(frozen=True, slots=True)
class Given:
    """A grant in words."""

    grant: GrantRow
    source: str


def credits_link(*, member: Member) -> layout.SettingsPage | None:
    """Whoever sees to the money sees the credits."""
    return layout.SettingsPage("billing:overview", _("Credits"), _("Money")) if member.may("billing") else None


@require("billing")
@require_safe
def overview(request: MemberRequest) -> HttpResponse:
    """Show the credits of the workspace, its newest movements, and who is told."""
    return _page(request)


@require("billing")
@require_POST
def tell(request: MemberRequest) -> HttpResponse:
    """Choose who is told of the month's credits and of budgets."""
    workspace = request.member.schema
    form = AlertForm(request.POST, people=accounts.members_of(workspace))
    if not form.is_valid():
        return _page(request, form, 422)
    try:
        choices.choose(by=request.member.person, workspace=workspace, **form.cleaned_data)
    except Invalid as error:
        form.add_error(None, error.sentence)
        return _page(request, form, error.status)
    messages.success(request, _("Kept. It holds from the next mark on."))
    return redirect("billing:overview")


def _page(request: MemberRequest, form: AlertForm | None = None, status: int = 200) -> HttpResponse:
    workspace = request.member.schema
    rows = [Given(row, str(SOURCES[row.source])) for row in queries.grants(workspace)]
    balance, month, told = queries.balance(workspace), queries.month_began(), alerts.told(workspace)
    return layout.show(request, "billing/overview.html", {
        "balance": balance, "month": month, "spent": queries.spent_since(workspace, month), "grants": rows,
        "lines": lines(request, queries.movements(workspace, limit=8)), "told": told,
        "tokens": block(workspace, number=1),
        "form": form or AlertForm(
            initial={"roles": told.roles, "people": told.people}, people=accounts.members_of(workspace)
        ),
    }, status)  # fmt: skip


@require("billing")
@require_safe
def summary(request: MemberRequest) -> JsonResponse:
    """Answer with the figures of /billing, for programs; credits are whole numbers, moments ISO 8601."""
    workspace, month = request.member.schema, queries.month_began()
    balance, this = queries.balance(workspace), usage.month(clock.now().date())
    used, tokens = usage.total(usage.groups("tool", this)), overage.standing(workspace)
    return JsonResponse({
        "credits": {"available": balance.available, "held": balance.held},
        "month": {"since": month, "charged": queries.spent_since(workspace, month)},
        "usage": {
            "since": this.since, "until": this.until, "calls": used.calls, "tokens_in": used.units.tokens_in,
            "tokens_out": used.units.tokens_out, "calls_billed": used.units.calls, "credits": used.credits,
            "micro_dollars": used.micro_dollars,
        },
        "tokens": tokens and {
            "since": tokens.since, "until": tokens.until, "included": tokens.included, "used": tokens.used,
            "beyond": tokens.beyond, "micro_dollars": tokens.micro_dollars, "billed": tokens.billed,
        },
        "grants": [
            {"source": row.source, "credits": row.credits, "left": row.left, "held": row.held, "charged": row.spent,
             "expires_at": row.expires_at}
            for row in queries.grants(workspace)
        ],
    })  # fmt: skip
