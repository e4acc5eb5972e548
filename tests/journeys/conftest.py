"""The stack, one browser, and pages that complain."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import pytest
from playwright.sync_api import Browser, BrowserContext, Page

from tests.journeys import browsers
from tests.journeys.stack import Running, shared


@pytest.fixture(scope="session")
def stack() -> Iterator[Running]:
    """Everything, running and filled."""
    with shared() as served:
        yield served


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    """One browser for the tests of a file."""
    with browsers.chromium() as started:
        yield started


@pytest.fixture
def visit(browser: Browser, stack: Running) -> Iterator[Callable[..., Page]]:
    """Open an address as somebody; whatever the browser complains about in its console fails the test."""
    contexts: list[BrowserContext] = []
    complaints: list[str] = []

    def go(url: str, person: str = "", *, script: bool = True, width: int = 1440, **more: object) -> Page:
        options = {"viewport": {"width": width, "height": 900}, "java_script_enabled": script} | more
        context = browsers.signed_in(browser, stack, person, **options)
        contexts.append(context)
        page = browsers.listen(context.new_page(), complaints)
        page.goto(url if "://" in url else stack.host() + url, wait_until="load")
        return page

    yield go
    for context in contexts:
        context.close()
    assert complaints == []
