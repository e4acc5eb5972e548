"""Take the pictures of the README anew, from a demonstration that runs.

FOOTNOTE_WEB_PORT=8321 make demo
.venv/bin/python -m tests.docs.pictures http://localhost:8321
"""

from __future__ import annotations

import io
import sys

from PIL import Image
from playwright.sync_api import Page, expect

from tests.docs.pages import ROOT
from tests.journeys.browsers import chromium

QUESTION = "What did the North Loop cost?"
FURTHER = "Why is the company's own figure lower than the auditor's?"
WIDTH = 1280


def keep(page: Page, name: str, *, down_to: str) -> None:
    """Keep what is to be seen down to the end of an element, as small as it can be without changing a colour."""
    page.evaluate("document.activeElement.blur(); scrollTo(0, 0)")
    page.mouse.move(WIDTH - 240, 4)
    page.wait_for_timeout(300)
    box = page.locator(down_to).first.bounding_box()
    assert box is not None
    end = box["y"] + box["height"] + 16
    taken = page.screenshot(clip={"x": 0, "y": 0, "width": WIDTH, "height": end}, full_page=True)
    Image.open(io.BytesIO(taken)).convert("RGB").save(ROOT / "docs" / "pictures" / f"{name}.png", optimize=True)


def take(page: Page, origin: str) -> None:
    """Sign in as the owner, ask, and keep the run that waits, its report, and a further question about it."""
    page.goto(f"{origin}/login/")
    page.fill("input[name=login]", "owner@demo.example")
    page.fill("input[name=password]", "footnote-demo")
    page.click("main button[type=submit]")
    page.get_by_role("link", name="Demo").click()
    page.goto(page.url.replace("/research", "/notices"))
    page.get_by_role("button", name="Mark all as read").click()
    page.get_by_role("link", name="Research", exact=True).click()
    page.fill("textarea[name=question]", QUESTION)
    page.locator("#ask button.pri").click()
    page.locator("#approval-accept").click(timeout=20_000)
    expect(page.locator("#approval-title")).to_contain_text("draft", timeout=30_000)
    page.reload()
    for number in (0, 2):
        page.locator("aside .note summary").nth(number).click()
    keep(page, "run", down_to=".approval")
    page.locator("#approval-accept").click()
    page.get_by_role("link", name="Read the report").click(timeout=20_000)
    page.wait_for_load_state("networkidle")
    keep(page, "report", down_to=".sides")
    page.get_by_role("link", name="Ask on").click()
    page.fill("textarea[name=question]", FURTHER)
    page.locator("main form.block button[type=submit]").click()
    expect(page.locator("#ask-1 .margin .note").first).to_be_visible(timeout=20_000)
    page.reload()
    page.locator(".margin .note summary").first.click()
    keep(page, "ask", down_to="form.block")


def main(origin: str) -> None:
    """Take the pictures."""
    with chromium() as browser:
        context = browser.new_context(viewport={"width": WIDTH, "height": 900}, color_scheme="light", locale="en-GB")
        take(context.new_page(), origin)


if __name__ == "__main__":
    main(sys.argv[1])
