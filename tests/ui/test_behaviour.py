"""What the pages do: the live stream, the estimate, the notes, the theme, and all of it without JavaScript."""

from __future__ import annotations

import json
import re
from collections.abc import Callable

import pytest
from playwright.sync_api import Page, expect

HIDE = """(hidden) => {
  Object.defineProperty(document, 'hidden', {configurable: true, get: () => hidden});
  document.dispatchEvent(new Event('visibilitychange'));
}"""


def connections(page: Page, run: str) -> list[str | None]:
    """The Last-Event-ID of every connection to the stream of `run` so far."""
    return json.loads(page.request.get(f"/seen/{run}").text())  # type: ignore[no-any-return]


def test_events_change_parts_of_the_page_and_done_closes_the_stream(visit: Callable[..., Page]) -> None:
    page = visit("/research/script-a")
    page.evaluate("document.querySelector('#run-timeline').dataset.same = 'yes'")
    expect(page.locator("#run-status")).to_have_text("Event 6 of 6.", timeout=10_000)
    expect(page.locator("#approval-accept")).to_be_visible()
    expect(page.locator("#run-facts")).to_contain_text("Waiting for approval")
    assert page.locator("#run-timeline tbody tr").count() == 8
    assert page.locator("main h1").count() == 1
    page.wait_for_timeout(1500)
    assert connections(page, "script-a") == [None]
    page.locator("#approval-reason").fill("The permits are current.")
    page.locator("#approval-accept").click()
    sent = json.loads(page.locator("body").inner_text())["sent"]
    assert sent["decision"] == ["accept"]
    assert sent["reason"] == ["The permits are current."]
    assert sent["approval"] == ["apr_01JCK4"]


def test_events_leave_focus_open_details_and_scrolling_where_they_were(visit: Callable[..., Page]) -> None:
    page = visit("/research/script-b", width=390)
    page.locator("#run-graph summary").click()
    page.locator("#run-graph summary").focus()
    page.evaluate("document.querySelector('#run-graph .scroll').scrollLeft = 120")
    top = page.evaluate("scrollY")
    expect(page.locator("#run-status")).to_have_text(re.compile("Event [456] of 6"), timeout=10_000)
    assert page.evaluate("document.activeElement.matches('#run-graph summary')")
    assert page.evaluate("document.querySelector('#run-graph details').open")
    assert page.evaluate("document.querySelector('#run-graph .scroll').scrollLeft") == 120
    assert abs(page.evaluate("scrollY") - top) < 200


def test_a_hidden_tab_closes_its_stream_and_replays_from_the_last_event(visit: Callable[..., Page]) -> None:
    page = visit("/research/script-c")
    expect(page.locator("#run-status")).to_have_text(re.compile("Event [234] of 6"), timeout=10_000)
    page.evaluate(HIDE, True)
    page.wait_for_timeout(1200)
    before = page.locator("#run-status").inner_text()
    assert before != "Event 6 of 6."
    assert len(connections(page, "script-c")) == 1
    page.evaluate(HIDE, False)
    expect(page.locator("#run-status")).to_have_text("Event 6 of 6.", timeout=10_000)
    assert connections(page, "script-c") == [None, before.split()[1]]


def test_a_lost_connection_is_said_in_words_and_the_words_go_away(visit: Callable[..., Page]) -> None:
    page = visit("/research/running")
    expect(page.locator(".lost")).to_be_hidden()
    # The page's own stream may connect just now and take the words away again: then it is lost once more.
    for _ in range(20):
        page.evaluate("document.dispatchEvent(new CustomEvent('htmx:sse:error', {bubbles: true}))")
        if page.locator(".lost").is_visible():
            break
        page.wait_for_timeout(200)
    else:
        raise AssertionError("a lost connection is not said")
    page.evaluate("document.dispatchEvent(new CustomEvent('htmx:sse:after:connection', {bubbles: true}))")
    expect(page.locator(".lost")).to_be_hidden()


def test_the_estimate_follows_the_typing_and_leaves_the_text_alone(visit: Callable[..., Page]) -> None:
    page = visit("/research?show=empty")
    box = page.locator("textarea[data-question]")
    expect(page.locator("#estimate")).to_contain_text("The price appears here")
    box.press_sequentially("What does a heat pump cost?", delay=5)
    expect(page.locator("#estimate")).to_contain_text("24 to 36 credits")
    page.get_by_label("Deep").check()
    expect(page.locator("#estimate")).to_contain_text("60 credits more than the 200")
    expect(page.locator("#estimate")).to_contain_text("at most 24 sources")
    assert box.input_value() == "What does a heat pump cost?"


