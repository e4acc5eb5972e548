"""What everybody sees on the way: the headers of every answer, pages that say no, mails in one voice."""

from __future__ import annotations

import html
import re
from datetime import UTC, datetime
from pathlib import Path

import pytest
from allauth.account.adapter import get_adapter
from django.conf import settings
from django.db import connection
from django.template.loader import render_to_string
from django.test import Client, RequestFactory, override_settings
from django.test.utils import CaptureQueriesContext
from django.utils import translation

from apps.accounts import middleware, rules
from apps.accounts.actions import letters
from apps.messaging import cards
from apps.messaging import rules as kinds
from tests.accounts.conftest import Browser, apex, text
from tests.conftest import Cast

TEMPLATES = Path(settings.BASE_DIR) / "templates"
PUBLIC = (
    "/", "/login/", "/signup/", "/password/reset/", "/nothing-here", "/favicon.ico", "/site.webmanifest",
    "/static/css/app.css", "/join/x", "/r/x", "/livez",
)  # fmt: skip
# What is no page holds nothing that a policy could hold.
FILES = ("/livez", "/favicon.ico", "/site.webmanifest")
OWN = ("/workspaces", "/new", "/settings/profile", "/settings/security/", "/settings/sessions", "/settings/data")
WORKSPACE = (
    "/research", "/research/new", "/research/deleted", "/approvals", "/datasets", "/datasets/ds_library", "/notices",
    "/settings/general", "/settings/members", "/settings/teams", "/settings/record", "/settings/notifications",
    "/billing", "/policies", "/policies/tools", "/research/run_x", "/nothing-here",
)  # fmt: skip
SAID = {
    "X-Content-Type-Options": "nosniff", "Referrer-Policy": "same-origin", "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
}  # fmt: skip
POLICY = ("default-src 'self'", "script-src 'self'", "style-src 'self'", "object-src 'none'", "base-uri 'none'",
          "frame-ancestors 'none'")  # fmt: skip


@override_settings(SECURE_HSTS_SECONDS=31_536_000, SECURE_HSTS_INCLUDE_SUBDOMAINS=True)
def test_every_answer_tells_the_browser_what_it_may_not_do(cast: Cast) -> None:
    browser = Browser(cast.alice)
    visits = [(apex(), path) for path in PUBLIC] + [(browser.apex, path) for path in OWN]
    visits += [(browser.on(cast.acme_host), path) for path in WORKSPACE]
    wrong = []
    for client, path in visits:
        answer = client.get(path, secure=True)
        wrong += [f"{path}: {name}" for name, value in SAID.items() if answer.headers.get(name) != value]
        policy = answer.headers.get("Content-Security-Policy", "")
        if path not in FILES and not path.startswith("/static"):
            wrong += [f"{path}: {part}" for part in POLICY if part not in policy.split("; ")]
            wrong += [f"{path}: {bad}" for bad in ("unsafe-inline", "unsafe-eval", "*;", "http:") if bad in policy]
        hsts = answer.headers.get("Strict-Transport-Security", "")
        wrong += [] if "includeSubDomains" in hsts else [f"{path}: may be asked for in the open"]
        wrong += [] if "camera=()" in answer.headers.get("Permissions-Policy", "") else [f"{path}: permissions"]
        if answer.headers.get("Content-Type", "").startswith("text/html"):
            found = re.findall(r"<script(?![^>]*\bsrc=)[^>]*>|\sstyle=\"|\son\w+=\"", answer.content.decode())
            wrong += [f"{path}: {each}" for each in found]
        # A file is closed by hand: the answer's own way would close the test's connection as well.
        for close in answer._resource_closers if answer.streaming else ():
            close()
    assert wrong == []


