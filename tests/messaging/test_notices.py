"""Who is told what, by which way, and that nobody hears of what they may not see."""

from __future__ import annotations

from datetime import timedelta

from django.core import mail

from apps.accounts import queries as accounts
from apps.accounts import tenancy
from apps.agenda.models import Due, Outbox, PendingApproval
from apps.lib import clock
from apps.messaging import actions, queries, rules, subscribers
from apps.messaging.models import Notice
from apps.policy.approvals import decide
from apps.policy.models import Approval
from apps.research.models import Inquiry
from apps.runtime import actions as runtime
from apps.runtime import outbox, sweeper
from apps.runtime import queries as runs
from tests.approvals.conftest import Office
from tests.approvals.test_inbox import text


def told(office: Office, kind: str) -> set[str]:
    """Return who was told of a kind, by name."""
    names = {number: name for name, number in office.people.items()}
    with tenancy.as_platform("a test looks"):
        rows = Notice.objects.filter(workspace=office.schema, kind=kind)
        return {names[row.person] for row in rows}


def mailed(office: Office) -> list[str]:
    """Return the kinds of mail that wait."""
    with tenancy.as_platform("a test looks"):
        return sorted(row.payload["kind"] for row in Outbox.objects.filter(workspace=office.schema, sent_at=None))


def test_a_draft_that_waits_tells_those_who_may_decide_and_see_it(office: Office) -> None:
    office.run("publish")
    assert told(office, "waits") == {"alice", "adam", "ann"}
    assert mailed(office) == ["waits"] * 3


def test_a_plan_that_waits_tells_whoever_asked(office: Office) -> None:
    office.run("plan")
    assert told(office, "waits") == {"bob"}


def test_a_private_run_tells_nobody_who_may_not_see_it(office: Office) -> None:
    run = office.run("plan", visibility="private")
    with tenancy.in_workspace(office.schema):
        decide.decide(by=office.people["bob"], approval=office.pending(run), verdict="accept")
    office.run("publish", by="ann", visibility="private")
    assert told(office, "waits") == {"bob", "ann"}


def test_a_notice_of_a_run_that_became_private_is_neither_shown_nor_counted(office: Office) -> None:
    run = office.run("publish")
    ann = office.visit("ann")
    assert ann.get("/notices").context["page"].unread == 1
    with tenancy.in_workspace(office.schema):
        Inquiry.objects.filter(pk=run).update(visibility="private")
    page = ann.get("/notices").context["page"]
    assert (page.unread, page.rows) == (0, ())
    assert "Nothing to tell you yet" in text(ann.get("/notices"))


def test_the_owner_is_told_how_a_run_ended_but_not_of_what_they_did_themselves(office: Office) -> None:
    office.run()
    assert told(office, "ends") == {"bob"} and "ends" not in mailed(office)
    rejected, discarded = office.run("publish"), office.run("plan")
    with tenancy.in_workspace(office.schema):
        decide.decide(by=office.people["ann"], approval=office.pending(rejected), verdict="reject", reason="thin")
        decide.decide(by=office.people["bob"], approval=office.pending(discarded), verdict="reject")
        for run in (rejected, discarded):
            runtime.wake(run=run, task=Approval.objects.get(run=run).task)
        runtime.drive()
        assert {runs.run(run).state for run in (rejected, discarded)} == {"rejected"}
    with tenancy.as_platform("a test looks"):
        assert [row.run for row in Notice.objects.filter(workspace=office.schema, kind="rejected")] == [rejected]


def test_what_expires_ends_the_run_and_tells_its_owner_by_mail_too(office: Office) -> None:
    run = office.run("publish")
    with clock.stopped(clock.now() + timedelta(days=7, minutes=1)):
        with tenancy.as_platform("a test rings for this one run only"):
            Due.objects.exclude(run=run).delete()
        sweeper.sweep()
        runtime.drive()
        with tenancy.in_workspace(office.schema):
            assert runs.run(run).state == "expired"
    assert told(office, "expires") == {"bob"}
    assert mailed(office).count("expires") == 1