def test_choosing_documents_opens_the_list_with_css_alone(visit: Callable[..., Page]) -> None:
    page = visit("/research", script=False)
    expect(page.locator(".pick-list")).to_be_hidden()
    page.get_by_label("Only these").check()
    expect(page.locator(".pick-list")).to_be_visible()


def test_a_sample_question_fills_the_box(visit: Callable[..., Page]) -> None:
    page = visit("/research?show=empty")
    page.locator("[data-sample]").first.click()
    assert page.locator("textarea[data-question]").input_value().startswith("What does a heat pump retrofit cost")


def test_control_and_enter_send_the_question_once(visit: Callable[..., Page]) -> None:
    page = visit("/research?show=empty")
    page.locator("textarea[data-question]").fill("What does a heat pump cost?")
    page.keyboard.press("Control+Enter")
    page.wait_for_url("**/research/standard/plan")


def test_a_wrong_question_comes_back_with_a_summary_that_leads_to_the_field(visit: Callable[..., Page]) -> None:
    page = visit("/research?show=empty", script=False)
    page.locator("textarea[data-question]").fill(" " * 9)
    page.get_by_role("button", name="Make a plan").click()
    link = page.locator("#error-summary a").first
    expect(link).to_contain_text("Question")
    link.click()
    assert page.url.endswith("#id_question")


def test_on_narrow_screens_a_numeral_opens_its_note_and_escape_returns(visit: Callable[..., Page]) -> None:
    page = visit("/research/completed/report", width=390)
    page.locator("#mark-2").click()
    pop = page.locator("#note-pop")
    expect(pop).to_be_visible()
    expect(pop).to_contain_text("median installed price was 1,180 euros")
    expect(pop).to_contain_text("Open the snapshot")
    page.keyboard.press("Escape")
    expect(pop).to_be_hidden()
    assert page.evaluate("document.activeElement.id") == "mark-2"


@pytest.mark.parametrize("script", [True, False])
def test_on_wide_screens_a_numeral_opens_the_note_beside_it_and_leads_back(
    script: bool, visit: Callable[..., Page]
) -> None:
    page = visit("/research/completed/report", script=script)
    page.locator("#mark-6").click()
    expect(page.locator("#note-6")).to_be_visible()
    expect(page.locator("#note-6")).to_contain_text("sha256")
    page.locator("#note-6 a[data-back]").click()
    assert page.url.endswith("#mark-6")


def test_the_theme_is_kept_and_is_right_in_the_first_paint(visit: Callable[..., Page]) -> None:
    page = visit("/research")
    page.locator("[data-theme-toggle]").click()
    assert page.evaluate("document.documentElement.dataset.theme") == "dark"
    answer = page.request.get("/research")
    assert 'data-theme="dark"' in answer.text()
    page.context.add_cookies([{"name": "theme", "value": '"><script>', "url": page.url}])
    assert "data-theme=" not in page.request.get("/research").text().split("<head>")[0]


def test_without_javascript_a_live_page_offers_refresh_and_its_buttons_work(visit: Callable[..., Page]) -> None:
    page = visit("/research/running", script=False)
    expect(page.get_by_role("link", name="Refresh")).to_be_visible()
    page.get_by_role("button", name="Cancel and release 5 credits").click()
    assert json.loads(page.locator("body").inner_text())["path"] == "/research/running/cancel"
    page = visit("/research/failed", script=False)
    page.get_by_role("button", name="Resume from step 5").click()
    assert json.loads(page.locator("body").inner_text())["path"] == "/research/failed/resume"
    page = visit("/research/waiting_approval", script=False)
    page.get_by_role("button", name="Reject and release 5 credits").click()
    assert json.loads(page.locator("body").inner_text())["sent"]["decision"] == ["reject"]


def test_a_button_without_its_csrf_field_is_refused(visit: Callable[..., Page]) -> None:
    page = visit("/research/failed", script=False)
    assert page.request.post("/research/failed/resume").status == 403


def test_the_keyboard_reaches_the_content_first_and_menus_close_with_escape(visit: Callable[..., Page]) -> None:
    page = visit("/research")
    page.keyboard.press("Tab")
    assert page.evaluate("document.activeElement.className") == "skip"
    page.locator("details.menu.end summary").click()
    expect(page.get_by_role("button", name="Sign out")).to_be_visible()
    page.keyboard.press("Escape")
    expect(page.get_by_role("button", name="Sign out")).to_be_hidden()
