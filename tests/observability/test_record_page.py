"""The page of the record: its filters, its pages, and all of it as JSON lines."""

from __future__ import annotations

import json
from collections.abc import Callable

import pytest
from django.contrib.auth import get_user_model
from django.test import Client

from apps.accounts import tenancy
from apps.lib import clock
from apps.observability import audit
from tests.conftest import Cast


@pytest.fixture
def filled(committed: Cast) -> Cast:
    """Acme's record: lines of alice and bob, a call of an agent for bob that was denied, and globex's secret."""
    acme = committed.acme
    with tenancy.in_workspace(committed.globex):
        audit.record(by=committed.charlie, did="globex.secret", to="x", workspace=committed.globex)
    with tenancy.in_workspace(acme):
        audit.record(by=committed.alice, did="budget.raised", to="month", reason="More <b>work</b>", workspace=acme)
        audit.record(by=committed.bob, did="report.shared", to="run_1", workspace=acme)
        audit.record(
            by=None, did="call.denied", to="call_1", reason="web_fetch", workspace=acme, agent="analyst",
            on_behalf_of=committed.bob, rule="outside-plan", outcome="policy",
        )  # fmt: skip
    return committed


@pytest.fixture
def visit(filled: Cast) -> Callable[[int], Client]:
    """Return a browser of somebody on acme's host."""

    def browser(person: int) -> Client:
        client = Client(headers={"host": filled.acme_host, "accept-language": "en"})
        with tenancy.as_platform("a test signs in"):
            client.force_login(get_user_model().objects.get(pk=person))
        return client

    return browser


def rows(answer: object) -> list[dict[str, object]]:
    """Return what an export holds."""
    return [json.loads(line) for line in b"".join(answer.streaming_content).decode().splitlines()]


def dids(client: Client, query: str) -> list[str]:
    """Return what an export with a filter holds, in words."""
    return [str(row["did"]) for row in rows(client.get(f"/settings/record.jsonl?{query}"))]


def test_filters_leave_what_was_asked_for(filled: Cast, visit: Callable) -> None:
    alice, today = visit(filled.alice), clock.now().date().isoformat()
    assert dids(alice, "whose=agents") == ["call.denied"]
    assert dids(alice, "whose=people")[:2] == ["report.shared", "budget.raised"]
    assert dids(alice, f"person={filled.bob}&did=call.") == ["call.denied"]
    assert "report.shared" in dids(alice, f"person={filled.bob}") and "budget.raised" not in dids(
        alice, f"person={filled.bob}"
    )
    assert dids(alice, "agent=analyst") == dids(alice, "outcome=policy") == ["call.denied"]
    assert len(dids(alice, f"since={today}&until={today}")) >= 3
    assert dids(alice, "until=2020-01-01") == [] and dids(alice, "since=2090-01-01") == []


def test_the_page_shows_as_whom_by_which_rule_and_with_which_outcome(filled: Cast, visit: Callable) -> None:
    page = visit(filled.alice).get("/settings/record?whose=agents").content.decode()
    for word in ("analyst", "for Bob", "outside-plan", "policy", "call.denied", "web_fetch"):
        assert word in page, word
    assert "budget.raised" not in page and "globex.secret" not in page
    assert "More &lt;b&gt;work&lt;/b&gt;" in visit(filled.alice).get("/settings/record").content.decode()


def test_a_filter_stays_on_the_older_pages_and_in_the_export(filled: Cast, visit: Callable) -> None:
    with tenancy.in_workspace(filled.acme):
        for number in range(60):
            audit.record(by=filled.bob, did=f"counted.{number}", to="x", workspace=filled.acme)
    alice = visit(filled.alice)
    page = alice.get("/settings/record?did=counted.").content.decode()
    older = page.split('href="?')[1].split('"')[0].replace("&amp;", "&")
    assert "did=counted." in older and "record.jsonl?did=counted." in page
    second = alice.get(f"/settings/record?{older}").content.decode()
    assert "counted.0<" in second and "counted.59<" not in second and "budget.raised" not in second


@pytest.mark.parametrize(
    "query",
    ["since=tomorrow", "person=99999999", "person=x", "whose=x", "agent=nobody", "since=2026-02-01&until=2026-01-01",
     f"did={'x' * 61}"],
)  # fmt: skip
def test_a_wrong_filter_is_said_at_its_field_and_exports_nothing(filled: Cast, visit: Callable, query: str) -> None:
    alice = visit(filled.alice)
    for path in ("/settings/record", "/settings/record.jsonl"):
        answer = alice.get(f"{path}?{query}")
        assert answer.status_code == 422 and "error-summary" in answer.content.decode()
    page = alice.get("/settings/record?did=none.such")
    assert page.status_code == 200 and "No entry fits" in page.content.decode()


def test_an_export_is_whole_in_order_and_nobody_elses(filled: Cast, visit: Callable, monkeypatch: object) -> None:
    from apps.accounts.actions import record

    with tenancy.in_workspace(filled.acme):
        for number in range(25):
            audit.record(by=filled.bob, did=f"counted.{number}", to="x\n\x7f“", workspace=filled.acme)
    monkeypatch.setattr(record, "PORTION", 10)
    answer = visit(filled.alice).get("/settings/record.jsonl")
    assert answer["Content-Disposition"].startswith("attachment") and answer["Cache-Control"] == "no-store"
    found = rows(answer)
    ids = [row["id"] for row in found]
    assert ids == sorted(ids, reverse=True) and len(set(ids)) == len(ids) >= 28
    assert found[0] | {"id": 0, "at": ""} == {
        "id": 0, "at": "", "by": filled.bob, "by_name": found[0]["by_name"], "agent": "", "on_behalf_of": None,
        "on_behalf_of_name": "", "did": "counted.24", "to": "x\n\x7f“", "rule": "", "outcome": "", "reason": "",
        "withheld": False, "digest": "",
    }  # fmt: skip
    assert "globex.secret" not in {row["did"] for row in found}


def test_who_may_not_change_the_settings_reads_neither(filled: Cast, visit: Callable) -> None:
    for path in ("/settings/record", "/settings/record.jsonl"):
        assert visit(filled.bob).get(path).status_code == 403
        assert visit(filled.charlie).get(path).status_code == 404
