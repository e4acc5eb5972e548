"""Monitors through every layer: timetables, looks, runs, changes, budgets, who is told, who sees."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from django.contrib.auth import get_user_model
from django.test import Client
from django_celery_beat.models import PeriodicTask

from apps.accounts import queries as accounts
from apps.accounts import tenancy
from apps.agenda.models import Outbox
from apps.agenda.queries import Parcel
from apps.billing import queries as billing
from apps.billing.entitlements import BeyondPlan
from apps.billing.models import Entitlement
from apps.lib import clock
from apps.lib.errors import Forbidden, NotFound, ProductError
from apps.library.actions import documents as library
from apps.library.actions.documents import Upload
from apps.library.models import Source
from apps.messaging import mail as letters
from apps.messaging.models import Notice
from apps.monitors import queries
from apps.monitors.actions import firing, keeping
from apps.monitors.actions.keeping import Wish
from apps.monitors.models import Edition, Monitor
from apps.monitors.rules.timetable import Timetable
from apps.policy.models import Call
from apps.research.actions import erasing
from apps.research.actions.runs import Request
from apps.runtime import actions as runtime
from apps.runtime import beat
from tests.conftest import Cast

QUESTION = "When was the Harrow dam opened and how much water does it hold?"
DAILY = Timetable("daily", 8, 0, "Europe/Berlin")
DAM = "# The Harrow dam\n\nThe Harrow dam was opened on 4 May 1974. It holds {} million cubic metres of water.\n"
CHOIR = b"# Minutes of the choir\n\nThe choir met on Tuesday and sang for two hours.\n"


def put(cast: Cast, text: str, name: str = "dam.md") -> None:
    added, refused = library.add(by=cast.alice, uploads=[Upload(name, text.encode())])
    assert added and not refused


def wish(**more: object) -> Wish:
    given = {"question": QUESTION, "depth": "quick", "approval_points": ()}
    own = {key: more.pop(key) for key in ("whole", "cap", "ways", "timetable") if key in more}
    return Wish(**{"request": Request(**given | more), "timetable": DAILY, "whole": True} | own)  # type: ignore[arg-type]


def strike(cast: Cast, monitor: str, at: datetime) -> Edition | None:
    """Let a time come, and do all the work that follows from it."""
    with clock.stopped(at):
        edition = firing.due(workspace=cast.acme, monitor=monitor, at=at)
        runtime.drive()
    if edition:
        with tenancy.in_workspace(cast.acme):
            edition.refresh_from_db()
    return edition


def signed_in(cast: Cast) -> Callable[..., Any]:
    """A browser of alice's on acme's host, which checks forms for forgery."""
    client = Client(headers={"host": cast.acme_host, "accept-language": "en"})
    with tenancy.as_platform("a test signs in"):
        client.force_login(get_user_model().objects.get(pk=cast.alice))
    return lambda method, path, given=None: getattr(client, method)(path, given)


def models_asked() -> int:
    return Call.objects.filter(tool__startswith="model_").count()


def letters_of(kind: str) -> list[Outbox]:
    return [row for row in Outbox.objects.all() if row.payload.get("kind") == kind]


def test_a_changed_value_is_told_once_with_its_spans_and_an_unchanged_source_asks_no_model(committed: Cast) -> None:
    cast, start = committed, datetime.now(UTC).replace(microsecond=0)
    with tenancy.in_workspace(cast.acme):
        put(cast, DAM.format("12.5"))
        put(cast, CHOIR.decode(), "choir.md")
        monitor = keeping.create(by=cast.alice, wish=wish())
    first = strike(cast, monitor, start + timedelta(days=1))
    assert first is not None and (first.state, first.changes) == ("changed", [])
    with tenancy.in_workspace(cast.acme):
        keeping.view(by=cast.alice, monitor=monitor)
        asked, before = models_asked(), billing.balance(cast.acme).available
        assert asked > 0 and first.credits > 0
    same = strike(cast, monitor, start + timedelta(days=2))
    assert same is not None and (same.state, same.run) == ("unchanged", "")
    with tenancy.in_workspace(cast.acme):
        assert models_asked() == asked
        put(cast, DAM.format("12.5").replace("4 May 1974", "**1974-05-04**").replace("water.", "water.  "))
    cosmetic = strike(cast, monitor, start + timedelta(days=3))
    assert cosmetic is not None and (cosmetic.state, cosmetic.run) == ("unchanged", ""), cosmetic.reason
    with tenancy.in_workspace(cast.acme):
        assert models_asked() == asked, "a cosmetic change asked a model"
        assert before - billing.balance(cast.acme).available == cosmetic.credits <= 2
        assert not letters_of("changed")
        put(cast, DAM.format("13.1"))
    other = strike(cast, monitor, start + timedelta(days=4))
    assert other is not None and other.state == "changed", (other.state, other.reason)
    with tenancy.in_workspace(cast.acme):
        told = [change for change in other.changes if change["kind"] == "changed"]
        assert told and all("12.5" in c["old"] and "13.1" in c["new"] for c in told), other.changes
        assert {c["kind"] for c in other.changes} == {"changed"}
        for change in told:
            assert change["before"][0]["run"] == first.run and change["after"][0]["run"] == other.run
            assert "13.1" in change["after"][0]["quote"]
        assert len(letters_of("changed")) == 1
        assert Notice.objects.filter(kind="changed", person=cast.alice).count() == 1
        assert not Notice.objects.filter(kind="ends").exists()
        assert billing.balance(cast.acme).held == 0
        used = sum(Edition.objects.filter(monitor=monitor).values_list("credits", flat=True))
        assert used == sum(line.credits for line in billing.ledger(cast.acme) if line.kind == "charge")
    ask = signed_in(cast)
    page = ask("get", f"/monitors/{monitor}").content.decode()
    assert "12.5" in page and "13.1" in page and f"/research/{other.run}/sources/" in page
    with tenancy.in_workspace(cast.acme):
        [row] = letters_of("changed")
        parcel = Parcel(row.pk, row.workspace, row.kind, row.person, row.address, row.payload, row.key, row.tries)
    written = letters._compose(parcel)["text"]
    assert "was: " in written and "now: " in written and f"/monitors/{monitor}" in written
    assert ask("post", f"/monitors/{monitor}/viewed").status_code == 302
    assert "Nothing has changed." in ask("get", f"/monitors/{monitor}").content.decode()
    with tenancy.in_workspace(cast.acme):
        erasing.erase(run=first.run)
        erasing.erase(run=other.run)
        assert not Source.objects.filter(run__contains=".look").exists()


def test_after_a_day_without_a_scheduler_each_monitor_runs_once_though_two_tell_of_it(committed: Cast) -> None:
    cast, now = committed, datetime.now(UTC)
    tables = [replace(DAILY, hour=hour, zone=zone) for hour, zone in ((3, "UTC"), (15, "Asia/Tokyo"), (23, "UTC"))]
    with tenancy.in_workspace(cast.acme):
        put(cast, DAM.format("12.5"))
        made = [keeping.create(by=cast.alice, wish=wish(timetable=table)) for table in tables]
        Monitor.objects.update(since=now - timedelta(days=9))
    PeriodicTask.objects.filter(name__startswith=cast.acme).update(last_run_at=now - timedelta(days=2, hours=1))
    PeriodicTask.objects.exclude(name__startswith=cast.acme).delete()
    first, second = beat.begin(), beat.begin()
    assert len(first.schedule) == len(second.schedule) == 3
    assert beat.strike(first) == 3
    assert beat.strike(first) == 0
    assert beat.strike(second) == 3, "a second scheduler, which had read its rows before, tells of them too"
    assert beat.strike(beat.begin()) == 0, "what was told of is written down: a third one has nothing to tell"
    with tenancy.in_workspace(cast.acme):
        for monitor in made:
            states = list(Edition.objects.filter(monitor=monitor).values_list("state", flat=True))
            assert states.count("running") == 1, states
            assert set(states) == {"running", "missed"}


def test_a_failure_rests_longer_each_time_and_after_five_the_owner_is_told_once(cast: Cast) -> None:
    start = datetime.now(UTC)
    with tenancy.in_workspace(cast.acme):
        put(cast, DAM.format("12.5"))
        monitor = keeping.create(by=cast.alice, wish=wish())
    states = []
    for day in range(1, 40):
        at = start + timedelta(days=day)
        with clock.stopped(at):
            edition = firing.due(workspace=cast.acme, monitor=monitor, at=at)
            if edition and edition.state == "running":
                with tenancy.in_workspace(cast.acme):
                    runs_ended(cast, edition, "failed")
        states.append("-" if edition is None else "failed" if edition.run else "missed")
    rests = "".join({"failed": "F", "missed": ".", "-": ""}[state] for state in states)
    assert rests == "F.F..F....F........F"
    with tenancy.in_workspace(cast.acme):
        row = queries.demand(accounts.member(cast.acme, cast.alice), monitor)  # type: ignore[arg-type]
        assert row.state == "held" and "5 times in a row" in row.reason
        assert len(letters_of("held")) == 1
    assert not PeriodicTask.objects.filter(name__endswith=monitor).exists()


def runs_ended(cast: Cast, edition: Edition, state: str) -> None:
    from apps.monitors.actions import editions

    assert editions.ended(run=edition.run, state=state) is None


def test_the_cap_of_a_month_is_never_exceeded_whatever_is_asked(cast: Cast) -> None:
    start = datetime(2027, 3, 1, 0, 30, tzinfo=UTC)
    with tenancy.in_workspace(cast.acme):
        put(cast, DAM.format("12.5"))
        with clock.stopped(start):
            monitor = keeping.create(by=cast.alice, wish=wish(cap=25, timetable=replace(DAILY, zone="UTC")))
    held = []
    for day in range(1, 6):
        with clock.stopped(start + timedelta(days=day)), tenancy.in_workspace(cast.acme):
            edition = firing.due(workspace=cast.acme, monitor=monitor, at=clock.now())
            if edition and edition.run:
                held.append(billing.ledger(cast.acme, run=edition.run)[0].credits)
                edition.credits, edition.held, edition.state = edition.held, 0, "failed"
                edition.save()
    assert held and sum(held) <= 25 < sum(held) + held[0]
    with tenancy.in_workspace(cast.acme):
        row = Monitor.objects.get(pk=monitor)
        assert row.state == "held" and "25 credits a month" in row.reason
        with clock.stopped(start + timedelta(days=6)), pytest.raises(ProductError):
            keeping.run_now(by=cast.alice, monitor=monitor)
        assert len(letters_of("held")) == 1


def test_a_plan_has_room_for_so_many_monitors_and_a_smaller_one_holds_the_newest(cast: Cast) -> None:
    with tenancy.as_platform("a plan"):
        plan, _new = Entitlement.objects.update_or_create(
            workspace=cast.acme, defaults={"plan": "p", "state": "active", "features": [], "limits": {"monitors": 2}}
        )
    at = datetime.now(UTC) + timedelta(days=1)
    with tenancy.in_workspace(cast.acme):
        put(cast, DAM.format("12.5"))
        older, newer = (keeping.create(by=cast.alice, wish=wish()) for _ in range(2))
        with pytest.raises(BeyondPlan):
            keeping.create(by=cast.alice, wish=wish())
        keeping.delete(by=cast.alice, monitor=newer)
        third = keeping.create(by=cast.alice, wish=wish())
        with pytest.raises(BeyondPlan):
            keeping.restore(by=cast.alice, monitor=newer)
    with tenancy.as_platform("a smaller plan"):
        Entitlement.objects.filter(pk=plan.pk).update(limits={"monitors": 1})
    with clock.stopped(at):
        going = [firing.due(workspace=cast.acme, monitor=each, at=at) for each in (third, older)]
    assert [edition.state if edition else "" for edition in going] == ["failed", "running"]
    with tenancy.in_workspace(cast.acme):
        assert Monitor.objects.get(pk=third).state == "held"
        with pytest.raises(BeyondPlan):
            keeping.resume(by=cast.alice, monitor=third)
    with tenancy.as_platform("nobody paid"):
        Entitlement.objects.filter(pk=plan.pk).update(state="unpaid")
    with clock.stopped(at + timedelta(days=40)), tenancy.in_workspace(cast.acme):
        Edition.objects.filter(monitor=older).update(state="failed")
        firing.due(workspace=cast.acme, monitor=older, at=clock.now())
        row = Monitor.objects.get(pk=older)
        assert row.state == "held" and "payment" in row.reason


def test_a_monitor_is_seen_like_a_run_and_changed_by_its_owner_alone(cast: Cast) -> None:
    with tenancy.in_workspace(cast.acme):
        put(cast, DAM.format("12.5"))
        secret = keeping.create(by=cast.alice, wish=wish(visibility="private"))
        shared = keeping.create(by=cast.alice, wish=wish())
        bob = accounts.member(cast.acme, cast.bob)
        assert bob is not None
        assert [row.id for row in queries.monitors(bob)] == [shared]
        for act in (keeping.pause, keeping.resume, keeping.run_now, keeping.delete, keeping.view):
            with pytest.raises(NotFound):
                act(by=cast.bob, monitor=secret)
        for act in (keeping.pause, keeping.run_now, keeping.delete):
            with pytest.raises(Forbidden):
                act(by=cast.bob, monitor=shared)
        with pytest.raises(NotFound):
            keeping.create(by=cast.bob, wish=wish(), of="run_nowhere")
    with tenancy.in_workspace(cast.globex), pytest.raises(NotFound):
        keeping.pause(by=cast.charlie, monitor=shared)


def test_the_pages_make_show_change_pause_and_delete_a_monitor_without_javascript(cast: Cast) -> None:
    with tenancy.in_workspace(cast.acme):
        put(cast, DAM.format("12.5"))
    ask = signed_in(cast)
    given = {
        "question": QUESTION, "scope": "all", "depth": "quick", "mode": "mock", "methodology": "newest",
        "kind": "weekly", "weekday": "0", "day": "1", "at": "08:00", "zone": "Europe/Berlin",
        "ways": ["mail"], "visibility": "workspace",
    }  # fmt: skip
    assert ask("post", "/monitors/new", given | {"zone": "Nowhere/Else"}).status_code == 422
    assert ask("post", "/monitors/new", given | {"cap": "2"}).status_code == 422
    page = ask("post", "/monitors/new", given)
    assert page.status_code == 302
    where = page["location"]
    shown = ask("get", where).content.decode()
    assert "every Monday at 08:00 (Europe/Berlin)" in shown and QUESTION in shown
    assert shown.count('<span class="sub">') >= 3
    assert ask("post", f"{where}/change", given | {"kind": "weekdays"}).status_code == 302
    assert "Monday to Friday at 08:00" in ask("get", "/monitors").content.decode()
    assert ask("post", f"{where}/pause").status_code == 302 and "Paused" in ask("get", where).content.decode()
    assert ask("post", f"{where}/resume").status_code == 302
    assert ask("post", f"{where}/run").status_code == 302 and "At work" in ask("get", where).content.decode()
    assert ask("post", f"{where}/delete").status_code == 302
    assert "Undo" in ask("get", "/monitors").content.decode() and ask("get", where).status_code == 404
    assert ask("post", f"{where}/restore").status_code == 302 and ask("get", where).status_code == 200
