"""The staff pages: for staff only, with what waits everywhere, and nothing of a workspace without a reason."""

from __future__ import annotations

from collections.abc import Callable
from urllib.parse import urlsplit

import pytest
from django.contrib import admin
from django.db import Error, transaction

from apps.accounts import tenancy
from apps.agenda.models import Outbox, PendingApproval
from apps.billing import queries as billing
from apps.lib import clock
from apps.observability.models import AuditEntry
from apps.policy import queries as policy
from apps.policy.approvals import decide
from tests.approvals.test_inbox import text
from tests.staff.conftest import Staff

LISTS = (
    "", "agenda/pendingapproval/", "agenda/outbox/", "agenda/impersonation/", "accounts/workspace/", "accounts/user/",
    "accounts/membership/", "billing/balance/", "billing/creditentry/", "billing/creditgrant/", "billing/entitlement/",
    "billing/usageperiod/", "billing/usagereport/", "observability/auditentry/", "runs/",
    "agenda/pendingapproval/goodwill/", "agenda/impersonation/add/", "agenda/platformpause/",
)  # fmt: skip


def page_of(approval: str) -> str:
    with tenancy.as_platform("a test looks"):
        return f"/staff/agenda/pendingapproval/{PendingApproval.objects.get(approval=approval).pk}/change/"


def audited(staff: Staff, did: str) -> list[AuditEntry]:
    with tenancy.as_platform("a test looks"):
        return list(AuditEntry.objects.filter(workspace=staff.office.schema, did=did))


@pytest.mark.parametrize("page", LISTS)
def test_a_page_answers_staff_hides_from_people_and_leads_the_anonymous_to_sign_in(staff: Staff, page: str) -> None:
    assert staff.visit("stella").get(f"/staff/{page}").status_code == 200
    stranger = staff.visit("alice").get(f"/staff/{page}", follow=True)
    assert stranger.status_code == 404
    anonymous = staff.visit().get(f"/staff/{page}")
    assert anonymous.status_code == 302 and "login" in anonymous["Location"]
    to = staff.visit().get(f"/staff/{page}", follow=True).redirect_chain[-1][0]
    assert urlsplit(to).path == "/login/"


def test_every_model_that_is_registered_is_shared_and_of_the_list() -> None:
    import config.urls_public as urls

    assert urls.urlpatterns
    known = {model._meta.label_lower.replace(".", "/") + "/" for model in admin.site._registry}
    assert {page for page in known if not page.startswith("auth/")} <= set(LISTS)
    assert not {page.split("/")[0] for page in known} & {"policy", "runtime", "library", "memory", "research"}


def test_nobody_adds_changes_or_deletes_by_hand(staff: Staff) -> None:
    approval, stella = staff.office.ask(), staff.visit("stella")
    base = page_of(approval).removesuffix("change/")
    assert stella.get(f"{base}delete/").status_code == 403
    for page in ("agenda/pendingapproval", "agenda/outbox", "accounts/workspace", "billing/creditentry",
                 "observability/auditentry"):  # fmt: skip
        assert stella.get(f"/staff/{page}/add/").status_code == 403


def test_the_queue_shows_every_workspace_and_filters_by_who_decides_and_age(staff: Staff) -> None:
    theirs, ours = staff.office.ask("publish"), staff.office.ask("sandbox_grant")
    stella = staff.visit("stella")
    where = f"workspace={staff.office.schema}"
    found = text(stella.get(f"/staff/agenda/pendingapproval/?{where}"))
    assert theirs in found and ours in found and "Acme" in found
    found = text(stella.get(f"/staff/agenda/pendingapproval/?{where}&decides=staff"))
    assert ours in found and theirs not in found
    found = text(stella.get(f"/staff/agenda/pendingapproval/?{where}&decides=workspace&age=new"))
    assert theirs in found and ours not in found
    assert theirs not in text(stella.get(f"/staff/agenda/pendingapproval/?{where}&age=soon"))


def test_what_an_approval_is_about_is_shown_for_a_reason_only_and_the_workspace_can_read_that(staff: Staff) -> None:
    approval, stella = staff.office.ask(), staff.visit("stella")
    page = page_of(approval)
    assert '"draft"' not in text(stella.get(page))
    assert stella.post(page, {"reason": " "}).status_code == 422
    opened = stella.post(page, {"reason": "ticket 41"})
    assert opened.status_code == 200 and '"draft": "x"' in text(opened)
    (line,) = audited(staff, "approval.opened")
    assert (line.by, line.to, line.reason) == (staff.people["stella"], approval, "ticket 41")


def test_staff_decide_what_is_theirs_with_a_reason_once(staff: Staff) -> None:
    approval = staff.office.ask("mcp_server")
    page, stella = page_of(approval), staff.visit("stella")
    assert stella.post(page, {"verdict": "accept", "reason": ""}).status_code == 422
    assert staff.visit("simon").post(page, {"verdict": "accept", "reason": "fine"}).status_code == 403
    assert stella.post(page, {"verdict": "reject", "reason": "unknown server"}).status_code == 302
    again = staff.visit("stan").post(page, {"verdict": "accept", "reason": "fine"}, follow=True)
    assert "does not wait any more" in text(again)
    with tenancy.in_workspace(staff.office.schema):
        row = policy.approval(approval)
    assert (row.state, row.reason, row.decided_by) == ("rejected", "unknown server", staff.people["stella"])
    assert len(audited(staff, "approval.staff_rejected")) == 1


