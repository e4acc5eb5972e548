"""Checkout and invoices as plain pages with forms, and where all pages are; each says that no money moves."""

from __future__ import annotations

from collections.abc import Callable
from html import escape
from typing import Any
from urllib.parse import quote

from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import PlainTextResponse, RedirectResponse, Response
from starlette.routing import Route

from . import billing, checkout, discounts, payments
from .errors import Refusal, wrong
from .forms import decode
from .layout import CARD, STYLE, card_of, day, frame, money, said, sum_row, web_address
from .portal_pages import portal_act, portal_page, use_card
from .store import Store

Guard = Callable[[Request], Response | None]


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
    rows += sum_row("Due today", session["amount_total"], session["currency"])
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
        f'<p><a href="{escape(web_address(session["cancel_url"]))}">Back without paying</a></p>'
        if session["cancel_url"]
        else ""
    )
    return frame("Checkout", f"<table>{rows}</table>{code}{form}{back}", error, 200 if not error else 402)


def checkout_act(store: Store, key: str, form: dict[str, Any]) -> Response:
    """Do what the page of a session asks for. Raises Refusal."""
    with store.change():
        store.request = {"id": None, "idempotency_key": None}
        session = store.edit("checkout.session", key)
        if said(form, "act") == "code":
            if session["status"] != "open" or not session["allow_promotion_codes"]:
                raise wrong("This session takes no promotion codes.")
            session["_coupons"] = [list(discounts.by_word(store, said(form, "code")))]
            checkout.recount(store, session)
            return checkout_page(store, key)
        checkout.complete(store, key, *card_of(form), said(form, "email"), said(form, "name"))
        where = session["success_url"].replace("{CHECKOUT_SESSION_ID}", quote(key))
        return RedirectResponse(web_address(where), 303)


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
    rows += sum_row("Due", invoice["amount_remaining"], invoice["currency"])
    form = f'<form method="post">{CARD}<button name="act" value="pay">Pay</button></form>'
    body = f"<p>{day(invoice['created'])}, {invoice['status']}</p><table>{rows}</table>"
    return frame(f"Invoice {invoice['number']}", body + (form if invoice["status"] == "open" else ""), error)


def invoice_act(store: Store, key: str, form: dict[str, Any]) -> Response:
    """Pay an invoice with the card of its page; the customer keeps the card. Raises Refusal."""
    with store.change():
        store.request = {"id": None, "idempotency_key": None}
        invoice = store.get("invoice", key)
        method = payments.attach(store, payments.make_card(store, *card_of(form)), invoice["customer"])
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
