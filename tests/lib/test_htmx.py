"""Fragments, toasts, redirects and messages of a stream."""

from __future__ import annotations

import json

import pytest
from django.http import HttpResponse
from django.test import RequestFactory

from apps.lib import htmx


def _read(stream: bytes) -> dict[str, str]:
    """Read one message as a browser would."""
    found: dict[str, list[str]] = {}
    for line in stream.decode().split("\n"):
        if line and not line.startswith(":"):
            name, _, value = line.partition(":")
            found.setdefault(name, []).append(value.removeprefix(" "))
    return {name: "\n".join(values) for name, values in found.items()}


@pytest.mark.parametrize("html", ["<p>a</p>", "one\ntwo\n\nthree", "a\r\nb\rc", "", "data: x\nid: 9", " leading"])
def test_a_message_arrives_as_it_was_sent(html: str) -> None:
    read = _read(htmx.message(7, [html]))
    assert read["id"] == "7"
    assert read["data"] == html.replace("\r\n", "\n").replace("\r", "\n")
    assert "event" not in read


def test_a_message_ends_with_one_empty_line_only() -> None:
    stream = htmx.message(1, ["a\n\nb", "c"])
    assert stream.count(b"\n\n") == 1
    assert stream.endswith(b"\n\n")


def test_a_named_message_closes_and_a_heartbeat_is_a_comment() -> None:
    assert _read(htmx.message(None, ["end"], event="done")) == {"event": "done", "data": "end"}
    assert htmx.heartbeat().startswith(b":")


def test_a_partial_escapes_its_target_and_keeps_its_html() -> None:
    assert (
        htmx.partial("run-facts", "<b>1</b>")
        == '<hx-partial hx-target="#run-facts" hx-swap="outerMorph"><b>1</b></hx-partial>'
    )
    assert '"><script>' not in htmx.partial('"><script>', "")


def test_a_toast_joins_what_the_response_already_says() -> None:
    response = HttpResponse()
    response["HX-Trigger"] = "saved, counted"
    htmx.toast(response, "Für immer gelöscht")
    htmx.toast(response, "Zweitens")
    assert response["HX-Trigger"].isascii()
    assert json.loads(response["HX-Trigger"]) == {"saved": True, "counted": True, "toast": {"text": "Zweitens"}}


def test_a_redirect_reaches_htmx_and_the_browser() -> None:
    plain = htmx.go(RequestFactory().get("/"), "/research")
    assert (plain.status_code, plain["Location"]) == (302, "/research")
    asked = htmx.go(RequestFactory().get("/", headers={"HX-Request": "true"}), "/research")
    assert (asked.status_code, asked["HX-Redirect"]) == (204, "/research")
    assert not asked.has_header("Location")
