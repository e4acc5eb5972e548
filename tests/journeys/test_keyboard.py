"""One journey by keyboard alone: not one event of a mouse, focus always to be seen, and never lost."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from playwright.sync_api import Page, expect

from tests.journeys import steps, words
from tests.journeys.stack import Running

pytestmark = pytest.mark.sample_of_file(1)

Visit = Callable[..., Page]
# What is wrong with the focus just now, in words; nothing where it can be seen.
FOCUS = """() => {
  const at = document.activeElement;
  if (!at || at === document.body) return 'focus is lost';
  const marked = (part) => { const style = getComputedStyle(part);
    return (style.outlineStyle !== 'none' && parseFloat(style.outlineWidth) >= 1.5) || style.boxShadow !== 'none'; };
  const box = at.getBoundingClientRect();
  if (box.bottom < 0 || box.top > innerHeight) return 'focus is out of sight: ' + at.outerHTML.slice(0, 120);
  const ring = [...at.querySelectorAll('circle')].some((one) => getComputedStyle(one).strokeWidth === '4px');
  if (at.matches('main') || ring) return '';
  for (let part = at; part && part !== document.body; part = part.parentElement) if (marked(part)) return '';
  return 'focus is not to be seen: ' + at.outerHTML.slice(0, 120);
}"""
MICE = """for (const kind of ['mousedown', 'mousemove', 'pointerdown', 'touchstart', 'wheel'])
  addEventListener(kind, (event) => { if (event.isTrusted) console.error('a mouse was used: ' + kind); }, true);"""


def tab_to(page: Page, selector: str, *, most: int = 90, key: str = "Tab") -> None:
    """Press Tab until a thing has the focus, looking at the focus on the way."""
    for _press in range(most):
        page.keyboard.press(key)
        # From the last thing of a page the next press leads out of it, and the one after that back in.
        if page.evaluate("document.activeElement === document.body"):
            continue
        assert page.evaluate(FOCUS) == ""
        if page.evaluate("(selector) => document.activeElement.matches(selector)", selector):
            return
    raise AssertionError(f"the keyboard does not reach {selector}")


def press(page: Page, selector: str, key: str = "Enter") -> None:
    """Go to a thing and press it."""
    tab_to(page, selector)
    page.keyboard.press(key)


def test_a_question_is_asked_decided_and_read_by_keyboard_alone(stack: Running, visit: Visit) -> None:
    page = visit(f"{stack.origin}/livez")
    page.add_init_script(MICE)
    page.goto(f"{stack.origin}/login/")
    sign_in(page, stack)
    tab_to(page, "textarea[data-question]")
    page.keyboard.type(words.QUESTION)
    page.keyboard.press("Control+Enter")
    page.wait_for_url("**/research/run_*")
    page.locator("a[href$='/plan']").wait_for()
    press(page, "main a[href$='/plan']")
    page.wait_for_url("**/plan")
    press(page, "details.change summary")
    tab_to(page, "input[name=part]")
    press(page, "button[value=start]")
    page.wait_for_url("**/research/run_*")
    steps.wait_for_draft(page, script=True)
    press(page, "#approval-accept")
    page.locator("a[href$='/report'].pri").wait_for()
    press(page, "a[href$='/report'].pri")
    page.wait_for_url("**/report")
    follow_a_footnote_and_back(page)
    go_by_palette(page)


def sign_in(page: Page, stack: Running) -> None:
    tab_to(page, "input[name=login]")
    page.keyboard.type("alice@example.test")
    tab_to(page, "input[name=password]")
    page.keyboard.type(stack.password)
    page.keyboard.press("Enter")
    page.wait_for_url("**/workspaces")
    press(page, "main a[href*='/enter/acme'], main a[href*='acme.']")
    page.wait_for_url("**://acme.*/research")


def follow_a_footnote_and_back(page: Page) -> None:
    tab_to(page, ".prose a.fn")
    mark = page.evaluate("document.activeElement.id")
    page.keyboard.press("Enter")
    expect(page.locator(f"details.note:has([href='#{mark}'])").first).to_have_attribute("open", "")
    tab_to(page, f"a[data-back][href='#{mark}']")
    page.keyboard.press("Enter")
    page.keyboard.press("Tab")
    page.keyboard.press("Shift+Tab")
    assert page.evaluate("document.activeElement.id") == mark, "the way back does not lead to the numeral"


def go_by_palette(page: Page) -> None:
    page.keyboard.press("Control+k")
    expect(page.locator("#palette")).to_be_visible()
    page.keyboard.type("Harrow")
    expect(page.locator("#found a").first).to_be_visible()
    page.keyboard.press("Escape")
    expect(page.locator("#palette")).to_be_hidden()
    assert page.evaluate("document.activeElement !== document.body"), "the palette loses the focus when it closes"
    page.keyboard.press("Control+k")
    page.keyboard.type("approv")
    page.keyboard.press("ArrowDown")
    assert page.evaluate(FOCUS) == ""
    page.keyboard.press("Enter")
    page.wait_for_url("**/approvals")
