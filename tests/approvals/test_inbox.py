"""The pages of what waits: three lists, one approval with its history, forms that lose nothing."""

from __future__ import annotations

import html
import re
from datetime import timedelta

import pytest
from django.http import HttpResponse
from django.test import Client

from apps.accounts import tenancy
from apps.agenda.models import PendingApproval
from apps.lib import clock
from apps.policy import queries as policy
from apps.policy.models import Approval
from apps.research.models import Inquiry
from apps.runtime import queries as runtime
from tests.approvals.conftest import Office


def text(response: HttpResponse) -> str:
    plain = re.sub(r"<(script|style|svg)\b.*?</\1>|<[^>]+>", " ", response.content.decode(), flags=re.S)
    return " ".join(html.unescape(plain).split())


def ids(response: HttpResponse) -> list[str]:
    return [row.id for row in response.context["page"].rows]


def test_mine_are_my_own_runs_and_what_was_handed_to_me(office: Office) -> None:
    own, other = office.run("plan"), office.run("publish", by="adam")
    bob, ann = office.visit("bob"), office.visit("ann")
    assert ids(bob.get("/approvals")) == [office.pending(own)]
    assert ids(ann.get("/approvals")) == []
    assert "Nothing waits for you" in text(ann.get("/approvals"))
    assert set(ids(ann.get("/approvals?show=team"))) == {office.pending(own), office.pending(other)}
    form = {"to": str(office.people["ann"]), "reason": "you know the dam"}
    response = office.visit("alice").post(f"/approvals/{office.pending(other)}/delegate", form)
    assert response.status_code == 302
    assert ids(ann.get("/approvals")) == [office.pending(other)]
    page = text(ann.get(f"/approvals/{office.pending(other)}"))
    assert "Handed over" in page and "Ann: you know the dam" in page


def test_a_row_says_what_changes_why_it_stopped_who_asked_what_it_holds_and_until_when(office: Office) -> None:
    office.run("publish")
    page = text(office.visit("ann").get("/approvals?show=team"))
    for part in ("Publish the report", "wanted somebody to read the draft", "asked by Bob", "credits held", "expires",
                 "Remember its sentences"):  # fmt: skip
        assert part in page, part


def test_only_runs_that_a_member_may_see_are_listed_opened_and_decided(office: Office) -> None:
    run = office.run("publish")
    with tenancy.in_workspace(office.schema):
        Inquiry.objects.filter(pk=run).update(visibility="private")
    approval, ann = office.pending(run), office.visit("ann")
    assert ids(ann.get("/approvals?show=team")) == []
    assert ann.get(f"/approvals/{approval}").status_code == 404
    assert ann.post(f"/approvals/{approval}/decide", {"decision": "accept"}).status_code == 404
    assert ann.post(f"/approvals/{approval}/delegate", {"to": "1"}).status_code == 404
    with tenancy.in_workspace(office.schema):
        assert policy.approval(approval).state == "pending"


def test_expiring_holds_what_has_a_day_left(office: Office) -> None:
    late, early = office.run("publish"), office.run("publish")
    with tenancy.in_workspace(office.schema):
        Approval.objects.filter(run=late).update(expires_at=clock.now() + timedelta(hours=23))
    ann = office.visit("ann")
    assert ids(ann.get("/approvals?show=expiring")) == [office.pending(late)]
    assert ids(ann.get("/approvals?show=team")) == [office.pending(late), office.pending(early)]


def test_accepting_from_the_list_lets_the_run_go_on_to_its_end(office: Office) -> None:
    run = office.run("publish")
    response = office.visit("ann").post(f"/approvals/{office.pending(run)}/decide", {"decision": "accept"}, follow=True)
    assert response.status_code == 200 and "Accepted. The run goes on." in text(response)
    from apps.runtime import actions

    with tenancy.in_workspace(office.schema):
        actions.drive()
        assert runtime.run(run).state == "completed"