def test_what_nobody_decides_goes_to_the_fallback_approver_once(office: Office) -> None:
    run = office.run("publish")
    approval = office.pending(run)
    with tenancy.as_platform("a test sets it"):
        from apps.accounts.models import Workspace

        Workspace.objects.filter(schema_name=office.schema).update(fallback_approver=office.people["ann"])
    assert subscribers.escalate() == 0
    with clock.stopped(clock.now() + timedelta(days=6, hours=1)):
        subscribers.escalate()
        subscribers.escalate()
    with tenancy.as_platform("a test looks"):
        assert Notice.objects.filter(workspace=office.schema, kind="escalated").count() == 1
        assert PendingApproval.objects.get(approval=approval).escalated_at is not None
    with tenancy.in_workspace(office.schema):
        row = Approval.objects.get(pk=approval)
        assert row.assigned_to == office.people["ann"] and row.state == "pending"
    assert told(office, "escalated") == {"ann"}
    assert "Escalated" in text(office.visit("ann").get(f"/approvals/{approval}"))


def test_without_a_named_fallback_the_owner_is_asked(office: Office) -> None:
    office.run("publish")
    with clock.stopped(clock.now() + timedelta(days=6, hours=1)):
        subscribers.escalate()
    assert told(office, "escalated") == {"alice"}


def test_each_person_chooses_by_kind_and_way(office: Office) -> None:
    ann = office.visit("ann")
    page = ann.get("/settings/notifications")
    assert page.status_code == 200
    off = {f"{kind}-{way}": "on" for kind in rules.KINDS for way in rules.CHANNELS if kind != "waits"}
    assert ann.post("/settings/notifications", off).status_code == 302
    adam = office.visit("adam")
    adam.post("/settings/notifications", {"waits-mail": "on"})
    office.run("publish")
    with tenancy.as_platform("a test looks"):
        waiting = Outbox.objects.filter(workspace=office.schema, sent_at=None)
        assert {row.person for row in waiting} == {office.people["alice"], office.people["adam"]}
    assert ann.get("/notices").context["page"].unread == adam.get("/notices").context["page"].unread == 0
    assert office.visit("alice").get("/notices").context["page"].unread == 1


def test_reading_one_or_all_lowers_the_count_in_the_top_bar(office: Office) -> None:
    for _ in range(3):
        office.run("publish")
    ann = office.visit("ann")
    assert "3 unread" in text(ann.get("/notices"))
    first = ann.get("/notices").context["page"].rows[0]
    assert ann.post(f"/notices/{first.id}/read").status_code == 302
    assert "2 unread" in text(ann.get("/approvals"))
    assert ann.get("/notices").context["page"].rows[-1].id == first.id
    assert office.visit("adam").post(f"/notices/{first.id}/read").status_code == 302
    ann.post("/notices/read")
    assert "unread" not in text(ann.get("/approvals"))
    member = accounts.member(office.schema, office.people["adam"])
    with tenancy.in_workspace(office.schema):
        assert queries.unread(member) == 3
        assert actions.mark_read(by=office.people["vera"], workspace=office.schema, notice=first.id) == 0


def test_a_notice_says_who_was_first_and_when(office: Office) -> None:
    run = office.run("publish")
    with tenancy.in_workspace(office.schema):
        decide.decide(by=office.people["adam"], approval=office.pending(run), verdict="accept")
    assert "accepted by Adam at" in text(office.visit("ann").get("/notices"))


def test_a_mail_is_in_the_readers_language_with_the_question_in_it(office: Office) -> None:
    from django.contrib.auth import get_user_model

    office.run("publish")
    with tenancy.as_platform("a test sets it"):
        get_user_model().objects.filter(pk=office.people["ann"]).update(language="de")
    assert outbox.drain() == 3
    sent = {message.to[0].split("-")[0]: message for message in mail.outbox}
    assert set(sent) == {"alice", "adam", "ann"}
    assert sent["alice"].subject.startswith("Waits for a decision: When was the Harrow dam")
    assert "How much" not in sent["alice"].subject and "\n" not in sent["alice"].subject
    body, page = sent["alice"].body, sent["alice"].alternatives[0][0]
    assert "Harrow dam" in body and "/approvals/apr_" in body and "?sign=" in body
    assert "Harrow dam" in page and "?sign=" in page and '<html lang="en"' in page
    assert '<html lang="de"' in sent["ann"].alternatives[0][0]


def test_who_has_left_gets_no_mail_and_it_is_not_tried_again(office: Office) -> None:
    from apps.accounts.models import Membership

    office.run("publish")
    with tenancy.as_platform("a test lets somebody go"):
        Membership.objects.filter(user_id=office.people["ann"]).delete()
    outbox.drain()
    assert len(mail.outbox) == 2
    with tenancy.as_platform("a test looks"):
        left = Outbox.objects.get(person=office.people["ann"])
        assert left.gave_up_at is not None and "has left" in left.error
