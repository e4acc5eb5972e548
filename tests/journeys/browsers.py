"""Chromium for the journeys: contexts that are signed in already, and what the browser complains about."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager

from playwright.sync_api import Browser, BrowserContext, Page, sync_playwright

from tests.journeys.stack import Running

# The same engine as Chromium, a third of its work: no windows, no profile, no second process for the start.
PROGRAM = "/usr/bin/chromium-headless-shell"
FLAGS = [
    "--no-sandbox", "--disable-gpu", "--disable-background-networking", "--disable-component-update",
    "--disable-sync", "--no-first-run", "--disable-quic",
]  # fmt: skip
# What a person reads in the console when a page answers with 403, 404 or 422 on purpose.
EXPECTED = ("the server responded with a status of 4",)


@contextmanager
def chromium() -> Iterator[Browser]:
    """Start Chromium; yield it."""
    # Playwright's loop must not make Django believe that this thread is asynchronous.
    os.environ["DJANGO_ALLOW_ASYNC_UNSAFE"] = "1"
    with sync_playwright() as playwright:
        started = playwright.chromium.launch(executable_path=PROGRAM, args=FLAGS)
        yield started
        started.close()


def signed_in(browser: Browser, stack: Running, person: str = "", **more: object) -> BrowserContext:
    """Return a context with this person's sessions on every host they belong to; without a name nobody's."""
    context = browser.new_context(**({"locale": "en-GB"} | more))  # type: ignore[arg-type]
    context.set_default_timeout(20_000)
    for host, key in stack.made["sessions"].get(person, {}).items():
        domain = "localhost" if host == "apex" else f"{host}.localhost"
        context.add_cookies([{"name": "footnote_session", "value": key, "domain": domain, "path": "/"}])
    return context


def listen(page: Page, complaints: list[str]) -> Page:
    """Collect errors, warnings and broken promises of a page's console."""
    page.on("console", lambda line: _hear(complaints, line.type, line.text))
    page.on("pageerror", lambda error: complaints.append(str(error)))
    return page


def _hear(complaints: list[str], kind: str, text: str) -> None:
    if kind in {"error", "warning"} and not any(part in text for part in EXPECTED):
        complaints.append(text)


def log_in(page: Page, stack: Running, email: str, password: str = "") -> Page:
    """Sign in as a person does, by the form."""
    page.goto(f"{stack.origin}/login/")
    page.fill("input[name=login]", email)
    page.fill("input[name=password]", password or stack.password)
    page.click("main form.block button[type=submit]")
    page.wait_for_url("**/workspaces*")
    return page
