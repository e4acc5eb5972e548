"""The customer's portal as a plain page of forms: plan, cards and invoices, as its configuration allows."""

from __future__ import annotations

from html import escape
from typing import Any

from starlette.responses import RedirectResponse, Response

from . import billing, changes, payments, plan_changes, portal
from .errors import wrong
from .layout import CARD, button, card_of, day, frame, money, said, web_address
from .plan_changes import Offer
from .store import Store, Thing


def portal_page(store: Store, key: str, error: str = "") -> Response:
    """Return the portal of a customer. Raises Refusal."""
    session = store.get("billing_portal.session", key)
    features = store.get(portal.KIND, session["configuration"])["features"]
    mine = [each["id"] for each in store.find("subscription", customer=session["customer"])
            if each["status"] not in billing.ENDED]  # fmt: skip
    offers = {each: plan_changes.offers(store, each, features["subscription_update"]) for each in mine}
    customer = store.get("customer", session["customer"])
    body = f"<p>{escape(customer['name'] or customer['email'] or customer['id'])}</p><h2>Subscriptions</h2>"
    body += "".join(_sub_form(store, each, features, offers[each]) for each in mine) or "<p>None.</p>"
    body += _cards(store, customer, features) + _invoices(store, customer, features)
    back = f'<p><a href="{escape(web_address(session["return_url"]))}">Back</a></p>' if session["return_url"] else ""
    return frame("Your subscription and cards", body + back, error, 200 if not error else 402)


def _cards(store: Store, customer: Thing, features: Thing) -> str:
    cards = store.find("payment_method", customer=customer["id"])
    body = "<h2>Card</h2>" + ("".join(_card_words(customer, card) for card in cards) or "<p>None.</p>")
    if not features["payment_method_update"]["enabled"]:
        return body
    return f'{body}<form method="post">{CARD}<button name="act" value="card">Use this card from now on</button></form>'


def _invoices(store: Store, customer: Thing, features: Thing) -> str:
    if not features["invoice_history"]["enabled"]:
        return ""
    rows = "".join(
        f'<tr><td><a href="/i/{each["id"]}">{escape(each["number"] or "Draft")}</a> {day(each["created"])}, '
        f"{each['status']}</td>"
        f"<td>{money(each['total'], each['currency'])}</td></tr>"
        for each in reversed(store.find("invoice", customer=customer["id"]))
    )
    return f"<h2>Invoices</h2><table>{rows}</table>"


def _card_words(customer: Thing, card: Thing) -> str:
    used = ", used for what is due" if customer["invoice_settings"]["default_payment_method"] == card["id"] else ""
    return f"<p>{escape(card['card']['brand'].title())} ending in {card['card']['last4']}{used}</p>"


def _sub_form(store: Store, key: str, features: Thing, offers: list[Offer]) -> str:
    sub, cancel = store.get("subscription", key), features["subscription_cancel"]
    parts = sub["items"]["data"]
    names = ", ".join(store.get("product", store.get("price", each["price"])["product"])["name"] for each in parts)
    end = day(parts[0]["current_period_end"])
    words = f"<p><strong>{escape(names)}</strong>, {sub['status']}. "
    if sub["cancel_at_period_end"]:
        return f"{words}It ends on {end}.</p>{button('Keep it', 'keep', sub=key)}"
    words += f"It renews on {end}.</p>" + "".join(_offer_form(store, key, each) for each in offers)
    if not cancel["enabled"]:
        return words
    when = f"on {end}" if cancel["mode"] == "at_period_end" else "now"
    return f"{words}{button(f'End it {when}', 'end', plain=True, sub=key)}"


def _offer_form(store: Store, key: str, offer: Offer) -> str:
    recurring = store.get("price", offer.price)["recurring"]
    count, each = recurring["interval_count"], recurring["interval"]
    span = f"a {each}" if count == 1 else f"every {count} {each}s"
    price = "" if offer.amount is None else f"{money(offer.amount, offer.currency)} {span}. "
    due = f"Due today: {money(max(offer.due, 0), offer.currency)}."
    if offer.due < 0:
        due += f" {money(-offer.due, offer.currency)} for unused time is taken off your next invoices."
    if offer.later:
        due += " What is left of this period is settled with your next invoice."
    form = button(f"Change to {offer.name}", "change", sub=key, price=offer.price)
    return f"<p><strong>{escape(offer.name)}</strong>: {price}{due}</p>{form}"


def portal_act(store: Store, key: str, form: dict[str, Any]) -> Response:
    """Do what the portal asks for. Raises Refusal."""
    with store.change():
        store.request = {"id": None, "idempotency_key": None}
        session = store.get("billing_portal.session", key)
        features = store.get(portal.KIND, session["configuration"])["features"]
        if said(form, "act") == "card":
            if not features["payment_method_update"]["enabled"]:
                raise wrong("Cards cannot be changed here.")
            customer = store.edit("customer", session["customer"])
            method = payments.attach(store, payments.make_card(store, *card_of(form)), customer["id"])
            use_card(store, customer, method["id"])
        else:
            _change(store, session["customer"], features, form)
    return RedirectResponse(f"/p/session/{key}", 303)


def _change(store: Store, customer: str, features: Thing, form: dict[str, Any]) -> None:
    act, cancel = said(form, "act"), features["subscription_cancel"]
    if act not in ("end", "keep", "change"):
        raise wrong("The portal does not know this.")
    sub = store.get("subscription", said(form, "sub"))
    if sub["customer"] != customer:
        raise wrong("This subscription is another customer's.")
    if act == "change":
        plan_changes.change(store, sub["id"], said(form, "price"), features["subscription_update"])
    elif act == "end" and not cancel["enabled"]:
        raise wrong("Subscriptions cannot be ended here.")
    elif act == "end" and cancel["mode"] == "immediately":
        billing.end(store, sub["id"])
    else:
        changes.change_end(store, sub["id"], act == "end", None)


def use_card(store: Store, customer: Thing, method: str) -> None:
    """Have all that a customer owes from now on go to a card."""
    before = dict(customer)
    customer["invoice_settings"] = customer["invoice_settings"] | {"default_payment_method": method}
    payments.emit(store, "customer.updated", customer, before)
    for sub in store.find("subscription", customer=customer["id"]):
        if sub["status"] not in billing.ENDED and sub["default_payment_method"]:
            was = dict(sub)
            store.edit("subscription", sub["id"])["default_payment_method"] = method
            payments.emit(store, "customer.subscription.updated", sub, was)
