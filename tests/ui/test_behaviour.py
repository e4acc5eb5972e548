"""What the pages do with JavaScript, on the real processes: the stream, the estimate, the notes, the theme, keys."""

from __future__ import annotations

import re
from collections.abc import Callable

import pytest
from playwright.sync_api import Page, Request, expect

from tests.journeys import steps
from tests.journeys.stack import Running

pytestmark = pytest.mark.sample_of_file(8)

Visit = Callable[..., Page]
HIDE = """(hidden) => {
  Object.defineProperty(document, 'hidden', {configurable: true, get: () => hidden});
  document.dispatchEvent(new Event('visibilitychange'));
}"""


def listen(page: Page) -> list[Request]:
    """Collect the connections that a page makes to its stream from now on."""
    made: list[Request] = []
    page.on("request", lambda request: made.append(request) if "/live/runs/" in request.url else None)
    return made


def waiting_run(stack: Running, visit: Visit) -> str:
    """Ask, and return the address of the run once it waits for its plan to be accepted."""
    page = visit("/research", "bob")
    run = steps.ask(page, stack)
    page.locator("#approval-accept").wait_for()
    return run


def test_a_stream_changes_parts_keeps_what_a_person_does_and_closes_at_the_end(stack: Running, visit: Visit) -> None:
    run = waiting_run(stack, visit)
    page, other = visit(run, "bob", width=390), visit(run, "alice")
    streams = listen(page)
    page.reload()
    page.locator("#run-graph summary").click()
    page.locator("#run-graph summary").focus()
    page.evaluate("document.querySelector('#run-timeline').same = true")
    page.evaluate("document.querySelector('#run-graph .scroll').scrollLeft = 120")
    top = page.evaluate("scrollY")
    steps.accept(other, script=True)
    steps.wait_for_draft(page, script=True)
    assert page.evaluate("document.activeElement.matches('#run-graph summary')")
    assert page.evaluate("document.querySelector('#run-graph details').open")
    assert page.evaluate("document.querySelector('#run-graph .scroll').scrollLeft") == 120
    assert page.evaluate("document.querySelector('#run-timeline').same") is True
    assert page.locator("main h1").count() == 1 and abs(page.evaluate("scrollY") - top) < 900
    steps.wait_for_draft(other, script=True)
    other.locator("#approval-accept").click()
    page.get_by_role("link", name="Read the report").wait_for()
    page.wait_for_timeout(2500)
    assert len(streams) == 1, "the stream did not end with the run"


def test_a_hidden_tab_closes_its_stream_and_a_shown_one_goes_on_from_the_last_event(
    stack: Running, visit: Visit
) -> None:
    run = waiting_run(stack, visit)
    page, other = visit("/approvals", "bob"), visit(run, "alice")
    streams = listen(page)
    with page.expect_response(re.compile("/live/runs/")):
        page.goto(run)
    page.wait_for_timeout(500)
    page.evaluate(HIDE, True)
    steps.accept(other, script=True)
    steps.wait_for_draft(other, script=True)
    assert "draft" not in page.locator("#approval-title").inner_text()
    page.evaluate(HIDE, False)
    steps.wait_for_draft(page, script=True)
    assert len(streams) == 2
    assert "last-event-id" in streams[1].all_headers()


def test_the_estimate_follows_the_typing_and_leaves_the_text_alone(visit: Visit) -> None:
    page = visit("/research", "bob")
    box = page.locator("textarea[data-question]")
    expect(page.locator("#estimate")).to_contain_text("The price appears here")
    box.press_sequentially("What does a heat pump cost?", delay=5)
    expect(page.locator("#estimate")).to_contain_text("About")
    before = page.locator("#estimate b").inner_text()
    page.get_by_label("Deep").check()
    expect(page.locator("#estimate b")).not_to_have_text(before)
    assert box.input_value() == "What does a heat pump cost?"


def test_choosing_documents_opens_the_list_with_css_alone(visit: Visit) -> None:
    page = visit("/research", "bob", script=False)
    expect(page.locator(".pick-list")).to_be_hidden()
    page.get_by_label("Only these").check()
    expect(page.locator(".pick-list")).to_be_visible()


@pytest.mark.parametrize("script", [True, False])
def test_a_sample_question_fills_the_box(script: bool, stack: Running, visit: Visit) -> None:
    page = visit(f"{stack.origin}/enter/globex", "charlie", script=script)
    sample = page.locator("[data-sample]").first
    said = sample.inner_text()
    sample.click()
    expect(page.locator("textarea[data-question]")).to_have_value(said)


