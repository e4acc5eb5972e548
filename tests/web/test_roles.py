"""What a role may do on its pages, and decisions that are made once."""

from __future__ import annotations

import re

from apps.accounts import tenancy
from apps.library.models import Document
from apps.policy import queries as policy
from apps.runtime import actions as runtime
from apps.runtime import queries as runs
from tests.web.conftest import House
from tests.web.reading import Visit, doors, pages, runs_there, text


def test_a_viewer_reads_everything_and_changes_nothing(house: House, visit: Visit) -> None:
    vera = visit("vera")
    for path in pages(house):
        assert vera.get(path).status_code == 200, path
    before = runs_there(house)
    with tenancy.in_workspace(house.cast.acme):
        approval = policy.pending_approval(house.planned)
    assert approval is not None
    for path, form in doors(house.planned).items():
        response = vera.post(path, {**form, **({"approval": approval.id} if "approval" in form else {})})
        assert response.status_code == 403, path
        assert "does not allow this. Ask an owner or admin." in text(response), path
    with tenancy.in_workspace(house.cast.acme):
        assert runs.run(house.planned).state == "waiting_approval"
        assert Document.objects.filter(run="").count() == 2
    assert runs_there(house) == before


def test_a_researcher_accepts_plans_but_publishes_nothing(house: House, visit: Visit) -> None:
    run = house.start("plan", "publish")
    bob = visit("bob")
    assert bob.post(f"/research/{run}/plan", {"decision": "start"}).status_code == 302
    with tenancy.in_workspace(house.cast.acme):
        runtime.drive()
        approval = policy.pending_approval(run)
    assert approval is not None and approval.rule == "publish"
    assert 'value="accept"' not in bob.get(f"/research/{run}").content.decode()
    refused = bob.post(f"/research/{run}/decide", {"decision": "accept", "approval": approval.id})
    assert refused.status_code == 403
    assert "Your role in this workspace, researcher, does not allow this." in text(refused)


def test_a_role_that_pays_reads_no_research(house: House, visit: Visit) -> None:
    for path in pages(house):
        response = visit("paula").get(path)
        assert response.status_code == 403, path
        assert "Harrow" not in text(response)


def test_the_second_decision_is_told_who_was_first(house: House, visit: Visit) -> None:
    run = house.start("publish")
    with tenancy.in_workspace(house.cast.acme):
        approval = policy.pending_approval(run)
    assert approval is not None
    form = {"decision": "accept", "approval": approval.id, "reason": "Checked."}
    assert visit("alice").post(f"/research/{run}/decide", form).status_code == 302
    second = visit("alice").post(f"/research/{run}/decide", form | {"decision": "reject"})
    assert second.status_code == 409
    assert re.search(r"Already decided by Alice at \d{1,2} \w{3} \d{4}, \d\d:\d\d: accepted\.", text(second))
    assert "What you wrote" in text(second) and "can't read" not in text(second)
    with tenancy.in_workspace(house.cast.acme):
        runtime.drive()
        assert runs.run(run).state == "completed"


def test_a_decision_for_another_run_or_none_is_refused(house: House, visit: Visit) -> None:
    run = house.start("publish")
    with tenancy.in_workspace(house.cast.acme):
        other = policy.pending_approval(house.drafted)
    assert other is not None
    alice = visit("alice")
    path = f"/research/{run}/decide"
    assert alice.post(path, {"decision": "accept", "approval": other.id}).status_code == 404
    assert alice.post(path, {"decision": "perhaps", "approval": other.id}).status_code == 422
    assert alice.post(path, {}).status_code == 422
    assert alice.post(f"/research/{run}/plan", {"decision": "x"}, follow=True).status_code in {200, 422}
    assert alice.get(path).status_code == 405


def test_a_run_is_cancelled_once_and_resumed_once(house: House, visit: Visit) -> None:
    run = house.start("plan")
    bob = visit("bob")
    assert bob.post(f"/research/{run}/resume").status_code == 409
    assert bob.post(f"/research/{run}/cancel").status_code == 302
    again = bob.post(f"/research/{run}/cancel")
    assert again.status_code == 409 and "This run has ended already." in text(again)
    assert "Cancelled" in text(bob.get(f"/research/{run}"))
    assert bob.post(f"/research/{run}/resume").status_code == 302
    with tenancy.in_workspace(house.cast.acme):
        runtime.drive()
        assert runs.run(run).state == "waiting_approval"


def test_a_report_is_not_there_until_it_is_published(house: House, visit: Visit) -> None:
    for run in (house.planned, house.drafted):
        for suffix in ("", ".pdf", ".md", ".html", ".json"):
            assert visit("alice").get(f"/research/{run}/report{suffix}").status_code == 404, (run, suffix)
    assert visit("alice").get(f"/research/{house.published}/report.docx").status_code == 404


def test_a_viewer_is_offered_nothing_that_would_be_refused(house: House, visit: Visit) -> None:
    offers = {"/research": 'id="ask"', f"/research/{house.planned}/plan": 'value="start"', "/datasets": 'type="file"'}
    offers |= {f"/research/{run}": 'value="accept"' for run in (house.planned, house.drafted)}
    offers |= {f"/research/{house.planned}#cancel": 'form="run-cancel"'}
    for path, offer in offers.items():
        assert offer in visit("alice").get(path).content.decode(), path
        assert offer not in visit("vera").get(path).content.decode(), path
