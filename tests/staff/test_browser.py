"""In real Chromium, under our own content policy: staff pages, the inbox by keyboard, notices, the banner."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import pytest
from playwright.sync_api import Browser, BrowserContext, Page

from apps.accounts import tenancy
from apps.policy import queries as policy
from tests.journeys import browsers
from tests.staff.conftest import Staff
from tests.staff.serving import context, served
from tests.staff.test_looks import arrive, begin
from tests.staff.test_pages import page_of

pytestmark = pytest.mark.sample_of_file(3)


@pytest.fixture(scope="module")
def chromium() -> Iterator[Browser]:
    with browsers.chromium() as started:
        yield started


@pytest.fixture
def opened(chromium: Browser) -> Iterator[Callable[..., Page]]:
    """Open pages as somebody; whatever the browser complains about fails the test."""
    complaints: list[str] = []
    contexts: list[BrowserContext] = []

    with served() as port:

        def go(client: object, host: str, path: str, **more: object) -> Page:
            made = context(chromium, client, host, **more)  # type: ignore[arg-type]
            contexts.append(made)
            page = made.new_page()
            page.on("console", lambda line: complaints.append(line.text) if line.type in {"error", "warning"} else None)
            page.on("pageerror", lambda error: complaints.append(str(error)))
            page.goto(f"http://{host}:{port}{path}", wait_until="load")
            return page

        yield go
        for made in contexts:
            made.close()
    assert complaints == []


def sideways(page: Page) -> int:
    return page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth")


@pytest.mark.sample(1)
@pytest.mark.parametrize("width", [1440, 320])
def test_staff_pages_break_no_content_policy(staff: Staff, opened: Callable[..., Page], width: int) -> None:
    approval, stella = staff.office.ask("sandbox_grant"), staff.visit("stella")
    viewport = {"width": width, "height": 900}
    for path in (
        "/staff/", "/staff/agenda/pendingapproval/", page_of(approval), "/staff/runs/", "/staff/accounts/workspace/",
        "/staff/agenda/impersonation/add/", f"/staff/accounts/user/{staff.people['stan']}/change/",
    ):  # fmt: skip
        page = opened(stella, "localhost", path, viewport=viewport)
        assert page.locator("#site-name").inner_text().startswith("Footnote")
        assert page.evaluate("getComputedStyle(document.body).backgroundColor") == "rgb(250, 248, 244)"


def test_the_inbox_is_worked_through_by_keys_alone(staff: Staff, opened: Callable[..., Page]) -> None:
    runs = [staff.office.run("publish") for _ in range(3)]
    asked = [staff.office.pending(run) for run in runs]
    host = staff.office.cast.acme_host
    page = opened(staff.office.visit("ann"), host, "/approvals?show=team")
    at = "document.activeElement.closest('[data-approvals] > li')?.id"
    page.keyboard.press("j")
    assert page.evaluate(at) == asked[0]
    page.keyboard.press("j")
    page.keyboard.press("j")
    page.keyboard.press("j")
    assert page.evaluate(at) == asked[2]
    page.keyboard.press("k")
    page.keyboard.press("d")
    assert page.evaluate("document.activeElement.id") == f"to-{asked[1]}"
    page.keyboard.press("Escape")
    page.locator(f"#{asked[1]}").focus()
    page.keyboard.press("r")
    assert page.evaluate("document.activeElement.id") == f"reason-{asked[1]}"
    page.keyboard.type("jak are letters here")
    assert page.locator(f"#reason-{asked[1]}").input_value() == "jak are letters here"
    page.locator(f"#{asked[0]}").focus()
    page.keyboard.press("?")
    assert page.evaluate("document.activeElement.id") == "approval-keys"
    page.locator(f"#{asked[0]}").focus()
    with page.expect_navigation():
        page.keyboard.press("a")
    with tenancy.in_workspace(staff.office.schema):
        assert [policy.approval(one).state for one in asked] == ["accepted", "pending", "pending"]


def test_the_inbox_works_without_javascript_and_fits_a_small_screen(staff: Staff, opened: Callable[..., Page]) -> None:
    approval = staff.office.pending(staff.office.run("publish"))
    host, small = staff.office.cast.acme_host, {"width": 320, "height": 800}
    page = opened(staff.office.visit("ann"), host, "/approvals?show=team", viewport=small, java_script_enabled=False)
    page.locator("details[data-reject] summary").click()
    page.fill(f"#reason-{approval}", "the sources are thin")
    with page.expect_navigation():
        page.get_by_role("button", name="Reject; the run ends").click()
    with tenancy.in_workspace(staff.office.schema):
        assert policy.approval(approval).reason == "the sources are thin"


@pytest.mark.sample(2)
@pytest.mark.parametrize("path", ["/approvals?show=team", "/approvals/{a}", "/notices", "/settings/notifications"])
def test_pages_fit_320_pixels(staff: Staff, opened: Callable[..., Page], path: str) -> None:
    approval = staff.office.pending(staff.office.run("publish"))
    page = opened(
        staff.office.visit("ann"), staff.office.cast.acme_host, path.format(a=approval),
        viewport={"width": 320, "height": 800},
    )  # fmt: skip
    assert sideways(page) <= 0


def test_the_banner_stands_on_every_page_and_its_button_ends_the_look(
    staff: Staff, opened: Callable[..., Page]
) -> None:
    client = arrive(staff, begin(staff))
    for path in ("/research", "/approvals", "/notices", "/documents"):
        page = opened(client, staff.office.cast.acme_host, path, viewport={"width": 390, "height": 800})
        assert "You see this as Bob until" in page.inner_text("body")
        assert sideways(page) <= 0