def test_a_page_that_says_no_says_why_what_to_do_and_its_number(cast: Cast, tmp_path: Path) -> None:
    request = RequestFactory().get("/")
    request.id = "0123abcd"
    views = {400: middleware.bad_request, 403: middleware.no_permission, 500: middleware.broken}
    for language in ("en", "ar"):
        with translation.override(language), CaptureQueriesContext(connection) as asked:
            pages = {status: view(request) for status, view in views.items()}
            pages[429] = render_to_string("429.html", {"request_id": request.id})
        assert len(asked) == 0, "no page that says no asks the database"
        for status, page in pages.items():
            content = page if isinstance(page, str) else page.content.decode()
            assert "0123abcd" in content and str(status) in content and 'href="/"' in content
            assert f'lang="{language}"' in content
    strict = Client(enforce_csrf_checks=True, headers={"host": settings.APEX_HOST})
    refused = strict.post("/login/", {"login": "x", "password": "y"})
    assert refused.status_code == 403 and "open too long" in text(refused)
    flag = tmp_path / "maintenance"
    with override_settings(MAINTENANCE_FILE=flag):
        assert apex().get("/login/").status_code == 200
        flag.write_text("Back at <b>noon</b>.")
        with CaptureQueriesContext(connection) as asked:
            closed = apex().get("/login/", headers={"accept-language": "en"})
        assert closed.status_code == 503 and "Back at <b>noon</b>." in text_of(closed.content) and len(asked) == 0
        assert b"<b>noon" not in closed.content and closed["Retry-After"] and apex().get("/livez").status_code == 200


def text_of(content: bytes) -> str:
    """Return a page with its entities read."""
    return html.unescape(content.decode())


NOW = datetime(2026, 3, 1, tzinfo=UTC)
URL = "http://localhost:8000/somewhere"
CONTEXT = {
    "activate_url": URL, "password_reset_url": URL, "signup_url": URL, "code": "ABC-DEF", "timestamp": NOW,
    "ip": "127.0.0.1", "user_agent": "A browser", "from_email": "a@x.test", "to_email": "b@x.test",
    "deleted_email": "a@x.test", "provider": "GitHub", "email": "a@x.test", "link": URL, "days": 7, "at": NOW,
    "inviter": "Ada <b>", "workspace": "Acme & Co", "role": "viewer",
}  # fmt: skip


@pytest.mark.parametrize("language", ["en", "ar"])
def test_every_mail_is_text_and_html_in_one_voice_and_calls_nobody(language: str) -> None:
    mails: dict[str, tuple[str, str]] = {}
    with translation.override(language):
        for path in sorted(TEMPLATES.glob("*/email/*_message.txt")):
            if path.name != "base_message.txt":
                prefix = str(path.relative_to(TEMPLATES)).removesuffix("_message.txt")
                made = get_adapter().render_mail(prefix, "a@x.test", CONTEXT)
                mails[prefix] = made.body, made.alternatives[0][0]
        for path in sorted((TEMPLATES / "accounts/mail").glob("*.txt")):
            said = render_to_string(f"accounts/mail/{path.name}", CONTEXT)
            mails[path.name] = said, letters.dress(said, title="A title")
    for kind in kinds.KINDS:
        facts = cards.Facts(
            kind, "Dam\n\nhttp://evil.test/x\n<script>", "Acme", "http://acme.localhost:8000", "run_1",
            "apr_1" if kind == "waits" else "", 1, by="Bob", reason="Too\n> long", mark=75, expires_at=NOW,
        )  # fmt: skip
        card = cards.compose(facts, language)
        mails[kind] = card.text, card.html
    assert len(mails) >= 30
    for name, (plain, page) in mails.items():
        assert f'<html lang="{language}"' in page and "Footnote" in page, name
        assert not re.search(r"<img|<script|<link|src=|url\(|@import", page), f"{name} calls somebody"
        links = re.findall(r'href="([^"]*)"', page)
        assert all(letters.is_ours(html.unescape(link)) for link in links), f"{name}: {links}"
        assert all(letters.is_ours(link) for link in re.findall(r"^https?://\S+$", plain, re.M)), name
        assert "prefers-color-scheme:dark" in page and "<b>" not in page and "{{" not in plain, name
        assert plain.count("Footnote") >= 1 and not re.search(r"\n{4}", plain), f"{name}: {plain!r}"


def test_only_addresses_of_ours_become_links_in_a_mail() -> None:
    said = "Go:\nhttp://evil.test/\n\nhttp://localhost.evil.test/\n\nOpen:\nhttp://acme.localhost/x\n\n-- \nMore: http://x.test/"
    page = letters.dress(said, title="T")
    assert re.findall(r'href="([^"]*)"', page) == ["http://acme.localhost/x"]
    assert rules.GONE_HOST.endswith(".invalid")
