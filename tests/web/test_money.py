"""The pages of money: who reads them, what they add up to, and what they keep to themselves."""

from __future__ import annotations

import re
from datetime import timedelta

import pytest
from django.test import Client

from apps.accounts import tenancy
from apps.billing import queries
from apps.billing.actions import credits
from apps.lib import clock
from apps.research.models import Inquiry
from tests.web.conftest import House
from tests.web.reading import Visit, text


def rows(client: Client, path: str) -> list[list[str]]:
    body = client.get(path).content.decode()
    cells = [re.findall(r"<t[hd][^>]*>(.*?)</t[hd]>", row, re.S) for row in re.findall(r"<tr>(.*?)</tr>", body, re.S)]
    return [[" ".join(re.sub(r"<[^>]+>", " ", cell).split()) for cell in row] for row in cells]


@pytest.mark.parametrize("path", ["/billing", "/billing/ledger", "/api/billing/summary"])
def test_owners_and_the_billing_role_read_them_and_nobody_else(house: House, visit: Visit, path: str) -> None:
    assert [visit(who).get(path).status_code for who in ("alice", "paula")] == [200, 200]
    assert [visit(who).get(path).status_code for who in ("bob", "vera")] == [403, 403]
    assert visit("charlie").get(path).status_code == 404
    assert visit().get(path).status_code == 302


def test_a_run_has_a_line_for_each_step_and_they_add_up_to_what_it_used(house: House, visit: Visit) -> None:
    run = house.published
    with tenancy.in_workspace(house.cast.acme):
        lines = queries.ledger(house.cast.acme, run=run)
    charged = [line for line in lines if line.kind == "charge"]
    assert {line.step for line in charged} >= {"plan"} and len({line.step for line in charged}) > 2
    assert "" not in {line.step for line in charged}
    total = {kind: sum(line.credits for line in lines if line.kind == kind) for kind in ("hold", "charge", "release")}
    assert total["hold"] == total["charge"] + total["release"]
    shown = rows(visit("alice"), f"/billing/ledger?run={run}")[1:]
    assert len(shown) == len(lines)
    assert sum(int(row[2]) for row in shown if row[2].lstrip("+-").isdigit()) == -total["charge"]


def test_the_newest_line_says_what_is_available_now_on_whatever_page_it_stands(house: House, visit: Visit) -> None:
    alice, now = visit("alice"), 0
    with tenancy.in_workspace(house.cast.acme):
        now = queries.balance(house.cast.acme).available
    first = rows(alice, "/billing/ledger")[1:]
    assert first[0][3].replace(",", "") == str(now)
    with tenancy.in_workspace(house.cast.acme):
        known = queries.movements(house.cast.acme, limit=10_000)
    assert [line.after for line in known if line.id == known[5].id] == [known[5].after]
    (again,) = [line for line in _after(house, known[4].id) if line.id == known[5].id]
    assert again.after == known[5].after


def _after(house: House, before: int) -> list[queries.Movement]:
    with tenancy.in_workspace(house.cast.acme):
        return queries.movements(house.cast.acme, before=before)


def test_who_pays_sees_what_a_private_run_cost_and_not_what_it_was(house: House, visit: Visit) -> None:
    run = house.start("plan")
    with tenancy.in_workspace(house.cast.acme):
        Inquiry.objects.filter(pk=run).update(visibility="private")
    page = visit("paula").get(f"/billing/ledger?run={run}")
    assert "a run you may not see" in text(page)
    assert f'href="/research/{run}"' not in page.content.decode()


def test_programs_are_told_the_figures_of_the_page(house: House, visit: Visit) -> None:
    alice = visit("alice")
    said = alice.get("/api/billing/summary").json()
    page = text(alice.get("/billing"))
    for figure in (*said["credits"].values(), said["month"]["charged"]):
        assert f"{figure:,}" in page
    assert said["credits"]["available"] == sum(row["left"] for row in said["grants"])
    assert said["credits"]["held"] == sum(row["held"] for row in said["grants"])


def test_grants_stand_in_the_order_they_are_used_with_their_end(house: House, visit: Visit) -> None:
    ends = clock.now() + timedelta(days=9)
    with tenancy.in_workspace(house.cast.globex):
        for source, until in (("topup", None), ("plan", ends)):
            credits.grant(
                by=None, workspace=house.cast.globex, credits=40, key=f"page-{source}", source=source, expires_at=until
            )
    shown = rows(visit("charlie", host=house.cast.globex_host), "/billing")
    first = [row[0].split()[0] for row in shown[1:4]]
    assert first == ["Plan", "Starting", "Top-up"]
    assert shown[1][5] == f"{ends:%-d %b %Y}" and shown[3][5] == "for good"


@pytest.mark.parametrize("query", ["before=x", "before=-1", "before=99999999999999999999", "run=%00", "before=٣"])
def test_odd_addresses_show_the_ledger_or_nothing(house: House, visit: Visit, query: str) -> None:
    assert visit("alice").get(f"/billing/ledger?{query}").status_code == 200
