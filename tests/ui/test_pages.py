"""Every page and state: readable by everyone, at every width, in both colour schemes."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Page

from tests.ui.look import PAGES

# Without --prove these pages stand for all, in two of the four views.
SAMPLE = ("inquiries-short", "run-waiting", "run-arabic", "report", "documents-rejected")
VIEWS = ((1440, "light"), (1440, "dark"), (390, "light"), (320, "dark"))
RULES = {"runOnly": ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]}

SMALL = """() => [...document.querySelectorAll('a, button, input, select, textarea, summary')].filter((part) => {
  if (!part.checkVisibility() || part.type === 'hidden' || part.classList.contains('skip')) return false;
  if (part.matches('svg a')) part = part.querySelector('circle');
  const label = part.closest('label') || part;
  const box = label.getBoundingClientRect();
  const inText = part.matches('p a, .prose a, .plan-list a, .facts a, dd a, .sides a, h3 a, .num a, .fn, td a');
  return !inText && (box.width < 23.5 || box.height < 23.5);
}).map((part) => part.outerHTML.slice(0, 140))"""

WIDE = """() => document.documentElement.scrollWidth - document.documentElement.clientWidth"""


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    """Every page with --prove, else the sample."""
    if "name" in metafunc.fixturenames:
        metafunc.parametrize("name", tuple(PAGES) if metafunc.config.getoption("--prove") else SAMPLE)


def test_a_page_has_no_barrier_fits_its_width_and_has_targets_of_24_pixels(
    name: str, full: bool, visit: Callable[..., Page]
) -> None:
    axe = Axe()
    for width, scheme in VIEWS if full else (VIEWS[0], VIEWS[3]):
        page = visit(PAGES[name], width=width, scheme=scheme)
        assert page.evaluate(WIDE) <= 0, (width, scheme)
        assert page.evaluate(SMALL) == [], (width, scheme)
        found = axe.run(page, options=RULES).response["violations"]
        assert [(one["id"], [node["html"][:160] for node in one["nodes"]][:3]) for one in found] == [], (width, scheme)


def test_no_page_scrolls_sideways_at_320_pixels_and_each_has_one_heading(visit: Callable[..., Page]) -> None:
    page = visit("/login", width=320)
    wrong = []
    for name, path in PAGES.items():
        page.goto(path, wait_until="load")
        wide, headings = page.evaluate(WIDE), page.locator("h1").count()
        if wide > 0 or headings != 1:
            wrong.append((name, wide, headings))
    assert wrong == []


def test_a_numeral_can_be_hit_on_24_pixels_around_its_centre(visit: Callable[..., Page]) -> None:
    page = visit("/research/completed/report", width=390)
    hits = page.evaluate("""() => [...document.querySelectorAll('.prose .fn')].slice(0, 3).map((mark) => {
      mark.scrollIntoView({block: 'center'});
      const box = mark.getBoundingClientRect(), x = box.x + box.width / 2, y = box.y + box.height / 2;
      return [[0, 11], [0, -11], [11, 0], [-11, 0]].every(
        ([dx, dy]) => document.elementFromPoint(x + dx, y + dy) === mark);
    })""")
    assert hits[0] is True
