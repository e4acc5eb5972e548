"""What the pages share: their frame and look, amounts and days in words, forms and what they say."""

from __future__ import annotations

from datetime import UTC, datetime
from html import escape
from typing import Any

from starlette.responses import HTMLResponse, Response

from .errors import wrong

TITLE = "Test Stripe: no money moves"
POLICY = "default-src 'none'; style-src 'self'; base-uri 'none'; frame-ancestors 'none'"
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


def sum_row(words: str, amount: int, currency: str) -> str:
    """Return the row of a table's sum, cents."""
    return f"<tr><td><strong>{words}</strong></td><td><strong>{money(amount, currency)}</strong></td></tr>"


def web_address(url: str | None) -> str:
    """Return an address where it is one of the web."""
    return url if url and url.startswith(("http://", "https://")) else "#"


def said(form: dict[str, Any], name: str) -> str:
    """Return what a form says in a field, nothing where it has none."""
    value = form.get(name, "")
    return value[:500] if isinstance(value, str) else ""


def card_of(form: dict[str, Any]) -> tuple[str, int, int]:
    """Return the number, month and year of a form's card. Raises Refusal."""
    month, _, year = said(form, "expiry").replace(" ", "").partition("/")
    if not (month.isdecimal() and year.isdecimal() and len(month) <= 2 and len(year) in (2, 4)):
        raise wrong("Your card's expiry date is incomplete.", "expiry")
    number = said(form, "number").replace(" ", "").replace("-", "")
    return number, int(month), int(year) + (2000 if len(year) == 2 else 0)
