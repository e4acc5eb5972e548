"""What is looked at on every page: barriers, sideways scroll, small targets, headings, language; and its picture."""

from __future__ import annotations

import itertools
import os
import re
from pathlib import Path

from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Page

WIDTHS, SCHEMES = (1440, 390, 320), ("light", "dark")
VIEWS = tuple(itertools.product(WIDTHS, SCHEMES))
# Without its preload: that applies inline styles, of which our content policy complains.
RULES = {"runOnly": ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"], "preload": False}
WIDE = "document.documentElement.scrollWidth - document.documentElement.clientWidth"
# Targets below 24 × 24 px that are too near to another one (WCAG 2.5.8), but for links in the flow of a text.
CROWDED = r"""() => {
  const seen = (part) => part.checkVisibility({visibilityProperty: true}) && !part.closest('.vh')
    && part.type !== 'hidden' && !part.disabled && !part.classList.contains('skip');
  const inText = (part) => getComputedStyle(part).display === 'inline'
    && part.parentElement.textContent.trim().length > part.textContent.trim().length;
  const area = (part) => {
    const mark = part.matches('svg a') ? part.querySelector('circle') : null;
    const label = ['checkbox', 'radio', 'file'].includes(part.type) ? part.closest('label') || part.labels?.[0] : null;
    return (mark || label || part).getBoundingClientRect();
  };
  const all = [...document.querySelectorAll('a[href], button, input, select, textarea, summary')]
    .filter(seen).map((part) => ({part, box: area(part)})).filter(({box}) => box.width > 1 && box.height > 1);
  const small = ({box}) => box.width < 23.5 || box.height < 23.5;
  const middle = ({box}) => [box.x + box.width / 2, box.y + box.height / 2];
  const near = (one, two) => {
    const [x, y] = middle(one), [u, v] = middle(two), box = two.box;
    if (small(two)) return Math.hypot(x - u, y - v) < 23.5;
    const dx = Math.max(box.left - x, 0, x - box.right), dy = Math.max(box.top - y, 0, y - box.bottom);
    return Math.hypot(dx, dy) < 11.5;
  };
  const apart = (one, two) => !one.part.contains(two.part) && !two.part.contains(one.part);
  return all.filter((one) => small(one) && !inText(one.part) && all.some((two) => apart(one, two) && near(one, two)))
    .map(({part}) => part.outerHTML.slice(0, 140));
}"""
_axe = Axe()


def examine(page: Page, language: str = "en") -> list[str]:
    """Return in words everything that is wrong with a page as it stands now."""
    wrong = [f"{page.evaluate(WIDE)} px too wide"] if page.evaluate(WIDE) > 0 else []
    wrong += [f"crowded: {part}" for part in page.evaluate(CROWDED)]
    if (count := page.locator("h1").count()) != 1:
        wrong.append(f"{count} headings of the first level")
    said = page.evaluate("[document.documentElement.lang, document.documentElement.dir]")
    if said != [language, "rtl" if language == "ar" else "ltr"]:
        wrong.append(f"language and direction are {said}")
    for one in _axe.run(page, options=RULES).response["violations"]:
        wrong.append(f"{one['id']}: " + " | ".join(node["html"][:200] for node in one["nodes"][:3]))
    return wrong


def turn(page: Page, width: int, scheme: str) -> None:
    """Show a page at a width and in a colour scheme."""
    page.set_viewport_size({"width": width, "height": 900})
    page.emulate_media(color_scheme=scheme)  # type: ignore[arg-type]


def keep_picture(page: Page, name: str) -> None:
    """Keep a picture of the whole page, where FOOTNOTE_PICTURES names a folder."""
    if folder := os.environ.get("FOOTNOTE_PICTURES"):
        Path(folder).mkdir(parents=True, exist_ok=True)
        page.screenshot(path=Path(folder) / (re.sub(r"[^\w.-]+", "-", name)[:120] + ".png"), full_page=True)
