"""What htmx 4 needs from a view: a fragment, a toast, a redirect, one message of a live stream."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Mapping
from typing import Any

from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.utils.cache import patch_vary_headers
from django.utils.html import format_html
from django.utils.safestring import SafeString, mark_safe

BETWEEN_TAGS = re.compile(r">\s*\n\s*<")


def fragment(
    request: HttpRequest, template: str, context: Mapping[str, Any] | None = None, *, status: int = 200
) -> HttpResponse:
    """Render the fragment file `template`; the answer is never stored and varies by HX-Request."""
    response = render(request, template, dict(context or {}), status=status)
    response["Cache-Control"] = "no-store"
    patch_vary_headers(response, ["HX-Request"])
    return response


def toast(response: HttpResponse, text: str) -> HttpResponse:
    """Make the page say `text` once; a toast or event that is already on the response stays."""
    present = response.headers.get("HX-Trigger", "")
    if present.startswith("{"):
        events = json.loads(present)
    else:
        events = {name.strip(): True for name in present.split(",") if name.strip()}
    events["toast"] = {"text": text}
    response["HX-Trigger"] = json.dumps(events)
    return response


def go(request: HttpRequest, url: str) -> HttpResponse:
    """Send the browser to `url`, whether htmx or the browser itself asked."""
    if request.headers.get("HX-Request") == "true":
        return HttpResponse(status=204, headers={"HX-Redirect": url})
    return HttpResponseRedirect(url)


def partial(target: str, html: str, *, swap: str = "outerMorph") -> SafeString:
    """Wrap rendered `html` so that htmx puts it in place of the element with the id `target`."""
    return format_html(
        '<hx-partial hx-target="#{}" hx-swap="{}">{}</hx-partial>',
        target,
        swap,
        mark_safe(html),
    )


def message(sequence: int | None, parts: Iterable[str], *, event: str = "") -> bytes:
    """Encode one server-sent message: `sequence` becomes its id, `parts` its data, `event` its name.

    htmx swaps a message without a name and turns a named one into a DOM event (`done` closes the stream).
    """
    lines = [] if sequence is None else [f"id: {sequence}"]
    if event:
        lines.append(f"event: {event}")
    body = "\n".join(parts).replace("\r\n", "\n").replace("\r", "\n")
    # Each line is a field of its own on the wire. Between two tags a line break is only a space.
    body = BETWEEN_TAGS.sub("> <", body)
    lines += [f"data: {line}" for line in body.split("\n")]
    return ("\n".join(lines) + "\n\n").encode()


def heartbeat() -> bytes:
    """Encode the comment that keeps an idle stream open."""
    return b": still here\n\n"
