"""The record of a workspace: what was done, by whom and why; for whoever may change the settings."""

from __future__ import annotations

import json

from apps.accounts import tenancy
from apps.observability import audit
from apps.policy import queries as policy
from apps.policy.models import Approval
from apps.research.models import Inquiry
from tests.web.conftest import House
from tests.web.reading import Visit, text


def test_the_record_says_who_withdrew_what_and_why(house: House, visit: Visit) -> None:
    run = house.start()
    assert visit("bob").post(f"/research/{run}/withdraw", {"reason": "The ledger was wrong."}).status_code == 302
    page = visit("alice").get("/settings/record")
    assert page.status_code == 200
    assert all(word in text(page) for word in ("report.withdrawn", run, "The ledger was wrong.", "Bob"))
    for person in ("bob", "vera", "paula"):
        assert visit(person).get("/settings/record").status_code == 403, person


def test_the_record_is_read_page_by_page_and_holds_nobody_elses(house: House, visit: Visit) -> None:
    with tenancy.in_workspace(house.cast.globex):
        audit.record(by=None, did="globex.secret", to="x", workspace=house.cast.globex)
    with tenancy.in_workspace(house.cast.acme):
        for n in range(60):
            audit.record(by=house.people["alice"], did=f"counted.{n}", to="x", workspace=house.cast.acme)
    alice = visit("alice")
    first = alice.get("/settings/record")
    assert "counted.59" in text(first) and "counted.5 " not in text(first)
    older = first.content.decode().split('href="?before=')[1].split('"')[0]
    assert "counted.5 " in text(alice.get(f"/settings/record?before={older}"))
    assert "globex" not in text(first)
    assert alice.get("/settings/record?before=x%00").status_code == 200


def test_words_about_a_run_that_the_reader_may_not_see_are_kept_from_the_record(house: House, visit: Visit) -> None:
    run = house.start("plan")
    with tenancy.in_workspace(house.cast.acme):
        waits = policy.pending_approval(run)
    assert waits is not None
    form = {"to": str(house.cast.alice), "reason": "the plum harvest"}
    assert visit("bob").post(f"/approvals/{waits.id}/delegate", form).status_code == 302
    for shown, visibility in ((True, "workspace"), (False, "private")):
        with tenancy.in_workspace(house.cast.acme):
            Inquiry.objects.filter(pk=run).update(visibility=visibility)
            Approval.objects.filter(pk=waits.id).update(assigned_to=None)
        page = visit("alice").get("/settings/record").content.decode()
        export = b"".join(visit("alice").get("/settings/record.jsonl").streaming_content).decode()
        for words in ("the plum harvest", waits.id):
            assert ((words in page), (words in export)) == (shown, shown), words
    rows = [json.loads(line) for line in export.splitlines()]
    (row,) = [row for row in rows if row["withheld"] and row["did"] == "approval.delegated"]
    assert (row["to"], row["reason"]) == ("apr_…", "")


def test_a_document_that_a_private_run_wrote_is_kept_from_the_record(house: House, visit: Visit) -> None:
    run = house.start()
    for shown, visibility in ((True, "workspace"), (False, "private")):
        with tenancy.in_workspace(house.cast.acme):
            Inquiry.objects.filter(pk=run).update(visibility=visibility)
        export = b"".join(visit("alice").get("/settings/record.jsonl").streaming_content).decode()
        page = visit("alice").get("/settings/record").content.decode()
        assert ((run in export), (run in page)) == (shown, shown)