def test_control_and_enter_send_the_question_once(visit: Visit) -> None:
    page = visit("/research", "bob")
    sent: list[str] = []
    page.on("request", lambda request: sent.append(request.url) if request.method == "POST" else None)
    page.locator("textarea[data-question]").fill("How high is the Harrow dam?")
    page.keyboard.press("Control+Enter")
    page.keyboard.press("Control+Enter")
    page.wait_for_url("**/research/run_*")
    assert sum(url.endswith("/research") for url in sent) == 1


def test_a_wrong_question_comes_back_with_a_summary_that_leads_to_the_field(visit: Visit) -> None:
    page = visit("/research", "bob", script=False)
    page.locator("textarea[data-question]").fill(" " * 9)
    page.get_by_role("button", name="Make a plan").click()
    link = page.locator("#error-summary a").first
    expect(link).to_contain_text("Question")
    link.click()
    assert page.url.endswith("#id_question")


def test_on_narrow_screens_a_numeral_opens_its_note_and_escape_returns(stack: Running, visit: Visit) -> None:
    page = visit(stack.run("published") + "/report", "bob", width=390)
    mark = page.locator(".prose a.fn").first
    mark.click()
    expect(page.locator(".pop")).to_be_visible()
    page.keyboard.press("Escape")
    expect(page.locator(".pop")).to_be_hidden()
    assert page.evaluate("document.activeElement.id") == mark.get_attribute("id")


@pytest.mark.parametrize("script", [True, False])
def test_on_wide_screens_a_numeral_opens_the_note_beside_it_and_leads_back(
    script: bool, stack: Running, visit: Visit
) -> None:
    page = visit(stack.run("published") + "/report", "bob", script=script)
    mark = page.locator(".prose a.fn").first
    mark.click()
    note = page.locator("details.note", has=page.locator(str(mark.get_attribute("href"))))
    expect(note).to_contain_text("sha256")
    expect(note.locator("a[data-back]")).to_be_visible()
    note.locator("a[data-back]").click()
    assert page.url.endswith(f"#{mark.get_attribute('id')}")


def test_a_numeral_can_be_hit_on_24_pixels_around_its_centre(stack: Running, visit: Visit) -> None:
    page = visit(stack.run("published") + "/report", "bob", width=390)
    hits = page.evaluate("""() => [...document.querySelectorAll('.prose .fn')].slice(0, 3).map((mark) => {
      mark.scrollIntoView({block: 'center'});
      const box = mark.getBoundingClientRect(), x = box.x + box.width / 2, y = box.y + box.height / 2;
      return [[0, 11], [0, -11], [11, 0], [-11, 0]].every(
        ([dx, dy]) => document.elementFromPoint(x + dx, y + dy) === mark);
    })""")
    assert hits[0] is True


def test_the_theme_is_kept_and_is_right_in_the_first_paint(visit: Visit) -> None:
    page = visit("/research", "bob")
    page.locator("[data-theme-toggle]").first.click()
    assert page.evaluate("document.documentElement.dataset.theme") == "dark"
    assert 'data-theme="dark"' in sent(page)
    page.context.add_cookies([{"name": "theme", "value": '"><script>', "url": page.url}])
    assert "data-theme=" not in sent(page).split("<head>")[0]


def sent(page: Page) -> str:
    """Return the page as the server sends it now."""
    answer = page.reload()
    assert answer is not None
    return answer.text()


def test_a_button_without_its_csrf_field_is_refused(stack: Running, visit: Visit) -> None:
    page = visit(stack.run("failed"), "bob")
    path = stack.run("failed").removeprefix(stack.host()) + "/resume"
    assert page.evaluate("(path) => fetch(path, {method: 'POST'}).then((answer) => answer.status)", path) == 403


def test_the_keyboard_reaches_the_content_first_and_menus_close_with_escape(visit: Visit) -> None:
    page = visit("/research", "bob")
    page.keyboard.press("Tab")
    assert page.evaluate("document.activeElement.className") == "skip"
    page.locator("details.menu.end summary").click()
    expect(page.get_by_role("button", name="Sign out")).to_be_visible()
    page.keyboard.press("Escape")
    expect(page.get_by_role("button", name="Sign out")).to_be_hidden()
