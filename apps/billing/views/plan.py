"""/billing/plan: what the workspace has, what else is sold, and the ways to Stripe's pages."""

from __future__ import annotations

from django.conf import settings
from django.http import HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from apps.accounts import tenancy
from apps.accounts.permissions import require
from apps.accounts.queries import Member
from apps.accounts.requests import MemberRequest
from apps.accounts.views import layout
from apps.billing import catalogue, entitlements
from apps.billing.actions import subscriptions
from apps.lib import clock


def plan_link(*, member: Member) -> layout.SettingsPage | None:
    """Whoever sees to the money sees the plan."""
    return layout.SettingsPage("billing:plan", _("Plan"), _("Money")) if member.may("billing") else None


@require("billing")
@require_safe
def plan(request: MemberRequest) -> HttpResponse:
    """Show the plan of the workspace beside all that are sold."""
    now = entitlements.of(request.member.schema)
    with tenancy.as_platform("what is sold"):
        offers, topups = catalogue.plans(), catalogue.topups()
    return layout.show(request, "billing/plan.html", {
        "now": now, "mine": next((each for each in offers if each.slug == now.plan), None), "offers": offers,
        "topups": topups, "blocked": now.is_blocked(clock.now()), "paid": "paid" in request.GET,
        "test": bool(settings.STRIPE_SECRET_KEY) and not settings.STRIPE_LIVE_MODE,
    })  # fmt: skip


@require("billing")
@require_POST
def checkout(request: MemberRequest) -> HttpResponse:
    """Go to Stripe's page to pay for what was chosen."""
    return HttpResponseRedirect(subscriptions.open_checkout(
        by=request.member.person, workspace=request.member.schema, offer=request.POST.get("offer", "")[:40],
        back=request.build_absolute_uri(reverse("billing:plan")),
    ))  # fmt: skip


@require("billing")
@require_POST
def portal(request: MemberRequest) -> HttpResponse:
    """Go to Stripe's page of cards, invoices and changes of the plan."""
    return HttpResponseRedirect(subscriptions.open_portal(
        by=request.member.person, workspace=request.member.schema,
        back=request.build_absolute_uri(reverse("billing:plan")),
    ))  # fmt: skip
