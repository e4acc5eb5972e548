"""A link from a mail opens one approval for one person until a time, and never decides."""

from __future__ import annotations

from datetime import timedelta

from django.core import signing

from apps.accounts import tenancy
from apps.lib import clock
from apps.messaging import cards
from apps.policy import queries as policy
from tests.approvals.conftest import Office


def link(office: Office, approval: str, person: str, **more: float) -> str:
    until = clock.now() + timedelta(days=more.get("days", 7))
    token = cards.sign(approval=approval, person=office.people[person], until=until)
    return f"/approvals/{approval}?sign={token}"


def test_the_link_opens_the_approval_for_the_person_it_was_sent_to(office: Office) -> None:
    approval = office.pending(office.run("publish"))
    response = office.visit("ann").get(link(office, approval, "ann"))
    assert response.status_code == 200 and b"What changes" in response.content
    with tenancy.in_workspace(office.schema):
        assert policy.approval(approval).state == "pending"


def test_without_a_session_it_leads_to_sign_in_and_back(office: Office) -> None:
    approval = office.pending(office.run("publish"))
    response = office.visit().get(link(office, approval, "ann"))
    assert response.status_code == 302
    assert "/enter/" in response["Location"] and f"%2Fapprovals%2F{approval}%3Fsign%3D" in response["Location"]


def test_a_link_for_somebody_else_of_another_approval_too_old_or_forged_is_refused(office: Office) -> None:
    first, second = office.pending(office.run("publish")), office.pending(office.run("publish"))
    ann, good = office.visit("ann"), link(office, first, "ann")
    token = good.partition("sign=")[2]
    forged = signing.dumps([first, office.people["ann"], 9999999999], salt="another")
    for path in (
        link(office, first, "alice"), link(office, first, "ann", days=-1), f"/approvals/{second}?sign={token}",
        f"/approvals/{first}?sign={token[:-3]}abc", f"/approvals/{first}?sign={forged}", f"/approvals/{first}?sign=",
        f"/approvals/{first}?sign=%00", f"/approvals/{first}?sign={'x' * 5000}",
    ):  # fmt: skip
        assert ann.get(path).status_code == 403, path
    assert ann.get(good).status_code == 200


def test_the_signature_gives_no_right_that_the_person_does_not_have(office: Office) -> None:
    approval = office.pending(office.run("publish"))
    assert b"data-accept" not in office.visit("vera").get(link(office, approval, "vera")).content
    assert office.visit("charlie").get(link(office, approval, "charlie")).status_code == 404
