"""One call that a rule stopped: what its approver reads, changes and decides; and that exactly this is called."""

from __future__ import annotations

import html
import json
import re
from collections.abc import Callable, Iterator

import pytest
from django.test import Client

from apps.accounts import tenancy
from apps.lib import blobs
from apps.observability import queries as observability
from apps.policy import queries as policy
from apps.policy.actions import policies
from apps.policy.models import Approval, Call, PolicyVersion, ShadowDecision
from apps.policy.queries import ApprovalRow
from apps.research.actions import runs as research
from apps.runtime import actions as runtime
from apps.runtime import queries as runs
from tests.web.conftest import House
from tests.web.reading import text

Visit = Callable[..., Client]
ASKS = """
@id("look-first")
@says("Somebody looks at the last search first.")
@approver("approve")
forbid (principal, action == Action::"library_search", resource)
when {{ context.arguments.query like "*metres*" }}
unless {{ context.approved }};
{more}"""
FOUR_EYES = '@four_eyes("yes")\n@approver("approve")'


@pytest.fixture
def waiting(house: House) -> Iterator[str]:
    """A run that waits for a yes to one search."""
    adopt(house, ASKS.format(more=""))
    run = start(house)
    yield run
    with tenancy.in_workspace(house.cast.acme):
        for left in {row.run for row in policy.approvals(state="pending") if row.rule == "policy:look-first"}:
            research.cancel(by=house.cast.alice, run=left)
    with tenancy.in_workspace(house.cast.acme, gate=True):
        PolicyVersion.objects.all().delete()
        ShadowDecision.objects.all().delete()


def adopt(house: House, words: str) -> None:
    with tenancy.in_workspace(house.cast.acme):
        policies.adopt(by=house.cast.alice, number=policies.save(by=house.cast.alice, text=words))


def start(house: House, by: str = "bob") -> str:
    """Start a run whose plan has a search that the rule is about."""
    with tenancy.in_workspace(house.cast.acme):
        request = research.Request(
            question="How many cubic metres does the Harrow dam hold?", documents=house.documents, approval_points=()
        )
        run = research.start(by=house.people[by], request=request)
        runtime.drive()
    return run


def asked(house: House, run: str) -> ApprovalRow:
    with tenancy.in_workspace(house.cast.acme):
        row = policy.pending_approval(run)
    assert row is not None and row.rule == "policy:look-first", row
    return row


def shown(answer: object, name: str) -> str:
    """Return what stands in a text area."""
    found = re.search(rf'<textarea[^>]*name="{name}"[^>]*>(.*?)</textarea>', answer.content.decode(), re.S)  # type: ignore[attr-defined]
    assert found, name
    return html.unescape(found[1])


def called(house: House, run: str) -> list[dict[str, object]]:
    """Return the arguments with which searches were made, as the ledger keeps them."""
    with tenancy.in_workspace(house.cast.acme):
        rows = Call.objects.filter(run=run, tool="library_search", state="done").order_by("started_at")
        return [json.loads(blobs.get(house.cast.acme, row.arguments_sha)) for row in rows]


def test_the_page_says_rule_line_price_and_the_exact_arguments(house: House, visit: Visit, waiting: str) -> None:
    row = asked(house, waiting)
    page = visit("alice").get(f"/approvals/{row.id}")
    said = text(page)
    for words in ("Let a step use library_search", "Somebody looks at the last search first.", "1 credit",
                  "look-first , your policies, line 2", "A yes holds for exactly this", "nothing is changed",
                  "documents that the run was given"):  # fmt: skip
        assert words in said, words
    assert json.loads(shown(page, "arguments")) == row.subject["arguments"]
    code = re.search(r'<pre class="code"[^>]*><code>(.*?)</code>', page.content.decode(), re.S)
    assert code and json.loads(html.unescape(code[1])) == row.subject["arguments"]
    for where in (f"/research/{waiting}", "/approvals?show=team"):
        listed = text(visit("alice").get(where))
        assert "Let a step use library_search" in listed and "your policies, line 2" in listed, where


def test_edited_arguments_are_what_is_called(house: House, visit: Visit, waiting: str) -> None:
    row, alice = asked(house, waiting), visit("alice")
    edited = {**row.subject["arguments"], "query": "Harrow dam opening", "max_results": 3}
    before = called(house, waiting)
    sent = {"arguments": json.dumps(edited, indent=1), "reason": "narrower"}
    assert alice.post(f"/approvals/{row.id}/edit", sent).status_code == 302
    with tenancy.in_workspace(house.cast.acme):
        runtime.drive()
        assert runs.run(waiting).state == "completed"
        (made,) = [each for each in called(house, waiting) if each not in before and each["max_results"] == 3]
        assert made == edited
        assert row.subject["arguments"] not in called(house, waiting)
    page = text(alice.get(f"/approvals/{row.id}"))
    assert "As it was accepted" in page and "Harrow dam opening" in page and "with changes" in page
    kept = [each for each in observability.about(house.cast.acme, row.id) if each.did == "approval.edited"]
    assert [(each.by, each.reason) for each in kept] == [(house.cast.alice, "narrower")]


def test_unchanged_arguments_are_a_plain_yes(house: House, visit: Visit, waiting: str) -> None:
    row = asked(house, waiting)
    sent = {"arguments": json.dumps(row.subject["arguments"])}
    assert visit("alice").post(f"/approvals/{row.id}/edit", sent).status_code == 302
    with tenancy.in_workspace(house.cast.acme):
        assert (policy.approval(row.id).state, policy.approval(row.id).edited) == ("accepted", None)
        runtime.drive()
        assert runs.run(waiting).state == "completed"


