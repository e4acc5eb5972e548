"""Runs that do not simply succeed: rejected, cancelled, failed and resumed, done by hand, expired, deleted."""

from __future__ import annotations

import re
from collections.abc import Callable

import pytest
from playwright.sync_api import Page, expect

from tests.journeys import steps
from tests.journeys.stack import Running

pytestmark = pytest.mark.sample_of_file(2)

Visit = Callable[..., Page]
both = pytest.mark.parametrize("script", [True, False], ids=["with JavaScript", "without JavaScript"])


@both
def test_a_rejected_draft_ends_the_run_and_says_who_and_why(script: bool, stack: Running, visit: Visit) -> None:
    page = visit("/research", "bob", script=script)
    run = steps.ask(page, stack)
    steps.accept(page, script=script)
    steps.wait_for_draft(page, script=script)
    judge = visit(run, "alice", script=script)
    judge.get_by_role("button", name=re.compile("Reject and release")).click()
    steps.shows(judge, "Say why")
    judge.fill("#approval-reason", "The two volumes differ.")
    judge.get_by_role("button", name=re.compile("Reject and release")).click()
    steps.until(judge, judge.get_by_text("Alice rejected it"), script=script)
    steps.until(page, page.get_by_text("Alice rejected it"), script=script)
    steps.shows(page, "The two volumes differ.")
    assert page.get_by_role("link", name="Read the report").count() == 0
    page.get_by_role("link", name="Report", exact=True).click()
    steps.shows(page, "This run has no published report yet.")


@both
def test_a_cancelled_run_releases_its_credits_and_can_go_on(script: bool, stack: Running, visit: Visit) -> None:
    page = visit("/research", "bob", script=script)
    steps.ask(page, stack)
    steps.until(page, page.locator("#approval-accept"), script=script)
    page.get_by_role("button", name=re.compile("Cancel and release")).click()
    steps.shows(page, "Bob cancelled this run")
    steps.shows(page, "went back to the workspace")
    page.get_by_role("button", name="Ask the same once more").click()
    page.wait_for_url("**/research/run_*")
    steps.accept(page, script=script)


@both
def test_a_failed_run_is_resumed_and_pays_nothing_twice(script: bool, stack: Running, visit: Visit) -> None:
    page = visit("/research", "alice", script=script)
    stack.model.faults = ["refusal"]
    steps.ask(page, stack, mode="Live")
    steps.until(page, page.get_by_role("button", name=re.compile("Resume from step")), script=script)
    steps.shows(page, "refused")
    page.get_by_role("button", name=re.compile("Resume from step")).click()
    steps.accept(page, script=script)
    steps.wait_for_draft(page, script=script)
    steps.accept(page, script=script)
    steps.until(page, page.get_by_role("link", name="Read the report"), script=script)
    assert stack.model.twice() == {}


@both
def test_a_person_does_the_failed_step_and_the_run_goes_on(script: bool, stack: Running, visit: Visit) -> None:
    page = visit("/research", "bob", script=script)
    stack.model.faults = ["refusal"]
    run = steps.ask(page, stack, mode="Live")
    steps.until(page, page.get_by_role("link", name="Do this step yourself"), script=script)
    page.get_by_role("link", name="Do this step yourself").click()
    steps.shows(page, "Why it stopped")
    page.get_by_role("button", name="Hand it in and go on").click()
    expect(page.locator("#error-summary, .error").first).to_be_visible()
    page.fill("textarea[name=lines]", "When was the Harrow dam opened?\nHow much water does it hold?")
    page.get_by_role("button", name="Hand it in and go on").click()
    page.wait_for_url(run)
    steps.accept(page, script=script)
    steps.wait_for_draft(page, script=script)
    steps.shows(page, "1974")


@both
def test_an_expired_run_says_so_and_is_asked_again_with_changes(script: bool, stack: Running, visit: Visit) -> None:
    page = visit(stack.run("expired"), "bob", script=script)
    steps.shows(page, "Nobody decided within seven days, so the run ended")
    page.get_by_role("link", name="Change it and ask again").click()
    expect(page.locator("textarea[name=question]")).to_have_value(re.compile("Harrow"))
    page.locator("button[data-default]").first.click()
    page.wait_for_url("**/research/run_*")
    assert page.url != stack.run("expired")
    steps.until(page, page.locator("#approval-accept"), script=script)


@both
def test_a_deleted_run_is_undone(script: bool, stack: Running, visit: Visit) -> None:
    page = visit("/research", "bob", script=script)
    run = steps.ask(page, stack)
    steps.until(page, page.locator("#approval-accept"), script=script)
    page.get_by_role("button", name=re.compile("Cancel and release")).click()
    page.get_by_role("button", name="Delete the run").click()
    steps.shows(page, "The run was deleted.")
    other = visit(stack.run("published"), "bob", script=script)
    assert other.goto(run).status == 404  # type: ignore[union-attr]
    page.get_by_role("button", name="Undo").click()
    page.wait_for_url(run)
    steps.shows(page, "The run is back.")


def test_after_a_lost_connection_the_page_equals_a_fresh_one(stack: Running, visit: Visit) -> None:
    page = visit("/research", "bob")
    run = steps.ask(page, stack)
    page.locator("#approval-accept").wait_for()
    page.context.set_offline(True)
    page.evaluate("document.dispatchEvent(new CustomEvent('htmx:sse:error', {bubbles: true}))")
    expect(page.locator(".lost")).to_be_visible()
    other = visit(run, "alice")
    steps.accept(other, script=True)
    steps.wait_for_draft(other, script=True)
    page.context.set_offline(False)
    # A tab that comes back connects anew; the stream begins with the whole state.
    page.evaluate("""() => { for (const hidden of [true, false]) {
      Object.defineProperty(document, 'hidden', {configurable: true, get: () => hidden});
      document.dispatchEvent(new Event('visibilitychange')); } }""")
    steps.wait_for_draft(page, script=True)
    expect(page.locator(".lost")).to_be_hidden()
    fresh = visit(run, "bob")
    steps.wait_for_draft(fresh, script=True)
    assert steps.steady(page) == steps.steady(fresh)
