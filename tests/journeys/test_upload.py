"""Uploading in real Chromium on the real processes: progress, outcomes, drag and drop, lost connections; no script."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, Page, expect

from tests.journeys import browsers
from tests.journeys.stack import Running
from tests.library import hostile

pytestmark = pytest.mark.sample_of_file(5)

DAM = b"# The Harrow dam\n\nThe Harrow dam was opened on 4 May 1974. It holds 12.5 million cubic metres.\n"
DROP = """(zone, files) => {
  const transfer = new DataTransfer();
  for (const [name, text] of files) transfer.items.add(new File([text], name));
  for (const kind of ["dragenter", "dragover"]) {
    zone.dispatchEvent(new DragEvent(kind, {dataTransfer: transfer, bubbles: true, cancelable: true}));
  }
  const lit = zone.classList.contains("over");
  zone.dispatchEvent(new DragEvent("drop", {dataTransfer: transfer, bubbles: true, cancelable: true}));
  return lit;
}"""


def is_trouble(text: str) -> bool:
    """Say whether the policy refused a style or script; that it refuses to follow us to sign-in is its work."""
    return "Content Security" in text and "connect-src" not in text


@pytest.fixture
def page(browser: Browser, stack: Running) -> Iterator[Page]:
    """A dataset's page; whatever the browser complains about fails the test."""
    found = browsers.signed_in(browser, stack, "alice").new_page()
    troubles: list[str] = []
    found.on("pageerror", lambda error: troubles.append(str(error)))
    found.on("console", lambda said: troubles.append(said.text) if is_trouble(said.text) else None)
    found.goto(f"{stack.host('acme')}/datasets/ds_library")
    if "Datasets" not in found.title() and found.locator("form[data-upload]").count() == 0:
        found.goto(f"{stack.host('acme')}/datasets")
        found.goto(f"{stack.host('acme')}/datasets/ds_library")
    yield found
    assert troubles == []
    found.context.close()


def given(name: str, body: bytes) -> dict[str, object]:
    return {"name": name, "mimeType": "application/octet-stream", "buffer": body}


def line(page: Page, name: str):  # type: ignore[no-untyped-def]
    return page.locator("li.outcome", has_text=name)


def test_chosen_files_go_one_by_one_with_their_progress_and_outcome(page: Page) -> None:
    sent: list[str] = []
    page.on("request", lambda request: sent.append(request.url) if request.method == "POST" else None)
    page.evaluate("""() => { window.seen = [];
      new MutationObserver(() => { for (const bar of document.querySelectorAll("li progress"))
        window.seen.push(bar.hasAttribute("value") ? bar.value : "reading"); })
      .observe(document.querySelector("[data-list]"), {subtree: true, childList: true, attributes: true}); }""")
    big = b"The gate keeper wrote a line of words about it.\n" * 60_000
    page.set_input_files("#upload-files", [
        given("one.md", DAM), given("big.txt", big), given("macro.docm", hostile.word()), given("zero.txt", b""),
    ])  # fmt: skip
    expect(line(page, "one.md")).to_have_attribute("data-state", "added", timeout=9_000)
    expect(line(page, "big.txt")).to_have_attribute("data-state", "added", timeout=20_000)
    expect(line(page, "macro.docm")).to_contain_text("The file holds macros")
    expect(line(page, "zero.txt")).to_contain_text("The file is empty.")
    expect(page.locator("[data-status]")).to_have_text("Files: 4. Done: 2. Refused: 2.")
    expect(page.locator("#document-list")).to_contain_text("big.txt")
    assert len([url for url in sent if url.endswith("/datasets/files/outcome")]) == 4
    seen = page.evaluate("window.seen")
    assert 0 in seen and "reading" in seen
    page.reload()
    expect(page.locator("#document-list")).to_contain_text("one.md")


def test_dropped_files_are_added_and_the_zone_lights_up(page: Page) -> None:
    lit = page.locator("[data-drop]").evaluate(DROP, [["dropped.txt", "Words that were dropped."]])
    expect(line(page, "dropped.txt")).to_have_attribute("data-state", "added", timeout=9_000)
    assert lit is True
    assert "over" not in (page.locator("[data-drop]").get_attribute("class") or "")


def test_a_lost_connection_is_said_the_list_stays_and_retry_sends_again(page: Page) -> None:
    page.context.set_offline(True)
    page.set_input_files("#upload-files", [given("lost.txt", b"Words on their way.")])
    expect(line(page, "lost.txt")).to_contain_text("The connection was lost", timeout=9_000)
    expect(page.locator("[data-status]")).to_contain_text("There is no connection")
    page.context.set_offline(False)
    line(page, "lost.txt").get_by_role("button", name="Retry").click()
    expect(line(page, "lost.txt")).to_have_attribute("data-state", "added", timeout=9_000)