def test_a_second_decision_gets_409_in_place_and_the_reason_is_not_lost(office: Office) -> None:
    run = office.run("publish")
    approval = office.pending(run)
    office.visit("ann").post(f"/approvals/{approval}/decide", {"decision": "accept"})
    typed = "the 1974 figure <b>is</b> wrong"
    late = office.visit("alice").post(f"/approvals/{approval}/decide", {"decision": "reject", "reason": typed})
    assert late.status_code == 409
    assert re.search(r"Already decided by Ann at \d{1,2} \w{3} \d{4}, \d\d:\d\d", text(late))
    assert typed in html.unescape(late.content.decode()) and "<b>is</b>" not in late.content.decode()
    with tenancy.in_workspace(office.schema):
        assert policy.approval(approval).reason == ""


@pytest.mark.parametrize(
    ("form", "status", "sentence"),
    [({"decision": "reject", "reason": " "}, 422, "Say why"), ({"decision": "burn", "reason": "kept"}, 422, "Choose"),
     ({}, 422, "Choose")],
)  # fmt: skip
def test_a_form_that_says_too_little_comes_back(
    office: Office, form: dict[str, str], status: int, sentence: str
) -> None:
    approval = office.pending(office.run("publish"))
    response = office.visit("ann").post(f"/approvals/{approval}/decide", form)
    assert response.status_code == status and sentence in text(response)
    assert form.get("reason", "").strip() in response.content.decode()


@pytest.mark.parametrize("to", ["", "x", "-1", "99999999999999999999999", "0"])
def test_handing_over_to_nobody_is_refused(office: Office, to: str) -> None:
    approval = office.pending(office.run("publish"))
    assert office.visit("ann").post(f"/approvals/{approval}/delegate", {"to": to}).status_code == 422


def test_a_get_decides_nothing_and_a_form_without_its_token_neither(office: Office) -> None:
    approval = office.pending(office.run("publish"))
    for path in ("decide", "delegate", "hand-over"):
        assert office.visit("alice").get(f"/approvals/{approval}/{path}?decision=accept").status_code == 405
    careful: Client = office.visit("alice", enforce_csrf_checks=True)
    assert careful.post(f"/approvals/{approval}/decide", {"decision": "accept"}).status_code == 403
    with tenancy.in_workspace(office.schema):
        assert policy.approval(approval).state == "pending"


def test_a_viewer_reads_and_is_told_that_they_may_not_decide(office: Office) -> None:
    approval = office.pending(office.run("publish"))
    vera = office.visit("vera")
    page = text(vera.get(f"/approvals/{approval}"))
    assert "your role may not decide it" in page and "Hand over" not in page
    assert vera.post(f"/approvals/{approval}/decide", {"decision": "accept"}).status_code == 403


def test_an_owner_hands_one_to_platform_staff_and_everybody_reads_that(office: Office) -> None:
    approval = office.pending(office.run("publish"))
    assert office.visit("ann").post(f"/approvals/{approval}/hand-over", {"reason": "x"}).status_code == 403
    alice = office.visit("alice")
    assert alice.post(f"/approvals/{approval}/hand-over", {"reason": ""}).status_code == 422
    assert alice.post(f"/approvals/{approval}/hand-over", {"reason": "we disagree"}).status_code == 302
    page = text(alice.get(f"/approvals/{approval}"))
    assert "Platform staff decide this one" in page and "Handed to platform staff" in page
    assert office.visit("ann").post(f"/approvals/{approval}/decide", {"decision": "accept"}).status_code == 403
    with tenancy.as_platform("a test looks"):
        assert PendingApproval.objects.get(approval=approval).approver_role == "platform_staff"


def test_more_than_twenty_come_in_pages_and_odd_pages_are_the_first(office: Office) -> None:
    run = office.run("publish")
    with tenancy.in_workspace(office.schema):
        row = Approval.objects.get(run=run)
        for number in range(22):
            row.pk, row.task = f"apr_more{number}", f"task_{number}"
            row.save(force_insert=True)
    ann = office.visit("ann")
    first, second = ann.get("/approvals?show=team"), ann.get("/approvals?show=team&page=2")
    assert (len(ids(first)), len(ids(second))) == (20, 3)
    assert not set(ids(first)) & set(ids(second))
    for odd in ("0", "-1", "x", "１", "999999999"):
        assert ann.get("/approvals", {"page": odd}).status_code == 200
