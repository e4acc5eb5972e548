"""The page of usage: its figures come to the same however they are added up, and it names no private run."""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from django.test import Client

from apps.accounts import tenancy
from apps.billing import alerts, usage
from apps.billing.models import AlertSetting
from apps.lib import clock
from apps.research.models import Inquiry
from tests.billing.test_usage import call
from tests.web.conftest import House
from tests.web.reading import Visit, text

OLD = datetime(2025, 3, 10, tzinfo=UTC)


def table(client: Client, path: str) -> list[list[str]]:
    """Return the cells of the table of groups, its head and foot included."""
    body = client.get(path).content.decode()
    found = re.search(r'<table class="table ledger usage">(.*?)</table>', body, re.S)
    assert found, path
    cells = [
        re.findall(r"<t[hd][^>]*>(.*?)</t[hd]>", row, re.S) for row in re.findall(r"<tr>(.*?)</tr>", found[1], re.S)
    ]
    return [[" ".join(re.sub(r"<[^>]+>", " ", cell).split()) for cell in row] for row in cells]


def figure(cell: str) -> int:
    return round(float(cell.replace(",", "").lstrip("$")) * (1_000_000 if cell.startswith("$") else 1))


@pytest.fixture(scope="module")
def march(house: House, django_db_blocker: Any) -> Iterator[House]:
    """acme, with calls of 60 runs in March of 2025."""
    with django_db_blocker.unblock():
        _fill(house)
        yield house
        with tenancy.in_workspace(house.cast.acme):
            Inquiry.objects.filter(run__startswith="run_m").delete()
        tenancy.close()


def _fill(house: House) -> None:
    with tenancy.in_workspace(house.cast.acme, gate=True):
        for n in range(60):
            at = OLD + timedelta(hours=n)
            call(at, run=f"run_m{n}", person=house.people["bob"], credits=n + 1, micro_dollars=1_001 * n,
                 tool="=1+1" if n == 7 else "web_search")  # fmt: skip
    with tenancy.in_workspace(house.cast.acme):
        for n in range(55):
            Inquiry.objects.create(
                run=f"run_m{n}", question="q", owner=house.people["bob"], mode="mock", depth="quick", source_cap=1,
                low=1, likely=1, high=1, most=1, visibility="private" if n == 3 else "workspace",
            )  # fmt: skip


@pytest.mark.parametrize("path", ["/billing/usage", "/billing/usage.csv"])
def test_owners_and_the_billing_role_read_it_and_nobody_else(house: House, visit: Visit, path: str) -> None:
    assert [visit(who).get(path).status_code for who in ("alice", "paula")] == [200, 200]
    assert [visit(who).get(path).status_code for who in ("bob", "vera")] == [403, 403]
    assert visit("charlie").get(path).status_code == 404
    assert visit().get(path).status_code == 302
    assert visit("bob").post("/billing/alerts", {"roles": "admin"}).status_code == 403


def test_every_tab_has_rows_that_add_up_to_the_same_foot_and_to_what_programs_are_told(
    house: House, visit: Visit
) -> None:  # fmt: skip
    alice, feet = visit("alice"), []
    for by in usage.DIMENSIONS:
        _head, *rows, foot = table(alice, f"/billing/usage?by={by}")
        page = 1
        while f"page={(page := page + 1)}" in alice.get(f"/billing/usage?by={by}&page={page - 1}").content.decode():
            rows += table(alice, f"/billing/usage?by={by}&page={page}")[1:-1]
        assert rows and [sum(figure(row[n]) for row in rows) for n in range(1, 7)] == [figure(c) for c in foot[1:]]
        feet.append(foot[1:])
    assert len({tuple(foot) for foot in feet}) == 1
    said = alice.get("/api/billing/summary").json()["usage"]
    names = ("calls", "tokens_in", "tokens_out", "calls_billed", "credits", "micro_dollars")
    assert [said[name] for name in names] == [figure(cell) for cell in feet[0]] and said["credits"] > 0
    chart = alice.get("/billing/usage").content.decode()
    days = re.findall(r"<time datetime=[^>]+>[^<]+</time></th><td class=\"num\">([\d,]+)</td>", chart)
    assert sum(figure(day) for day in days) == said["credits"] and len(days) == len(
        usage.month(clock.now().date()).days
    )


def test_a_period_that_was_chosen_stays_while_one_goes_through_tabs_and_pages(march: House, visit: Visit) -> None:
    alice = visit("alice")
    _head, *rows, foot = table(alice, "/billing/usage?month=2025-03")
    body = alice.get("/billing/usage?month=2025-03").content.decode()
    assert len(rows) == 50 and foot[1] == "60" and foot[5] == "1,830"
    assert rows[0][0] == "run_m54" and 'href="/research/run_m54"' in body
    assert "by=person&amp;month=2025-03" in body and "page=2" in body
    _head, *more, again = table(alice, "/billing/usage?month=2025-03&page=2")
    assert len(more) == 5 and again == foot
    # run_m3 is private, five more have no inquiry: they are one line, and no name of theirs is anywhere.
    assert more[-1][:2] == ["Runs you may not see", "6"] and int(more[-1][5]) == 4 + sum(range(56, 61))
    assert "run_m3<" not in body and not {row[0] for row in rows + more} & {"run_m3", "run_m55"}
    assert sum(figure(row[6]) for row in rows + more) == 1_001 * sum(range(60))
    assert table(alice, "/billing/usage?month=2025-03&page=99")[1:] == [*more, again]