def test_a_server_that_fails_is_said_and_retry_sends_again(page: Page) -> None:
    page.route("**/outcome", lambda route: route.fulfill(status=503, body="down"))
    page.set_input_files("#upload-files", [given("down.txt", b"Words for a server.")])
    expect(line(page, "down.txt")).to_contain_text("(503)")
    page.unroute("**/outcome")
    line(page, "down.txt").get_by_role("button", name="Retry").click()
    expect(line(page, "down.txt")).to_have_attribute("data-state", "added", timeout=9_000)


def test_who_was_signed_out_meanwhile_is_told_so(page: Page) -> None:
    page.context.clear_cookies()
    page.set_input_files("#upload-files", [given("late.txt", b"Words that come late.")])
    expect(line(page, "late.txt")).to_contain_text("You are signed out", timeout=9_000)


def test_a_file_above_the_limit_is_not_sent(page: Page, tmp_path: Path) -> None:
    sent: list[str] = []
    page.on("request", lambda request: sent.append(request.url) if request.method == "POST" else None)
    large = tmp_path / "large.txt"
    large.write_bytes(b"words " * 4_300_000)
    page.set_input_files("#upload-files", large)
    expect(line(page, "large.txt")).to_contain_text("larger than 25 MB")
    expect(line(page, "large.txt").get_by_role("button")).to_be_hidden()
    assert sent == []


def test_a_name_that_is_markup_is_shown_as_a_name(page: Page) -> None:
    name = "<img src=x onerror=document.title='run'>.txt"
    page.locator("[data-drop]").evaluate(DROP, [[name, "Words in a file."]])
    expect(line(page, "onerror")).to_have_attribute("data-state", "added", timeout=9_000)
    assert page.locator("li.outcome img").count() == 0
    assert page.title() != "run"


def test_a_new_version_shows_itself_and_deleting_has_its_undo(page: Page) -> None:
    page.set_input_files("#upload-files", [given("steps.txt", b"The first words.")])
    expect(line(page, "steps.txt")).to_have_attribute("data-state", "added", timeout=9_000)
    line(page, "steps.txt").get_by_role("link").click()
    page.set_input_files("#upload-files", [given("other.txt", b"The second words.")])
    expect(page.locator("#text")).to_contain_text("The second words.", timeout=9_000)
    with page.expect_download() as arriving:
        page.get_by_role("link", name="Download the original of version 1").click()
    assert arriving.value.suggested_filename == "steps.txt"
    page.get_by_role("button", name="Delete this document").click()
    page.get_by_role("button", name="Undo").click()
    expect(page.locator("#text")).to_contain_text("The second words.")


def test_it_all_works_without_javascript(browser: Browser, stack: Running) -> None:
    page = browsers.signed_in(browser, stack, "alice", java_script_enabled=False).new_page()
    page.goto(f"{stack.host('acme')}/datasets")
    page.fill("#id_name", "Papers of the harbour")
    page.get_by_role("button", name="Create the dataset").click()
    page.set_input_files("#upload-files", [given("plain.md", DAM), given("run.exe", b"MZ\x00\x00")])
    page.get_by_role("button", name="Add these files").click()
    assert line(page, "plain.md").get_attribute("data-state") == "added"
    assert "runs as a program" in line(page, "run.exe").inner_text()
    assert page.url.endswith("#upload")
    page.locator("#document-list a").first.click()
    assert "opened on 4 May 1974" in page.locator("#text").inner_text()
    page.get_by_role("button", name="Delete this document").click()
    page.get_by_role("button", name="Undo").click()
    assert "opened on 4 May 1974" in page.locator("#text").inner_text()
    page.context.close()


@pytest.mark.sample(1)
@pytest.mark.parametrize("width", [1440, 390, 320])
def test_the_pages_have_no_barrier_while_files_are_listed(page: Page, width: int) -> None:
    page.set_viewport_size({"width": width, "height": 900})
    page.set_input_files("#upload-files", [given(f"bar{width}.txt", b"A few words."), given("bad.pdf", b"no")])
    expect(line(page, "bad.pdf")).to_have_attribute("data-state", "refused", timeout=9_000)
    assert page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth") <= 0
    found = Axe().run(page, options={"runOnly": ["wcag2a", "wcag2aa", "wcag21aa", "wcag22aa"]}).response["violations"]
    assert [(one["id"], [node["html"][:120] for node in one["nodes"]]) for one in found] == []
