"""Checkout, the customer's portal and invoices as plain pages with forms; each says that no money moves."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime
from html import escape
from typing import Any
from urllib.parse import quote

from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import HTMLResponse, PlainTextResponse, RedirectResponse, Response
from starlette.routing import Route

from . import billing, changes, checkout, discounts, payments
from .errors import Refusal, wrong
from .forms import decode
from .store import Store, Thing

TITLE = "Test Stripe: no money moves"
POLICY = "default-src 'none'; style-src 'self'; base-uri 'none'; frame-ancestors 'none'"
Guard = Callable[[Request], Response | None]
STYLE = """
:root { color-scheme: light dark; }
* { box-sizing: border-box; }
body { margin: 0; font: 16px/1.5 system-ui, sans-serif; background: Canvas; color: CanvasText; }
header { padding: 10px 16px; background: #7a4a00; color: #fff; font-weight: 600; text-align: center; }
main { max-width: 560px; margin: 0 auto; padding: 24px 16px 64px; }
h1 { font-size: 22px; line-height: 1.25; margin: 0 0 8px; } h2 { font-size: 17px; margin: 32px 0 8px; }
p { margin: 8px 0; overflow-wrap: anywhere; } small { opacity: .8; }
table { width: 100%; border-collapse: collapse; } td { padding: 8px 0; border-bottom: 1px solid #8886; }
td:last-child { text-align: right; white-space: nowrap; font-variant-numeric: tabular-nums; }
label { display: block; margin: 12px 0 4px; font-weight: 600; }
input, select { width: 100%; min-height: 44px; padding: 8px 12px; font: inherit; border: 1px solid #777;
  border-radius: 6px; background: Field; color: FieldText; }
button { width: 100%; min-height: 44px; margin: 12px 0; padding: 8px 16px; font: inherit; font-weight: 600; border: 0;
  border-radius: 6px; background: #4b3fd6; color: #fff; cursor: pointer; }
button.plain { background: transparent; color: inherit; border: 1px solid #777; }
a { color: inherit; } .wrong { border-left: 4px solid #c0392b; padding: 8px 12px; }
:focus-visible { outline: 3px solid #e69500; outline-offset: 2px; }
"""
CARD = """<label for="number">Card number</label>
<input id="number" name="number" inputmode="numeric" autocomplete="off" required maxlength="23"
value="4242 4242 4242 4242">
<p><small>4242 4242 4242 4242 succeeds. 4000 0000 0000 0341 succeeds today and fails at every renewal.
4000 0000 0000 0002 is declined. No real card is taken.</small></p>
<label for="expiry">Expires (MM/YY)</label>
<input id="expiry" name="expiry" required maxlength="7" value="12/40">"""


def money(amount: int, currency: str) -> str:
    """Write an amount of cents."""
    return f"{'-' if amount < 0 else ''}{abs(amount) // 100:,}.{abs(amount) % 100:02} {currency.upper()}"


def day(moment: int) -> str:
    """Write a moment as its day."""
    return datetime.fromtimestamp(moment, UTC).strftime("%Y-%m-%d")


def frame(heading: str, body: str, error: str = "", status: int = 200) -> Response:
    """Return a page. body: HTML that is safe already."""
    said = f'<p class="wrong" role="alert">{escape(error)}</p>' if error else ""
    text = (
        f'<!doctype html><html lang="en"><head><meta charset="utf-8"><title>{TITLE}</title>'
        '<meta name="viewport" content="width=device-width, initial-scale=1"><meta name="robots" content="noindex">'
        f'<link rel="stylesheet" href="/style.css"></head><body><header>{TITLE}</header><main>'
        f"<h1>{escape(heading)}</h1>{said}{body}</main></body></html>"
    )
    headers = {"Content-Security-Policy": POLICY, "Referrer-Policy": "no-referrer", "Cache-Control": "no-store"}
    return HTMLResponse(text, status, headers | {"X-Content-Type-Options": "nosniff"})


def button(words: str, act: str, plain: bool = False, **hidden: str) -> str:
    """Return a form of one button."""
    fields = "".join(f'<input type="hidden" name="{name}" value="{escape(each)}">' for name, each in hidden.items())
    kind = ' class="plain"' if plain else ""
    return f'<form method="post">{fields}<button{kind} name="act" value="{act}">{escape(words)}</button></form>'


def checkout_page(store: Store, key: str, error: str = "") -> Response:
    """Return the page of a session of Checkout. Raises Refusal."""
    session = store.get("checkout.session", key)
    if session["status"] != "open":
        return frame("This session is over", f"<p>It is {session['status']}. Nothing more can be paid here.</p>", error)
    rows = "".join(
        f"<tr><td>{escape(str(each['quantity'] or 'Metered:'))} × {escape(each['description'])}</td>"
        f"<td>{money(each['amount_subtotal'], each['currency'])}</td></tr>"
        for each in session["_line_items"]
    )
    if cut := session["total_details"]["amount_discount"]:
        rows += f"<tr><td>Discount</td><td>{money(-cut, session['currency'])}</td></tr>"
    rows += _sum("Due today", session["amount_total"], session["currency"])
    code = (
        '<form method="post"><label for="code">Promotion code</label><input id="code" name="code" maxlength="100">'
        '<button class="plain" name="act" value="code">Apply</button></form>'
        if session["allow_promotion_codes"]
        else ""
    )
    email = (
        session["customer_email"] or (store.table("customer").get(session["customer"] or "") or {}).get("email") or ""
    )
    form = (
        '<form method="post"><label for="email">Email</label>'
        f'<input id="email" name="email" type="email" required value="{escape(email)}">'
        f'<label for="name">Name on card</label><input id="name" name="name" maxlength="200" autocomplete="off">{CARD}'
        f'<button name="act" value="pay">{"Subscribe" if session["mode"] == "subscription" else "Pay"}</button></form>'
    )
    back = (
        f'<p><a href="{escape(_web(session["cancel_url"]))}">Back without paying</a></p>'
        if session["cancel_url"]
        else ""
    )
    return frame("Checkout", f"<table>{rows}</table>{code}{form}{back}", error, 200 if not error else 402)


def _sum(words: str, amount: int, currency: str) -> str:
    return f"<tr><td><strong>{words}</strong></td><td><strong>{money(amount, currency)}</strong></td></tr>"


def _web(url: str | None) -> str:
    return url if url and url.startswith(("http://", "https://")) else "#"


def checkout_act(store: Store, key: str, form: dict[str, Any]) -> Response:
    """Do what the page of a session asks for. Raises Refusal."""
    with store.change():
        store.request = {"id": None, "idempotency_key": None}
        session = store.edit("checkout.session", key)
        if _said(form, "act") == "code":
            if session["status"] != "open" or not session["allow_promotion_codes"]:
                raise wrong("This session takes no promotion codes.")
            session["_coupons"] = [list(discounts.by_word(store, _said(form, "code")))]
            checkout.recount(store, session)
            return checkout_page(store, key)
        checkout.complete(store, key, *_card(form), _said(form, "email"), _said(form, "name"))
        where = session["success_url"].replace("{CHECKOUT_SESSION_ID}", quote(key))
        return RedirectResponse(_web(where), 303)


def _said(form: dict[str, Any], name: str) -> str:
    value = form.get(name, "")
    return value[:500] if isinstance(value, str) else ""


def _card(form: dict[str, Any]) -> tuple[str, int, int]:
    month, _, year = _said(form, "expiry").replace(" ", "").partition("/")
    if not (month.isdecimal() and year.isdecimal() and len(month) <= 2 and len(year) in (2, 4)):
        raise wrong("Your card's expiry date is incomplete.", "expiry")
    number = _said(form, "number").replace(" ", "").replace("-", "")
    return number, int(month), int(year) + (2000 if len(year) == 2 else 0)


def portal_page(store: Store, key: str, error: str = "") -> Response:
    """Return the portal of a customer. Raises Refusal."""
    session = store.get("billing_portal.session", key)
    customer = store.get("customer", session["customer"])
    subs = store.find("subscription", customer=customer["id"])
    body = f"<p>{escape(customer['name'] or customer['email'] or customer['id'])}</p><h2>Subscriptions</h2>"
    body += "".join(_sub_form(store, sub) for sub in subs if sub["status"] not in billing.ENDED) or "<p>None.</p>"
    cards = store.find("payment_method", customer=customer["id"])
    body += "<h2>Card</h2>" + ("".join(_card_words(customer, card) for card in cards) or "<p>None.</p>")
    body += f'<form method="post">{CARD}<button name="act" value="card">Use this card from now on</button></form>'
    body += "<h2>Invoices</h2><table>" + "".join(
        f'<tr><td><a href="/i/{each["id"]}">{escape(each["number"] or "Draft")}</a> {day(each["created"])}, '
        f"{each['status']}</td>"
        f"<td>{money(each['total'], each['currency'])}</td></tr>"
        for each in reversed(store.find("invoice", customer=customer["id"]))
    )
    back = f'<p><a href="{escape(_web(session["return_url"]))}">Back</a></p>' if session["return_url"] else ""
    return frame("Your subscription and cards", f"{body}</table>{back}", error, 200 if not error else 402)


def _card_words(customer: Thing, card: Thing) -> str:
    used = ", used for what is due" if customer["invoice_settings"]["default_payment_method"] == card["id"] else ""
    return f"<p>{escape(card['card']['brand'].title())} ending in {card['card']['last4']}{used}</p>"


def _sub_form(store: Store, sub: Thing) -> str:
    parts = sub["items"]["data"]
    names = ", ".join(store.get("product", store.get("price", each["price"])["product"])["name"] for each in parts)
    end = day(parts[0]["current_period_end"])
    words = f"<p><strong>{escape(names)}</strong>, {sub['status']}. "
    if sub["cancel_at_period_end"]:
        return f"{words}It ends on {end}.</p>{button('Keep it', 'keep', sub=sub['id'])}"
    return f"{words}It renews on {end}.</p>{button(f'End it on {end}', 'end', plain=True, sub=sub['id'])}"


def portal_act(store: Store, key: str, form: dict[str, Any]) -> Response:
    """Do what the portal asks for. Raises Refusal."""
    with store.change():
        store.request = {"id": None, "idempotency_key": None}
        customer = store.edit("customer", store.get("billing_portal.session", key)["customer"])
        act = _said(form, "act")
        if act == "card":
            method = payments.attach(store, payments.make_card(store, *_card(form)), customer["id"])
            use_card(store, customer, method["id"])
        elif act in ("end", "keep"):
            sub = store.get("subscription", _said(form, "sub"))
            if sub["customer"] != customer["id"]:
                raise wrong("This subscription is another customer's.")
            changes.change_end(store, sub["id"], act == "end", None)
        else:
            raise wrong("The portal does not know this.")
    return RedirectResponse(f"/p/session/{key}", 303)


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


def invoice_page(store: Store, key: str, error: str = "") -> Response:
    """Return an invoice's page, with a form where it is open. Raises Refusal."""
    invoice = store.get("invoice", key)
    if invoice["status"] == "draft":
        raise Refusal("This invoice is a draft.", status=404)
    rows = "".join(
        f"<tr><td>{escape(each['description'])}</td><td>{money(each['amount'], each['currency'])}</td></tr>"
        for each in invoice["lines"]["data"]
    )
    for cut in invoice["total_discount_amounts"]:
        rows += f"<tr><td>Discount</td><td>{money(-cut['amount'], invoice['currency'])}</td></tr>"
    rows += f"<tr><td>Total</td><td>{money(invoice['total'], invoice['currency'])}</td></tr>"
    rows += _sum("Due", invoice["amount_remaining"], invoice["currency"])
    form = f'<form method="post">{CARD}<button name="act" value="pay">Pay</button></form>'
    body = f"<p>{day(invoice['created'])}, {invoice['status']}</p><table>{rows}</table>"
    return frame(f"Invoice {invoice['number']}", body + (form if invoice["status"] == "open" else ""), error)


def invoice_act(store: Store, key: str, form: dict[str, Any]) -> Response:
    """Pay an invoice with the card of its page; the customer keeps the card. Raises Refusal."""
    with store.change():
        store.request = {"id": None, "idempotency_key": None}
        invoice = store.get("invoice", key)
        method = payments.attach(store, payments.make_card(store, *_card(form)), invoice["customer"])
        billing.pay(store, key, method, present=True)
        use_card(store, store.edit("customer", invoice["customer"]), method["id"])
    return RedirectResponse(f"/i/{key}", 303)


def addresses(store: Store, guard: Guard) -> list[Route]:
    """Return the pages' addresses."""

    def pair(path: str, show: Callable[..., Response], act: Callable[..., Response]) -> Route:
        async def serve(request: Request) -> Response:
            if refused := guard(request):
                return refused
            body = await request.body() if request.method == "POST" else b""
            store.origin = f"http://{request.headers['host']}"
            return await run_in_threadpool(_serve, store, request.path_params["key"], request.method, body, show, act)

        return Route(path, serve, methods=["GET", "POST"])

    async def style(_request: Request) -> Response:
        return PlainTextResponse(STYLE, media_type="text/css")

    return [
        Route("/style.css", style), pair("/c/pay/{key}", checkout_page, checkout_act),
        pair("/p/session/{key}", portal_page, portal_act), pair("/i/{key}", invoice_page, invoice_act),
    ]  # fmt: skip


def _serve(
    store: Store, key: str, method: str, body: bytes, show: Callable[..., Response], act: Callable[..., Response]
) -> Response:
    error = ""
    try:
        if method == "POST":
            return act(store, key, decode(body))
    except Refusal as refusal:
        error = refusal.message
    try:
        with store.lock:
            return show(store, key, error)
    except Refusal as refusal:
        return frame("Not here", "<p>There is nothing at this address.</p>", refusal.message, 404)