def test_the_billing_role_sees_the_sum_and_no_run(march: House, visit: Visit) -> None:
    _head, *rows, foot = table(visit("paula"), "/billing/usage?month=2025-03")
    assert [row[0] for row in rows] == ["Runs you may not see"] and rows[0][1:] == foot[1:]
    _head, *people, foot = table(visit("paula"), "/billing/usage?month=2025-03&by=person")
    assert [row[0] for row in people] == ["Bob"] and people[0][1:] == foot[1:]


def test_the_table_to_download_has_all_rows_of_the_page_and_no_formula(march: House, visit: Visit) -> None:
    alice = visit("alice")
    answer = alice.get("/billing/usage.csv?month=2025-03")
    head, *rows = csv.reader(io.StringIO(answer.content.decode()))
    assert answer["Content-Disposition"] == 'attachment; filename="usage-run-2025-03-01-2025-03-31.csv"'
    assert head[0] == "run" and len(rows) == 55 and rows[-1][0] == "Runs you may not see"
    assert sum(int(row[5]) for row in rows) == 1_830 and sum(int(row[6]) for row in rows) == 1_001 * sum(range(60))
    tools = csv.reader(io.StringIO(alice.get("/billing/usage.csv?month=2025-03&by=tool").content.decode()))
    assert {row[0] for row in tools} == {"tool", "web_search", "'=1+1"}


@pytest.mark.parametrize(
    ("query", "said"),
    [
        ("by=salary", "Usage is added up by run, person, model, tool or version."),
        ("month=March", "Write a month as year and month, such as 2026-10."),
        ("month=2026-13", "Write a month"),
        ("month=9999-01", "This month has not begun yet."),
        ("month=0000-01", "Write a month"),
        ("month=%D9%A2%D9%A0%D9%A2%D9%A6-10", "Write a month"),
        ("period=ever", "Choose this month, last month"),
        ("month=%00", "Null characters"),
    ],
)
def test_what_makes_no_sense_is_answered_with_a_sentence_and_the_page(
    house: House, visit: Visit, query: str, said: str
) -> None:  # fmt: skip
    for path in ("/billing/usage", "/billing/usage.csv"):
        answer = visit("alice").get(f"{path}?{query}")
        assert answer.status_code == 422 and said in text(answer)
    if query == "month=March":
        assert re.search(r'<input type="text" name="month" value="March"', answer.content.decode())


@pytest.mark.parametrize(
    "query", ["page=x", "page=-1", "page=0", "page=99999999999999999999", "by=", "month=", "period=30"]
)
def test_odd_addresses_show_the_usual_page(house: House, visit: Visit, query: str) -> None:
    assert visit("alice").get(f"/billing/usage?{query}").status_code == 200


def test_a_month_in_which_nothing_was_used_says_so(house: House, visit: Visit) -> None:
    page = visit("alice").get("/billing/usage?month=2001-01")
    assert page.status_code == 200 and "No call was answered in this time." in text(page)


def test_whoever_pays_chooses_who_is_told_and_a_choice_of_nobody_is_refused(house: House, visit: Visit) -> None:
    paula, bob = visit("paula"), house.people["bob"]
    try:
        assert "admins are told of budgets too" in text(paula.get("/billing"))
        answer = paula.post("/billing/alerts", {"roles": ["owner", "viewer"], "people": [bob]})
        assert answer.status_code == 302 and answer["Location"] == "/billing"
        with tenancy.in_workspace(house.cast.acme):
            assert alerts.told(house.cast.acme) == alerts.Told(("owner", "viewer"), (bob,), True)
        page = paula.get("/billing").content.decode()
        chosen = re.findall(r'value="(\w+)"[^>]* checked', page)
        assert chosen == ["owner", "viewer", str(bob)]
        for wrong in ({}, {"roles": "king"}, {"people": "999999999"}, {"people": "x"}):
            refused = paula.post("/billing/alerts", wrong)
            assert refused.status_code == 422 and 'role="alert"' in refused.content.decode()
        with tenancy.in_workspace(house.cast.acme):
            assert alerts.told(house.cast.acme).people == (bob,)
    finally:
        with tenancy.in_workspace(house.cast.acme):
            AlertSetting.objects.all().delete()


def test_a_notice_of_the_credits_names_the_mark_and_leads_only_where_its_reader_may_go(
    house: House, visit: Visit
) -> None:  # fmt: skip
    from apps.messaging import actions

    with tenancy.in_workspace(house.cast.acme):
        actions.tell(
            by=None, workspace=house.cast.acme, people=[house.people["alice"], house.people["vera"]], kind="credits",
            run="", at=clock.now(), mark=75,
        )  # fmt: skip
    said = "75 % of this month's credits are taken"
    pages = {who: visit(who).get("/notices") for who in ("alice", "vera")}
    assert all(said in text(page).replace("&#x27;", "'") for page in pages.values())
    assert 'class="title" href="/billing"' in pages["alice"].content.decode()
    assert 'href="/billing"' not in pages["vera"].content.decode()
