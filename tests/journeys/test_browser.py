"""The whole journey, with JavaScript and without: from signing up to a follow-up; and a stranger sees nothing."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from tests.journeys import steps, words
from tests.journeys.stack import Running

Visit = Callable[..., Page]
FILES = [
    {"name": "dam.md", "mimeType": "text/plain", "buffer": words.FILES["dam.md"]},
    {"name": "news.txt", "mimeType": "text/plain", "buffer": words.FILES["news.txt"]},
    {"name": "levels.csv", "mimeType": "text/csv", "buffer": words.FILES["levels.csv"]},
]
PATHS = (
    "/research", "/research/{run}", "/research/{run}/plan", "/research/{run}/report", "/research/{run}/report.pdf",
    "/research/{run}/report.json", "/research/{run}/sources", "/research/{run}/ask", "/approvals", "/datasets",
    "/datasets/library", "/live/runs/{run}", "/live/asks/{run}", "/settings/members",
)  # fmt: skip


@pytest.mark.parametrize("script", [True, False], ids=["with JavaScript", "without JavaScript"])
def test_from_signing_up_to_a_follow_up(script: bool, stack: Running, visit: Visit, tmp_path: Path) -> None:
    slug = "umbrella" if script else "hooli"
    page = visit(f"{stack.origin}/signup/", script=script, accept_downloads=True)
    sign_up(page, stack, f"{slug}@example.test")
    make_workspace(page, slug)
    upload(page, script=script)
    run = steps.ask(page, stack, slug=slug)
    edit_plan(page, script=script)
    steps.wait_for_draft(page, script=script)
    assert "1974" in page.locator("main").inner_text() and "How high" in stepped(page)
    live = steps.steady(page)
    page.reload()
    assert steps.steady(page) == live, "the live page differs from a fresh one"
    page.locator("#approval-accept").click()
    steps.until(page, page.get_by_role("link", name="Read the report"), script=script)
    page.get_by_role("link", name="Read the report").click()
    read(page, script=script)
    take(page, tmp_path)
    ask_on(page, run, script=script)


def sign_up(page: Page, stack: Running, email: str) -> None:
    page.fill("input[name=email]", email)
    page.fill("input[name=password1]", stack.password)
    page.get_by_role("button", name="Make an account").click()
    page.wait_for_url("**/new")
    steps.shows(page, f"Confirm {email}")
    link = re.search(r"http://\S+/confirm-email/\S+/", stack.mail(email, holds="/confirm-email/"))
    assert link is not None
    page.goto(link[0])
    page.get_by_role("button", name="Yes, confirm it").click()
    page.goto(f"{stack.origin}/workspaces")
    assert f"Confirm {email}" not in page.locator("main").inner_text()


def make_workspace(page: Page, slug: str) -> None:
    page.get_by_role("link", name="New workspace").first.click()
    page.fill("input[name=name]", slug.title())
    page.fill("input[name=slug]", slug)
    page.get_by_role("button", name="Make this workspace").click()
    page.wait_for_url(f"**://{slug}.*/research")


def upload(page: Page, *, script: bool) -> None:
    page.get_by_role("link", name="Datasets").first.click()
    page.get_by_role("link", name="Library").first.click()
    page.set_input_files("#upload-files", FILES)  # type: ignore[arg-type]
    if not script:
        page.get_by_role("button", name="Add these files").click()
    expect(page.locator("#document-list tbody tr")).to_have_count(3, timeout=20_000)
    page.get_by_role("link", name="Research").first.click()
    page.wait_for_url("**/research")


def edit_plan(page: Page, *, script: bool) -> None:
    steps.until(page, page.get_by_role("link", name="Read the whole plan"), script=script)
    page.get_by_role("link", name="Read the whole plan").click()
    page.locator("details.change summary").click()
    page.locator("input[name=part]").first.fill("How high is the Harrow dam, and when was it opened?")
    page.get_by_role("button", name="Accept and start").click()
    page.wait_for_url(re.compile(r"/research/run_\w+$"))


def stepped(page: Page) -> str:
    return page.locator("#run-timeline").inner_text() + page.locator("#run-draft").inner_text()


def read(page: Page, *, script: bool) -> None:
    steps.shows(page, "1974")
    mark = page.locator(".prose a.fn").first
    note = str(mark.get_attribute("href"))
    mark.click()
    expect(page.locator(f"details:has({note})").first if script else page.locator(note)).to_be_visible()


def take(page: Page, folder: Path) -> None:
    bodies = {
        name: steps.download(page, page.get_by_role("link", name=name, exact=True), folder / f"report.{name.lower()}")
        for name in ("PDF", "Markdown", "JSON", "HTML")
    }
    assert {name: body[:3].lower() for name, body in bodies.items()} == {
        "PDF": b"%pd", "Markdown": b"# " + bodies["Markdown"][2:3].lower(), "JSON": bodies["JSON"][:3].lower(),
        "HTML": b"<!d",
    }  # fmt: skip
    assert "1974" in steps.text_of_pdf(folder / "report.pdf")
    report = json.loads(bodies["JSON"])
    texts = {source["number"]: source["text"] for source in report["sources"]}
    cited = [c for sentence in report["sentences"] for c in sentence["citations"]]
    assert cited
    assert all(texts[c["source"]][c["start"] : c["end"]] == c["quote"] for c in cited)


def ask_on(page: Page, run: str, *, script: bool) -> None:
    page.get_by_role("link", name="Ask on", exact=True).click()
    page.fill("textarea[name=question]", "How much water does the dam hold?")
    page.get_by_role("button", name="Ask", exact=True).click()
    steps.until(page, page.locator("#ask-1 .prose a.fn"), script=script)
    assert "million cubic metres" in page.locator("#ask-1").inner_text()
    live = steps.steady(page)
    page.goto(f"{run}/ask")
    assert steps.steady(page) == live, "the live answer differs from a fresh one"


def test_the_stranger_gets_404_everywhere(stack: Running, visit: Visit) -> None:
    run = stack.made["runs"]["published"]
    page = visit(f"{stack.origin}/workspaces", "charlie")
    page.goto(f"{stack.origin}/enter/globex")
    page.wait_for_url("**://globex.*/research")
    assert page.goto(f"{stack.host('globex')}/research/{run}").status == 404  # type: ignore[union-attr]
    assert page.goto(f"{stack.origin}/enter/acme").status == 404  # type: ignore[union-attr]
    # The session of another workspace's host is no key to this one.
    cookie = next(c for c in page.context.cookies() if c["domain"] == "globex.localhost" and "session" in c["name"])
    page.context.add_cookies([{**cookie, "domain": "acme.localhost"}])  # type: ignore[typeddict-item]
    for path in PATHS:
        answer = page.goto(f"{stack.host()}{path.format(run=run)}")
        assert answer is not None and answer.status == 404, path
        assert "Harrow" not in page.content()
