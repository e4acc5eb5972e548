"""Draw the icons and the picture that other sites show of us, anew from the mark.

.venv/bin/python -m tests.docs.icons
"""

from __future__ import annotations

import base64
import io

from PIL import Image
from playwright.sync_api import Page

from tests.docs.pages import ROOT
from tests.journeys.browsers import chromium

STATIC = ROOT / "static"
SOCIAL = """
<!doctype html><style>
@font-face{{font-family:Newsreader;src:url(data:font/woff2;base64,{serif});font-weight:400 600}}
@font-face{{font-family:Geist;src:url(data:font/woff2;base64,{sans});font-weight:400 600}}
body{{margin:0;inline-size:1200px;block-size:630px;background:#FAF8F4;color:#1C1A17;font:400 34px/1.4 Geist}}
main{{padding:88px 96px;display:grid;grid-template-columns:1fr 300px;column-gap:72px}}
.brand{{grid-column:1/-1;font:500 44px Newsreader}}
.brand sup,.line sup{{color:#A63A0C;font-size:.6em}}
.line{{margin:76px 0 0;font:500 78px/1.1 Newsreader;letter-spacing:-.015em}}
aside{{margin:88px 0 0;border-inline-start:2px solid #DDD6CA;padding-inline-start:28px;color:#5C564C;font-size:26px}}
aside b{{color:#A63A0C;font-weight:500}}
</style><main><div class="brand">Footnote<sup>1</sup></div>
<div class="line">Research that shows its working<sup>1</sup></div>
<aside><b>1</b> Each sentence leads to the place in its source, each cost to its call.</aside></main>
"""


def encoded(path: str) -> str:
    """Return a file of ours in base64."""
    return base64.b64encode((STATIC / path).read_bytes()).decode()


def draw(page: Page, content: str, width: int, height: int) -> Image.Image:
    """Return what a page looks like at a size."""
    page.set_viewport_size({"width": width, "height": height})
    page.set_content(content)
    page.evaluate("document.fonts.ready")
    page.wait_for_timeout(200)
    return Image.open(io.BytesIO(page.screenshot())).convert("RGB")


def main() -> None:
    """Draw every picture and lay it down where it is served from."""
    with chromium() as browser:
        page = browser.new_page()
        mark = f'<style>body{{margin:0;background:#FAF8F4}}img{{display:block;inline-size:100vw}}</style>\
<img src="data:image/svg+xml;base64,{encoded("img/mark.svg")}">'
        for name, size in (("apple-touch-icon", 180), ("icon-192", 192), ("icon-512", 512)):
            picture = draw(page, mark, size, size)
            picture.quantize(64).save(STATIC / "root" / f"{name}.png", optimize=True)
        draw(page, mark, 64, 64).save(STATIC / "root" / "favicon.ico", sizes=[(16, 16), (32, 32), (48, 48)])
        social = SOCIAL.format(serif=encoded("fonts/newsreader-latin.woff2"), sans=encoded("fonts/geist-latin.woff2"))
        draw(page, social, 1200, 630).quantize(128).save(STATIC / "img" / "social.png", optimize=True)


if __name__ == "__main__":
    main()
