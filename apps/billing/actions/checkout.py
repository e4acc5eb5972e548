"""The ways to pay: Checkout, the customer portal, and another plan in place of the one that is paid."""

from __future__ import annotations

from typing import Any

import stripe
from django.db import transaction
from django.utils.translation import gettext as _

from apps.accounts import queries as accounts
from apps.accounts import tenancy
from apps.billing import catalogue
from apps.billing.actions import subscriptions
from apps.billing.actions.asking import ask
from apps.billing.catalogue import Offer
from apps.billing.models import Entitlement
from apps.lib.errors import Conflict, Invalid, NotFound
from apps.observability import audit

# By which the portal's configuration is known as the one of the plans.
PORTAL = {"footnote": "plans"}


class Declined(Conflict):
    """The card that is kept was not charged."""

    code = "card_declined"


def open_checkout(*, by: int, workspace: str, offer: str, back: str) -> str:
    """Return the address of Stripe's page where a plan or a top-up is paid. back: where the browser returns to.

    Raises: NotFound (nothing of that name is sold), Conflict (there is a plan already: `change_plan` changes it),
    Unavailable (Stripe does not answer).
    """
    known, chosen = _sold(workspace, offer)
    is_plan = bool(chosen.limits["seats"])
    if is_plan and known.state != "none":
        raise Conflict(_("This workspace has a plan already. Change it on the page Plan."))
    customer = known.customer or _customer(by=by, workspace=workspace)
    more: dict[str, Any] = {"mode": "payment"}
    if is_plan:
        more = {"mode": "subscription", "allow_promotion_codes": True}
        if chosen.trial_days and not known.event:
            more["subscription_data"] = {"trial_period_days": chosen.trial_days}
    session = ask(
        stripe.checkout.Session.create, customer=customer, client_reference_id=workspace,
        line_items=[{"price": chosen.price, "quantity": 1}, *_metered(chosen)], success_url=f"{back}?paid=1",
        cancel_url=back, **more,
    )  # fmt: skip
    return str(session["url"])


def change_plan(*, by: int, workspace: str, offer: str) -> None:
    """Put another plan in place of the one that is paid: what is due for the rest of its period is charged at once.

    It holds once Stripe's event has come. Stripe's portal changes no subscription that has a metered part, so this is
    ours to do. Raises: NotFound, Conflict (no subscription, or it is that plan already), Declined, Unavailable.
    """
    known, chosen = _sold(workspace, offer)
    if not chosen.limits["seats"] or not known.subscription:
        raise Conflict(_("There is no paid plan to change. Choose one first."))
    live = ask(stripe.Subscription.retrieve, known.subscription)
    with tenancy.as_platform("which plan is it now?"):
        line, now = subscriptions.plan_line(live)
    if line is None or now is None or now.slug == chosen.slug or live.get("cancel_at_period_end"):
        raise Conflict(
            _("This plan can’t be changed now. Reload the page; a plan that ends is kept in the portal first.")
        )
    parts: list[dict[str, Any]] = [{"id": line["id"], "price": chosen.price}]
    metered = [each["id"] for each in live["items"]["data"] if catalogue.beyond_of(each["price"])]
    parts += [] if metered else _metered(chosen)
    # A trial of one plan brings no credits of a dearer one, so another plan is paid at once.
    ends: dict[str, Any] = {"trial_end": "now"} if live["status"] == "trialing" else {}
    with transaction.atomic():
        audit.record(by=by, did="billing.plan_changed", to=chosen.slug, workspace=workspace, reason=f"from {now.slug}")
        try:
            ask(
                stripe.Subscription.modify, known.subscription, items=parts, proration_behavior="always_invoice",
                payment_behavior="error_if_incomplete", **ends,
            )  # fmt: skip
        except stripe.CardError as error:
            raise Declined(_("The card was declined, so nothing was changed. Put another card into the customer "
                             "portal, then try again.")) from error  # fmt: skip


def open_portal(*, by: int, workspace: str, back: str) -> str:
    """Return the address of Stripe's page where cards and invoices are, and where the plan is ended.

    Raises: Invalid (nothing was ever bought), Unavailable.
    """
    with tenancy.as_platform("whose customer is it?"):
        customer = Entitlement.objects.filter(workspace=workspace).values_list("customer", flat=True).first()
    if not customer:
        raise Invalid(_("Nothing was bought yet, so there is nothing to change. Choose a plan first."))
    with tenancy.as_platform("the portal is on the record"):
        audit.record(by=by, did="billing.portal", to=customer, workspace=workspace)
    there = ask(stripe.billing_portal.Configuration.list, active=True, limit=100)["data"]
    ours = [each["id"] for each in there if PORTAL.items() <= dict(each["metadata"] or {}).items()]
    more = {"configuration": ours[0]} if ours else {}
    return str(ask(stripe.billing_portal.Session.create, customer=customer, return_url=back, **more)["url"])


def _sold(workspace: str, offer: str) -> tuple[Entitlement, Offer]:
    with tenancy.as_platform("what is sold"):
        sold = {each.slug: each for each in [*catalogue.plans(), *catalogue.topups()]}
        known = Entitlement.objects.filter(workspace=workspace).first()
    chosen = sold.get(offer)
    if chosen is None or not chosen.cents or known is None:
        raise NotFound(_("This is not sold. Reload the page to see what is."))
    return known, chosen


def _metered(offer: Offer) -> list[dict[str, Any]]:
    """Return the part of a subscription that counts tokens beyond its plan, where the plan has it."""
    if not offer.overage:
        return []
    with tenancy.as_platform("what is sold"):
        beyond = catalogue.beyond()
    return [{"price": beyond.price}] if beyond else []


def _customer(*, by: int, workspace: str) -> str:
    space = accounts.workspace_of_schema(workspace)
    made = ask(
        stripe.Customer.create, name=space.name if space else workspace, email=accounts.email_of(by),
        idempotency_key=f"customer:{workspace}", metadata={"workspace": workspace},
    )  # fmt: skip
    with tenancy.as_platform("a workspace becomes a customer"):
        Entitlement.objects.filter(workspace=workspace, customer=None).update(customer=made["id"])
        return str(Entitlement.objects.values_list("customer", flat=True).get(workspace=workspace))
