"""In real Chromium under the real content policy: passkeys, and a link that is copied."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, Page

from apps.accounts.actions import workspaces
from tests.accounts.conftest import email_of
from tests.accounts.served import serving
from tests.accounts.test_sign_in import confirm
from tests.conftest import PASSWORD, Cast
from tests.journeys import browsers

pytestmark = pytest.mark.sample_of_file(4)


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    with browsers.chromium() as started:
        yield started


@pytest.fixture
def origin(committed: Cast) -> Iterator[str]:
    with serving() as where:
        yield where


def sign_in(page: Page, origin: str, person: int) -> list[str]:
    """Sign in with the password; return the list that collects what the browser complains about."""
    troubles: list[str] = []
    page.on("console", lambda line: troubles.append(line.text) if line.type == "error" else None)
    page.on("pageerror", lambda error: troubles.append(str(error)))
    page.goto(f"{origin}/login/")
    page.fill("input[name=login]", email_of(person))
    page.fill("input[name=password]", PASSWORD)
    page.click("main form.block button[type=submit]")
    page.wait_for_url("**/workspaces")
    return troubles


def authenticator(page: Page) -> None:
    """Give the browser a device that keeps passkeys and always agrees."""
    devtools = page.context.new_cdp_session(page)
    devtools.send("WebAuthn.enable")
    devtools.send(
        "WebAuthn.addVirtualAuthenticator",
        {"options": {"protocol": "ctap2", "transport": "internal", "hasResidentKey": True,
                     "hasUserVerification": True, "isUserVerified": True, "automaticPresenceSimulation": True}},
    )  # fmt: skip


def test_a_passkey_is_added_signs_in_alone_and_stands_beside_the_password(
    browser: Browser, origin: str, committed: Cast
) -> None:
    confirm(committed.alice)
    page = browser.new_context().new_page()
    troubles = sign_in(page, origin, committed.alice)
    authenticator(page)
    page.goto(f"{origin}/settings/security/")
    page.get_by_role("link", name="Add a passkey").click()
    page.fill("input[name=password]", PASSWORD)
    page.click("main button[type=submit]")
    page.fill("input[name=name]", "Laptop")
    page.get_by_role("button", name="Add the passkey").click()
    page.wait_for_url("**/recovery-codes/")
    page.goto(f"{origin}/settings/security/")
    assert "Laptop" in page.locator("main").inner_text()
    page.context.clear_cookies()
    page.goto(f"{origin}/login/")
    page.get_by_role("button", name="Use a passkey").click()
    page.wait_for_url("**/workspaces")
    assert "Acme" in page.locator("main").inner_text()
    page.context.clear_cookies()
    page.goto(f"{origin}/login/")
    page.fill("input[name=login]", email_of(committed.alice))
    page.fill("input[name=password]", PASSWORD)
    page.click("main form.block button[type=submit]")
    page.wait_for_url("**/authenticate/")
    page.get_by_role("button", name="Use a passkey").click()
    page.wait_for_url("**/workspaces")
    page.goto(f"{origin}/settings/security/")
    page.get_by_role("link", name="Remove Laptop").click()
    _confirm_by_password(page)
    page.get_by_role("button", name="Remove the passkey").click()
    page.wait_for_url("**/settings/security/")
    assert "Laptop" not in page.locator("main").inner_text()
    assert troubles == []


def _confirm_by_password(page: Page) -> None:
    if "reauthenticate" in page.url:
        page.fill("input[name=password]", PASSWORD)
        page.click("main button[type=submit]")


def test_a_browser_without_a_key_is_told_so(browser: Browser, origin: str, committed: Cast) -> None:
    page = browser.new_context().new_page()
    page.goto(f"{origin}/login/")
    page.evaluate("() => { navigator.credentials.get = () => Promise.reject(new Error('no')); }")
    page.get_by_role("button", name="Use a passkey").click()
    problem = page.locator("[data-passkey-problem]")
    problem.wait_for(state="visible")
    assert "take another way" in problem.inner_text()


def test_members_are_invited_from_the_page_of_the_workspace_and_join(
    browser: Browser, origin: str, committed: Cast
) -> None:
    page = browser.new_context(permissions=["clipboard-read", "clipboard-write"]).new_page()
    troubles = sign_in(page, origin, committed.alice)
    page.get_by_role("link", name="Acme").click()
    page.wait_for_url("**/research")
    page.goto(page.url.replace("/research", "/settings/members"))
    address = f"nora-{committed.alice}@example.test"
    page.fill("input[name=email]", address)
    page.get_by_role("button", name="Invite", exact=True).click()
    link = page.locator("input[readonly]").first.input_value()
    page.get_by_role("button", name="Copy the link").first.click()
    page.get_by_role("button", name="Copied").wait_for()
    assert troubles == []
    nora = browser.new_context(java_script_enabled=False).new_page()
    workspaces.person(email=address, name="Nora", password=PASSWORD)
    nora.goto(link)
    nora.get_by_role("link", name="I have an account").click()
    nora.fill("input[name=login]", address)
    nora.fill("input[name=password]", PASSWORD)
    nora.click("main form.block button[type=submit]")
    nora.get_by_role("button", name="Join this workspace").click()
    nora.wait_for_url("**/research")
    page.reload()
    assert "Nora" in page.locator("main").inner_text()
