"""/billing/plan: what the workspace has, what else is sold, and the ways to another plan and to Stripe's pages."""

from __future__ import annotations

from django.conf import settings
from django.http import HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import pgettext
from django.views.decorators.http import require_POST, require_safe

from apps.accounts import tenancy
from apps.accounts.permissions import require
from apps.accounts.queries import Member
from apps.accounts.requests import MemberRequest
from apps.accounts.views import layout
from apps.billing import catalogue, entitlements
from apps.billing.actions import checkout as ways
from apps.billing.views.tokens import tiers
from apps.lib import clock
from apps.lib.errors import NotFound


def plan_link(*, member: Member) -> layout.SettingsPage | None:
    """Whoever sees to the money sees the plan."""
    return (
        layout.SettingsPage("billing:plan", pgettext("subscription", "Plan"), _("Money"))
        if member.may("billing")
        else None
    )


@require("billing")
@require_safe
def plan(request: MemberRequest) -> HttpResponse:
    """Show the plan of the workspace beside all that are sold."""
    now = entitlements.of(request.member.schema)
    with tenancy.as_platform("what is sold"):
        offers, topups, beyond = catalogue.plans(), catalogue.topups(), catalogue.beyond()
    return layout.show(request, "billing/plan.html", {
        "now": now, "mine": next((each for each in offers if each.slug == now.plan), None), "offers": offers,
        "topups": topups, "blocked": now.is_blocked(clock.now()), "paid": "paid" in request.GET,
        "tiers": tiers(beyond.tiers) if beyond else [],
        "test": bool(settings.STRIPE_SECRET_KEY) and not settings.STRIPE_LIVE_MODE,
    })  # fmt: skip


@require("billing")
@require_POST
def checkout(request: MemberRequest) -> HttpResponse:
    """Go to Stripe's page to pay for what was chosen."""
    return HttpResponseRedirect(ways.open_checkout(
        by=request.member.person, workspace=request.member.schema, offer=request.POST.get("offer", "")[:40],
        back=request.build_absolute_uri(reverse("billing:plan")),
    ))  # fmt: skip


@require("billing")
@require_POST
def change(request: MemberRequest) -> HttpResponse:
    """Show what another plan will cost, and put it in place of the one that is paid once that was confirmed."""
    workspace, slug, problem = request.member.schema, request.POST.get("offer", "")[:40], None
    if "sure" in request.POST:
        try:
            ways.change_plan(by=request.member.person, workspace=workspace, offer=slug)
        except ways.Declined as error:
            problem = error
        else:
            return HttpResponseRedirect(f"{reverse('billing:plan')}?paid=1")
    now = entitlements.of(workspace)
    with tenancy.as_platform("what is sold"):
        offers = {each.slug: each for each in catalogue.plans()}
    if slug not in offers or not offers[slug].cents or not now.subscription:
        raise NotFound(_("This is not sold. Reload the page to see what is."))
    return layout.show(request, "billing/change.html", {
        "offer": offers[slug], "mine": offers.get(now.plan), "now": now, "problem_said": problem and problem.sentence,
    }, problem.status if problem else 200)  # fmt: skip


@require("billing")
@require_POST
def portal(request: MemberRequest) -> HttpResponse:
    """Go to Stripe's page of cards and invoices, where the plan is ended, too."""
    return HttpResponseRedirect(ways.open_portal(
        by=request.member.person, workspace=request.member.schema,
        back=request.build_absolute_uri(reverse("billing:plan")),
    ))  # fmt: skip
