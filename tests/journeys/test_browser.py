"""In real Chromium, on the real processes: log in, ask, watch, approve, read, download; a stranger sees nothing."""

from __future__ import annotations

import json
import os
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, expect, sync_playwright

from tests.journeys.stack import Running, running

FLAGS = [
    "--no-sandbox", "--disable-gpu", "--disable-background-networking", "--disable-component-update",
    "--disable-sync", "--no-first-run", "--disable-quic",
]  # fmt: skip
QUESTION = "When was the Harrow dam opened and how much water does it hold?"


@pytest.fixture(scope="module")
def stack(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Running]:
    with running(tmp_path_factory.mktemp("stack")) as served:
        yield served


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    # Playwright's loop must not make Django believe that this thread is asynchronous.
    os.environ["DJANGO_ALLOW_ASYNC_UNSAFE"] = "1"
    with sync_playwright() as playwright:
        chromium = playwright.chromium.launch(executable_path="/usr/bin/chromium", args=FLAGS)
        yield chromium
        chromium.close()


def sign_in(browser: Browser, stack: Running, email: str, **more: object) -> Page:
    page = browser.new_context(**more).new_page()
    page.goto(f"{stack.origin}/login/")
    page.fill("input[name=login]", email)
    page.fill("input[name=password]", stack.password)
    page.click("main button[type=submit]")
    page.wait_for_url("**/workspaces")
    return page


def test_a_member_asks_watches_approves_reads_and_downloads(browser: Browser, stack: Running, tmp_path: Path) -> None:
    page = sign_in(browser, stack, "alice@example.test")
    troubles: list[str] = []
    page.on("console", lambda line: troubles.append(line.text) if line.type == "error" else None)
    page.on("response", lambda answer: troubles.append(answer.url) if answer.status >= 400 else None)
    page.get_by_role("link", name="Acme").click()
    page.wait_for_url("**/research")
    page.fill("textarea[name=question]", QUESTION)
    expect(page.locator("#estimate b")).to_contain_text("credits")
    page.set_input_files("input[name=uploads]", [{"name": n, "mimeType": "text/plain", "buffer": b} for n, b in DOCS])
    page.locator("#ask button.pri").click()
    page.locator("#approval-accept").click(timeout=20_000)
    expect(page.locator("#approval-title")).to_contain_text("draft", timeout=30_000)
    live = page.locator("main").inner_text()
    page.reload()
    assert _steady(page.locator("main").inner_text()) == _steady(live), "the live page differs from a fresh one"
    page.locator("#approval-accept").click()
    page.get_by_role("link", name="Read the report").click(timeout=20_000)
    expect(page.locator(".prose").first).to_contain_text("1974")
    mark = page.locator(".prose a.fn").first
    note = mark.get_attribute("href")
    mark.click()
    expect(page.locator(f"{note} , details{note}").first).to_be_visible()
    for name, begins in (("PDF", b"%PDF"), ("Markdown", b"# "), ("JSON", b"{"), ("HTML", b"<!doctype")):
        with page.expect_download() as arriving:
            page.get_by_role("link", name=name, exact=True).click()
        arriving.value.save_as(tmp_path / name)
        assert (tmp_path / name).read_bytes().startswith(begins)
    report = json.loads((tmp_path / "JSON").read_text())
    texts = {source["number"]: source["text"] for source in report["sources"]}
    cited = [c for sentence in report["sentences"] for c in sentence["citations"]]
    assert cited
    assert all(texts[c["source"]][c["start"] : c["end"]] == c["quote"] for c in cited)
    assert troubles == []


DOCS = [
    ("dam.md", b"# The Harrow dam\n\nThe Harrow dam was opened on 4 May 1974. It holds 12.5 million cubic metres.\n"),
    ("news.txt", b"Courier, 12 March 2019\n\nThe Harrow dam holds 13.1 million cubic metres of water, it was said.\n"),
]


def _steady(text: str) -> list[str]:
    """Lines without those that count down."""
    return [line for line in text.splitlines() if "Expires in" not in line and line.strip()]


def test_the_whole_journey_works_without_javascript(browser: Browser, stack: Running) -> None:
    page = sign_in(browser, stack, "alice@example.test", java_script_enabled=False)
    page.get_by_role("link", name="Acme").click()
    page.fill("textarea[name=question]", QUESTION)
    page.locator("#ask button.pri").click()
    for _ in range(2):
        for _wait in range(60):
            if page.locator("#approval-accept").count():
                break
            page.wait_for_timeout(300)
            page.reload()
        page.locator("#approval-accept").click()
    for _wait in range(60):
        if page.get_by_role("link", name="Read the report").count():
            break
        page.wait_for_timeout(300)
        page.reload()
    page.get_by_role("link", name="Read the report").click()
    assert "1974" in page.locator("main").inner_text()


def test_the_stranger_gets_404_everywhere(browser: Browser, stack: Running) -> None:
    alice = sign_in(browser, stack, "alice@example.test")
    alice.goto(f"{stack.host('acme')}/research")
    alice.wait_for_url("**/research")
    run = alice.locator("#run-list a.title").first.get_attribute("href").split("/")[2]
    page = sign_in(browser, stack, "charlie@example.test")
    page.goto(f"{stack.host('globex')}/research")
    assert page.goto(f"{stack.host('globex')}/research/{run}").status == 404
    for path in PATHS:
        answer = page.goto(f"{stack.host('acme')}{path.format(run=run)}")
        assert answer.status == 404, path
        assert "Harrow" not in page.content()


PATHS = (
    "/research", "/research/{run}", "/research/{run}/plan", "/research/{run}/report", "/research/{run}/report.pdf",
    "/research/{run}/report.json", "/research/{run}/sources", "/approvals", "/documents", "/live/runs/{run}",
)  # fmt: skip