BAD = [
    ('{"query": "a",\n "documents": [}', "line 2, place 16"),
    ("", "line 1, place 1"),
    ('["query"]', "begin with {"),
    ('{"query": "a", "query": "b", "documents": []}', "“query” stands twice"),
    ('{"query": "a", "documents": [], "max_results": NaN}', "JSON knows no NaN"),
    ('{"query": "a", "documents": [], "max_results": 51}', "max_results: 51 is greater than the maximum of 50"),
    ('{"query": "a", "documents": ["x", 1]}', "documents/1: 1 is not of type"),
    ('{"query": "", "documents": []}', "query: "),
    ('{"documents": []}', "'query' is a required property"),
    ('{"query": "a", "documents": [], "url": "x"}', "'url' was unexpected"),
    ('{"query": "\\u0000", "documents": []}', "query: "),
    ("[" * 5000, "nested too deeply"),
    ("1" * 5000, "a number is too long"),
    ('{"query": "' + "x" * 100_001 + '"}', "may have 100000 characters"),
]


def test_bad_arguments_are_refused_at_their_place_and_nothing_is_lost(
    house: House, visit: Visit, waiting: str
) -> None:  # fmt: skip
    row, alice = asked(house, waiting), visit("alice")
    for typed, where in BAD:
        answer = alice.post(f"/approvals/{row.id}/edit", {"arguments": typed, "reason": "my reason"})
        assert answer.status_code == 422, typed[:80]
        place = r'<div class="error" id="arguments-error".*?<span>(.*?)</span>'
        wrong = re.search(place, answer.content.decode(), re.S)
        assert wrong and where in html.unescape(wrong[1]), (typed[:80], wrong)
        assert shown(answer, "arguments") == typed
        assert 'value="my reason"' in answer.content.decode()
        assert asked(house, waiting).id == row.id  # it still waits


def test_who_asked_may_not_decide_where_four_eyes_are_wanted(house: House, visit: Visit, waiting: str) -> None:
    adopt(house, ASKS.format(more="").replace('@approver("approve")', FOUR_EYES))
    run = start(house, by="alice")
    row, alice = asked(house, run), visit("alice")
    page = alice.get(f"/approvals/{row.id}")
    assert "Somebody else has to decide this: you asked for it." in text(page)
    assert 'name="arguments"' not in page.content.decode()
    sent = {"arguments": json.dumps(row.subject["arguments"] | {"query": "other"})}
    for answer in (alice.post(f"/approvals/{row.id}/edit", sent),
                   alice.post(f"/approvals/{row.id}/decide", {"decision": "accept"}),
                   alice.post(f"/research/{run}/decide", {"decision": "accept", "approval": row.id})):  # fmt: skip
        assert answer.status_code == 403
        assert "Somebody else has to decide this" in text(answer)
    assert asked(house, run).id == row.id


def test_whoever_may_not_approve_changes_nothing(house: House, visit: Visit, waiting: str) -> None:
    row = asked(house, waiting)
    sent = {"arguments": json.dumps(row.subject["arguments"] | {"query": "other"})}
    statuses = {who: visit(who).post(f"/approvals/{row.id}/edit", sent).status_code
                for who in ("bob", "vera", "paula", "charlie")}  # fmt: skip
    assert statuses == {"bob": 403, "vera": 403, "paula": 403, "charlie": 404}
    assert visit("alice", forged=True).post(f"/approvals/{row.id}/edit", sent).status_code == 403
    for who in ("bob", "vera"):
        assert 'name="arguments"' not in visit(who).get(f"/approvals/{row.id}").content.decode()
    # A plan is no call: nothing of it is edited here.
    with tenancy.in_workspace(house.cast.acme):
        plan = policy.pending_approval(house.planned)
    assert visit("alice").post(f"/approvals/{plan.id}/edit", sent).status_code == 404
    assert asked(house, waiting).id == row.id


def test_the_gate_decides_about_edited_arguments_once_more(house: House, visit: Visit, waiting: str) -> None:
    row = asked(house, waiting)
    adopt(
        house,
        ASKS.format(
            more="""@id("never")
@says("Never that.")
forbid (principal, action == Action::"library_search", resource)
when { context.arguments.query like "*forbidden*" };"""
        ),
    )
    with tenancy.in_workspace(house.cast.acme):
        runtime.drive()
    sent = {"arguments": json.dumps(row.subject["arguments"] | {"query": "forbidden words"})}
    assert visit("alice").post(f"/approvals/{row.id}/edit", sent).status_code == 302
    with tenancy.in_workspace(house.cast.acme):
        runtime.drive()
        # The policies changed since it was asked: the yes does not count, and it is asked once more.
        again = asked(house, waiting)
        assert again.id != row.id
    assert visit("alice").post(f"/approvals/{again.id}/edit", sent).status_code == 302
    with tenancy.in_workspace(house.cast.acme):
        runtime.drive()
        assert [c.decided_by for c in Call.objects.filter(run=waiting, tool="library_search", state="denied")] == [
            "never"
        ]
    assert "forbidden words" not in [each["query"] for each in called(house, waiting)]


def test_a_tool_that_changed_since_is_not_approved_with_changes(house: House, visit: Visit, waiting: str) -> None:
    row = asked(house, waiting)
    with tenancy.in_workspace(house.cast.acme):
        Approval.objects.filter(pk=row.id).update(subject=row.subject | {"definition": "0" * 64})
    sent = {"arguments": json.dumps(row.subject["arguments"] | {"query": "kept words"})}
    answer = visit("alice").post(f"/approvals/{row.id}/edit", sent)
    assert answer.status_code == 409 and "The tool has changed since it was asked for." in text(answer)
    assert "kept words" in shown(answer, "arguments")
