"""Photograph every page and state.

python -m tests.ui.look http://127.0.0.1:8123 DIRECTORY [part of a name]
"""

from __future__ import annotations

import sys
from pathlib import Path

from playwright.sync_api import Browser, sync_playwright

ARGUMENTS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--no-first-run",
]
PAGES = {
    "inquiries": "/research",
    "inquiries-empty": "/research?show=empty",
    "inquiries-short": "/research?show=short",
    "plan": "/research/standard/plan",
    "plan-short": "/research/short/plan",
    "run-queued": "/research/queued",
    "run-running": "/research/running",
    "run-waiting": "/research/waiting_approval",
    "run-throttled": "/research/throttled",
    "run-failed": "/research/failed",
    "run-cancelled": "/research/cancelled",
    "run-rejected": "/research/rejected",
    "run-completed": "/research/completed",
    "run-expired": "/research/expired",
    "run-long": "/research/long",
    "run-arabic": "/research/arabic?lang=ar",
    "report": "/research/completed/report",
    "report-nothing": "/research/nothing/report",
    "report-arabic": "/research/arabic/report?lang=ar",
    "report-long": "/research/long/report",
    "sources": "/research/standard/sources",
    "sources-dropped": "/research/standard/sources?show=dropped",
    "sources-none": "/research/nothing/sources",
    "documents": "/documents",
    "documents-empty": "/documents?show=empty",
    "documents-rejected": "/documents?show=rejected",
    "approvals": "/approvals",
    "approvals-empty": "/approvals?show=empty",
    "workspaces": "/workspaces",
    "workspaces-empty": "/workspaces?show=empty",
    "new-workspace": "/new",
    "login": "/login",
    "signup": "/signup",
    "logout": "/logout",
    "reset": "/password/reset",
    "inquiries-arabic": "/research?lang=ar",
    "plan-arabic": "/research/arabic/plan?lang=ar",
    "run-german": "/research/waiting_approval?lang=de",
    "plan-japanese": "/research/standard/plan?lang=ja",
    "inquiries-german": "/research?show=short&lang=de",
    "documents-french": "/documents?show=rejected&lang=fr",
    "login-spanish": "/login?lang=es",
    "400": "/broken/400",
    "403": "/broken/403",
    "404": "/broken/404",
    "429": "/broken/429",
    "500": "/broken/500",
    "503": "/broken/503",
}


def photograph(browser: Browser, base: str, to: Path, part: str = "") -> None:
    """Save one picture per page, width (1440, 390, 320) and colour scheme."""
    for width, scheme in ((1440, "light"), (1440, "dark"), (390, "light"), (320, "dark")):
        context = browser.new_context(viewport={"width": width, "height": 900}, color_scheme=scheme)  # type: ignore[arg-type]
        page = context.new_page()
        for name, path in PAGES.items():
            if part in name:
                page.goto(base + path, wait_until="load")
                page.evaluate("document.fonts.ready")
                page.screenshot(path=to / f"{name}-{width}-{scheme}.png", full_page=True)
        context.close()


if __name__ == "__main__":
    directory = Path(sys.argv[2])
    directory.mkdir(parents=True, exist_ok=True)
    with sync_playwright() as play:
        photograph(
            play.chromium.launch(executable_path="/usr/bin/chromium", args=ARGUMENTS),
            sys.argv[1],
            directory,
            sys.argv[3] if len(sys.argv) > 3 else "",
        )
