"""Pages to which only a form leads, and forms that come back with what is wrong: as right as all the others."""

from __future__ import annotations

import random
from collections.abc import Callable

import pytest
from playwright.sync_api import Page

from tests.journeys.stack import Running
from tests.ui import look

pytestmark = pytest.mark.sample_of_file(5)

Visit = Callable[..., Page]


def ask_for_a_code(page: Page, stack: Running) -> None:
    page.goto(f"{stack.origin}/login/code/")
    page.fill("input[name=email]", "dora@example.test")
    page.click("main button[type=submit]")
    page.wait_for_url("**/login/code/confirm/")


def begin_to_sign_in(page: Page, stack: Running) -> None:
    page.goto(f"{stack.origin}/login/")
    page.fill("input[name=login]", "adam@example.test")
    page.fill("input[name=password]", stack.password)
    page.click("main form.block button[type=submit]")
    page.wait_for_url("**/authenticate/")


def sign_in_wrongly(page: Page, stack: Running) -> None:
    page.goto(f"{stack.origin}/login/")
    page.fill("input[name=login]", "nobody@example.test")
    page.fill("input[name=password]", "wrong")
    page.click("main form.block button[type=submit]")
    page.locator("#error-summary").wait_for()


def name_a_taken_workspace(page: Page, stack: Running) -> None:
    page.goto(f"{stack.origin}/new")
    page.fill("input[name=name]", "Acme")
    page.fill("input[name=slug]", "acme")
    page.click("main button[type=submit]")
    page.get_by_text("is taken").first.wait_for()


def add_files_that_are_refused(page: Page, stack: Running) -> None:
    page.goto(f"{stack.host()}/datasets")
    files = {"empty.pdf": b"", "program.exe": b"MZ\x90\x00" + b"\x00" * 200, "again.md": b"# The Harrow dam, again\n"}
    page.set_input_files(
        "#upload-files",
        [{"name": name, "mimeType": "application/octet-stream", "buffer": body} for name, body in files.items()],
    )
    page.locator("li.outcome").nth(2).wait_for()


def ask_nothing(page: Page, stack: Running) -> None:
    page.goto(f"{stack.host()}/research/new")
    page.fill("textarea[name=question]", "  ")
    page.locator("button[data-default]").click()
    page.locator("#error-summary").wait_for()


def leave_a_plan_empty(page: Page, stack: Running) -> None:
    page.goto(stack.run("planned") + "/plan")
    page.locator("details.change summary").click()
    for part in page.locator("input[name=part]").all():
        part.fill("")
    page.get_by_role("button", name="Accept and start").click()
    page.get_by_text("Keep at least one sub-question.").wait_for()


def supply_nothing(page: Page, stack: Running) -> None:
    page.goto(stack.run("failed"))
    page.get_by_role("link", name="Do this step yourself").click()
    page.get_by_role("button", name="Hand it in and go on").click()
    page.locator("#error-summary").wait_for()


def ask_on_without_a_question(page: Page, stack: Running) -> None:
    page.goto(stack.run("published") + "/ask")
    page.get_by_role("button", name="Ask", exact=True).click()
    page.get_by_role("alert").first.wait_for()


def be_refused(page: Page, stack: Running) -> None:
    page.goto(f"{stack.host()}/research/new")
    page.get_by_text("403").wait_for()


def find_nothing(page: Page, stack: Running) -> None:
    page.goto(f"{stack.host()}/nothing-is-here")


DONE: tuple[tuple[str, Callable[[Page, Running], None]], ...] = (
    ("", ask_for_a_code), ("", begin_to_sign_in), ("", sign_in_wrongly), ("alice", name_a_taken_workspace),
    ("bob", add_files_that_are_refused), ("bob", ask_nothing), ("bob", leave_a_plan_empty), ("bob", supply_nothing),
    ("bob", ask_on_without_a_question), ("vera", be_refused), ("bob", find_nothing),
)  # fmt: skip


@pytest.mark.sample(4)
@pytest.mark.parametrize(("person", "do"), DONE, ids=[do.__name__.replace("_", " ") for _person, do in DONE])
def test_what_comes_back_has_no_barrier(
    person: str, do: Callable[[Page, Running], None], stack: Running, full: bool, visit: Visit
) -> None:  # fmt: skip
    views = look.VIEWS if full else (random.Random(do.__name__).choice(look.VIEWS),)
    page = visit(f"{stack.origin}/livez", person, reduced_motion="reduce", width=views[0][0])
    do(page, stack)
    for width, scheme in views:
        look.turn(page, width, scheme)
        assert look.examine(page) == [], (width, scheme)
        look.keep_picture(page, f"form {do.__name__} {width} {scheme}")


def test_the_pages_of_a_passkey_have_no_barrier(stack: Running, visit: Visit) -> None:
    page = visit(f"{stack.origin}/settings/security/", "dora", reduced_motion="reduce", width=390)
    devtools = page.context.new_cdp_session(page)
    devtools.send("WebAuthn.enable")
    devtools.send(
        "WebAuthn.addVirtualAuthenticator",
        {"options": {"protocol": "ctap2", "transport": "internal", "hasResidentKey": True,
                     "hasUserVerification": True, "isUserVerified": True, "automaticPresenceSimulation": True}},
    )  # fmt: skip
    page.get_by_role("link", name="Add a passkey").click()
    page.fill("input[name=name]", "Laptop")
    page.get_by_role("button", name="Add the passkey").click()
    page.wait_for_url("**/recovery-codes/")
    for name in ("Rename Laptop", "Remove Laptop"):
        page.goto(f"{stack.origin}/settings/security/")
        assert look.examine(page) == []
        page.get_by_role("link", name=name).click()
        page.locator("main form button").wait_for()
        assert look.examine(page) == [], name
