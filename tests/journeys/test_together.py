"""Several people at once: shared by link, invited, handed over, and decided by somebody else meanwhile."""

from __future__ import annotations

import re
from collections.abc import Callable

import pytest
from playwright.sync_api import Page, expect

from tests.journeys import browsers, steps
from tests.journeys.stack import Running

pytestmark = pytest.mark.sample_of_file(2)

Visit = Callable[..., Page]
both = pytest.mark.parametrize("script", [True, False], ids=["with JavaScript", "without JavaScript"])


@both
def test_a_shared_report_is_read_without_a_session_until_its_link_ends(
    script: bool, stack: Running, visit: Visit
) -> None:
    page = visit(stack.run("team"), "bob", script=script)
    page.get_by_role("link", name="Share by link").click()
    page.get_by_role("button", name="Make a link").click()
    address = page.locator("input[readonly]").first.input_value()
    reader = visit(address, script=script)
    assert reader.context.cookies() == [] or not any("session" in c["name"] for c in reader.context.cookies())
    steps.shows(reader, "1974")
    mark = reader.locator(".prose a.fn").first
    mark.click()
    expect(reader.locator(str(mark.get_attribute("href")))).to_be_visible()
    assert "Acme" not in reader.locator("header").inner_text()
    page.get_by_role("button", name="End this link").click()
    steps.shows(page, "The link does not work any more.")
    assert reader.goto(address).status == 404  # type: ignore[union-attr]
    assert "1974" not in reader.content()


@both
def test_an_invited_person_joins_and_sees_what_the_role_allows(script: bool, stack: Running, visit: Visit) -> None:
    email = f"invited-{'with' if script else 'without'}@example.test"
    page = visit("/settings/members", "alice", script=script)
    page.fill("input[name=email]", email)
    page.select_option("select[name=role]", "viewer")
    page.get_by_role("button", name="Invite", exact=True).click()
    steps.shows(page, email)
    link = re.search(r"http://\S+/join/\S+", stack.mail(email, holds="/join/"))
    assert link is not None
    guest = visit(link[0], script=script)
    guest.get_by_role("link", name="Make an account").click()
    guest.fill("input[name=email]", email)
    guest.fill("input[name=password1]", stack.password)
    guest.get_by_role("button", name="Make an account").click()
    guest.get_by_role("button", name="Join this workspace").click()
    guest.wait_for_url("**://acme.*/research")
    steps.shows(guest, "Your role reads here and asks no questions.")
    assert guest.locator("#ask").count() == 0
    assert guest.goto(stack.run("private")).status == 404  # type: ignore[union-attr]
    guest.goto(stack.run("planned"))
    assert guest.locator("#approval-accept").count() == 0
    steps.shows(guest, "your role may not decide it")
    assert guest.goto(f"{stack.host()}/research/new").status == 403  # type: ignore[union-attr]
    page.reload()
    steps.shows(page, email)


@both
def test_an_approval_is_handed_over_and_the_colleague_decides(script: bool, stack: Running, visit: Visit) -> None:
    page = visit("/research", "bob", script=script)
    run = steps.ask(page, stack, "Who built the Harrow dam, and when was it opened?")
    steps.until(page, page.locator("#approval-accept"), script=script)
    approval = page.locator("input[name=approval]").get_attribute("value")
    alice = visit(f"/approvals/{approval}", "alice", script=script)
    alice.locator("details[data-delegate] summary").click()
    alice.locator("details[data-delegate] select").select_option(str(stack.made["people"]["ann"]))
    alice.locator("details[data-delegate] input[name=reason]").fill("You know the valley.")
    alice.get_by_role("button", name="Ask them to decide").click()
    steps.shows(alice, "Handed over.")
    ann = visit("/notices", "ann", script=script)
    told = ann.locator("main li", has_text="Who built the Harrow dam").filter(has_text="Handed to you").first
    told.get_by_role("link").first.click()
    ann.get_by_role("button", name="Accept", exact=True).click()
    steps.shows(ann, "Accepted. The run goes on.")
    steps.wait_for_draft(page, script=script)
    assert page.url == run


@both
def test_who_decides_second_is_told_by_whom_and_loses_nothing(script: bool, stack: Running, visit: Visit) -> None:
    page = visit("/research", "bob", script=script)
    run = steps.ask(page, stack)
    steps.until(page, page.locator("#approval-accept"), script=script)
    late = visit(run, "alice", script=False)
    approval = late.locator("input[name=approval]").get_attribute("value")
    late.goto(f"{stack.host()}/approvals/{approval}")
    late.locator("details[data-reject] summary").click()
    late.locator("details[data-reject] textarea").fill("Not without the survey of 2024.")
    page.locator("#approval-accept").click()
    late.get_by_role("button", name=re.compile("Reject; the run ends")).click()
    steps.shows(late, "Already decided by Bob")
    steps.shows(late, "Not without the survey of 2024.")


def test_a_person_with_two_places_changes_between_them(stack: Running, visit: Visit) -> None:
    page = visit(f"{stack.origin}/login/")
    browsers.log_in(page, stack, "alice@example.test")
    page.get_by_role("link", name="Globex").click()
    page.wait_for_url("**://globex.*/research")
    steps.shows(page, "Your role reads here and asks no questions.")
    page.locator("header details.menu summary").first.click()
    page.locator("header").get_by_role("link", name="Acme").click()
    page.wait_for_url("**://acme.*/research")
    expect(page.locator("#ask")).to_be_visible()
