"""What a person does in a browser, with JavaScript or without."""

from __future__ import annotations

import subprocess
from pathlib import Path

from playwright.sync_api import Locator, Page, expect

from tests.journeys import words
from tests.journeys.stack import Running


def until(page: Page, sign: Locator, *, script: bool) -> None:
    """Wait for a sign on a live page: it appears by itself, or after pressing Refresh."""
    if script:
        sign.first.wait_for(timeout=40_000)
        return
    for _again in range(150):
        if sign.count():
            return
        refresh = page.get_by_role("link", name="Refresh")
        if refresh.count():
            refresh.click()
        else:
            page.reload()
        page.wait_for_timeout(150)
    raise AssertionError(page.locator("main").inner_text())


def ask(page: Page, stack: Running, question: str = words.QUESTION, *, mode: str = "", slug: str = "acme") -> str:
    """Ask a question of all documents by the form, and return the address of its run."""
    if page.url != f"{stack.host(slug)}/research":
        page.goto(f"{stack.host(slug)}/research")
    page.fill("textarea[name=question]", question)
    if mode:
        page.get_by_label(mode).check()
    page.locator("#ask button.pri").click()
    page.wait_for_url("**/research/run_*")
    return page.url


def accept(page: Page, *, script: bool) -> None:
    """Wait for what a run asks for and accept it."""
    until(page, page.locator("#approval-accept"), script=script)
    page.locator("#approval-accept").click()


def wait_for_draft(page: Page, *, script: bool) -> None:
    """Wait until the run has a draft and asks whether to publish it."""
    until(page, page.locator("#approval-title", has_text="draft"), script=script)


def download(page: Page, link: Locator, to: Path) -> bytes:
    """Press a link, keep the file it brings, and return its bytes."""
    with page.expect_download() as arriving:
        link.click()
    arriving.value.save_as(to)
    return to.read_bytes()


def text_of_pdf(path: Path) -> str:
    """Return what a PDF says."""
    return subprocess.run(["pdftotext", "-layout", str(path), "-"], check=True, capture_output=True, text=True).stdout


def steady(page: Page) -> list[str]:
    """Return the lines of a page without those that count the time."""
    lines = page.locator("main").inner_text().splitlines()
    return [line for line in lines if "Expires in" not in line and line.strip()]


def shows(page: Page, said: str) -> None:
    """Expect a page to say something."""
    expect(page.locator("main")).to_contain_text(said, timeout=20_000)