def test_staff_do_not_decide_what_is_the_workspaces_until_it_hands_it_over(staff: Staff) -> None:
    approval = staff.office.ask("publish")
    page, stella = page_of(approval), staff.visit("stella")
    refused = stella.post(page, {"verdict": "accept", "reason": "fine"})
    assert refused.status_code == 403 and "The workspace decides this one" in text(refused)
    with tenancy.in_workspace(staff.office.schema):
        decide.hand_over(by=staff.office.people["alice"], approval=approval, reason="we disagree")
    assert stella.post(page, {"verdict": "accept", "reason": "fine"}).status_code == 302
    with tenancy.in_workspace(staff.office.schema):
        assert policy.approval(approval).state == "accepted"


def test_goodwill_credits_need_two_of_platform_staff(staff: Staff) -> None:
    form = {"workspace": staff.space.slug, "credits": "40", "reason": "an outage on Tuesday"}
    assert staff.visit("simon").post("/staff/agenda/pendingapproval/goodwill/", form).status_code == 422
    for wrong in ({"credits": "0"}, {"credits": "x"}, {"reason": ""}, {"workspace": "nobody"}):
        assert staff.visit("stella").post("/staff/agenda/pendingapproval/goodwill/", form | wrong).status_code == 422
    assert staff.visit("stella").post("/staff/agenda/pendingapproval/goodwill/", form).status_code == 302
    with tenancy.as_platform("a test looks"):
        waiting = PendingApproval.objects.get(workspace=staff.office.schema, rule="goodwill")
        before = billing.balance(staff.office.schema).available
    page = page_of(waiting.approval)
    own = staff.visit("stella").post(page, {"verdict": "accept", "reason": "mine"})
    assert own.status_code == 403 and "somebody else decides" in text(own)
    assert staff.visit("stan").post(page, {"verdict": "accept", "reason": "right"}).status_code == 302
    staff.visit("stan").post(page, {"verdict": "accept", "reason": "again"})
    with tenancy.as_platform("a test looks"):
        assert billing.balance(staff.office.schema).available == before + 40
        assert billing.ledger(staff.office.schema)[-1].note == "an outage on Tuesday"
    assert [len(audited(staff, f"goodwill.{did}")) for did in ("asked", "accepted")] == [1, 1]


def test_runs_of_a_workspace_are_listed_to_read_for_a_reason(staff: Staff) -> None:
    run, stella = staff.office.run("publish", visibility="private"), staff.visit("stella")
    form = {"workspace": staff.space.slug, "reason": ""}
    assert run not in text(stella.get(f"/staff/runs/?workspace={staff.space.slug}"))
    assert stella.post("/staff/runs/", form).status_code == 422
    assert stella.post("/staff/runs/", form | {"workspace": "nobody", "reason": "x"}).status_code == 422
    found = stella.post("/staff/runs/", form | {"reason": "ticket 7"})
    assert run in text(found) and "Harrow dam" in text(found)
    (line,) = audited(staff, "staff.opened_runs")
    assert line.reason == "ticket 7"


def test_the_outbox_shows_no_content_and_sends_again_what_was_given_up(staff: Staff) -> None:
    with tenancy.as_platform("a test gives one up"):
        row = Outbox.objects.create(
            kind="mail", key=f"test:{staff.office.schema}", payload={"message": {"text": "secret link"}},
            due_at=clock.now(), gave_up_at=clock.now(), tries=8, error="no mail server",
        )  # fmt: skip
    stella = staff.visit("stella")
    assert "secret link" not in text(stella.get(f"/staff/agenda/outbox/{row.pk}/change/"))
    form = {"action": "send_again", "_selected_action": [str(row.pk)]}
    assert stella.post("/staff/agenda/outbox/", form).status_code == 302
    row.refresh_from_db()
    assert row.gave_up_at is None and row.tries == 0
    row.delete()


@pytest.mark.parametrize(
    "change", [lambda row: row.delete(), lambda row: row.save(), lambda row: type(row).objects.update(by=1)]
)  # fmt: skip
def test_the_audit_log_is_never_changed_by_anybody(staff: Staff, change: Callable[[AuditEntry], object]) -> None:
    staff.office.ask()
    (line,) = audited(staff, "approval.asked")
    with tenancy.as_platform("a test tries"), pytest.raises(Error, match="permission denied"), transaction.atomic():
        change(line)
    with tenancy.in_workspace(staff.office.schema), pytest.raises(Error, match="permission denied"):
        with transaction.atomic():
            change(line)
    # Whoever owns the tables has the right, and meets the triggers.
    with tenancy.acting("public", "owner"), pytest.raises(Error, match="append-only"), transaction.atomic():
        change(line)


def test_a_superuser_changes_who_is_staff_and_that_is_kept(staff: Staff) -> None:
    from django.contrib.auth import get_user_model

    page = f"/staff/accounts/user/{staff.office.people['vera']}/change/"
    assert staff.visit("stella").post(page, {"is_active": "", "is_staff": "on"}).status_code == 403
    with tenancy.as_platform("a test promotes"):
        get_user_model().objects.filter(pk=staff.people["stella"]).update(is_superuser=True)
    assert staff.visit("stella").post(page, {"is_active": "on", "is_staff": "on"}).status_code == 302
    with tenancy.as_platform("a test looks"):
        assert get_user_model().objects.get(pk=staff.office.people["vera"]).is_staff
        assert AuditEntry.objects.filter(did="person.changed", to=str(staff.office.people["vera"])).count() == 1
