"""The first hour: sign up, name a workspace, take the first steps or leave them."""

from __future__ import annotations

import time

from apps.accounts import tenancy
from apps.accounts.actions import welcome
from apps.accounts.queries import member
from apps.library import queries as library
from apps.runtime import queries as runtime
from tests.accounts.conftest import Browser, text
from tests.conftest import Cast


def test_a_new_workspace_is_ready_in_three_seconds_and_its_first_steps_are_real(cast: Cast) -> None:
    browser, began = Browser(cast.charlie), time.monotonic()
    made = browser.apex.post("/new", {"name": "First hour"})
    host = browser.on("first-hour.localhost")
    page = host.get("/research")
    assert time.monotonic() - began < 3, "sign-up to a page that can be asked"
    assert made.status_code == 302 and "First steps" in text(page) and "0 of 3 taken" in text(page)
    asked = host.post("/research/sample")
    run = asked["Location"].rsplit("/", 1)[1]
    assert asked.status_code == 302 and run.startswith("run_")
    owner = member(page.wsgi_request.member.schema, cast.charlie)
    assert owner is not None
    with tenancy.in_workspace(owner.schema):
        assert runtime.run(run).state not in {"failed", "cancelled"}
        held = {row.name for row in library.datasets()}
        documents = len(library.sources_offered())
    assert "Sample library" in held and documents > 5
    assert "1 of 3 taken" in text(host.get("/research")), "the samples are no documents of one's own"
    host.post("/research/sample")
    with tenancy.in_workspace(owner.schema):
        assert len(library.sources_offered()) == documents, "it is copied once"


def test_the_steps_go_when_they_are_taken_or_dismissed_and_a_role_sees_its_own(cast: Cast) -> None:
    alice, bob = member(cast.acme, cast.alice), member(cast.acme, cast.bob)
    assert alice is not None and bob is not None
    with tenancy.in_workspace(cast.acme):
        told, others = welcome.of(alice), welcome.of(bob)
    assert told is not None and others is not None
    assert [step.name for step in told.steps] == ["sample", "document", "colleague"]
    assert [step.name for step in others.steps] == ["sample", "document"], "a researcher invites nobody"
    assert told.steps[2].done, "bob is there"
    browser = Browser(cast.alice).on(cast.acme_host)
    assert browser.post("/welcome/dismiss").status_code == 302
    assert "First steps" not in text(browser.get("/research"))
    assert "First steps" in text(Browser(cast.bob).on(cast.acme_host).get("/research"))
