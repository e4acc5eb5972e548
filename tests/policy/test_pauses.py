"""Pauses: a switch that is off stops the very next call in every gate, and the run is told who did it and why."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from django.contrib.auth.models import Group
from django.db import Error, transaction

from apps.accounts import tenancy
from apps.agenda import actions as platform
from apps.agenda.models import PlatformPause
from apps.lib import clock
from apps.lib.errors import Conflict, Forbidden, Invalid
from apps.observability.models import AuditEntry
from apps.policy.gate.client import Gate, HttpGate, LocalGate, Reply
from apps.policy.identity import delegation
from apps.policy.models import Call
from apps.policy.registry import pauses
from apps.runtime import leases, statements
from apps.runtime.models import Task
from tests.conftest import Cast
from tests.engine import rig as rigs
from tests.engine import workflows

SEARCH = {"query": "dam", "documents": []}
Held = tuple[Cast, str, int]


@pytest.fixture
def task(committed: Cast) -> Held:
    """A claimed task of a run that was lent everything: (cast, task, epoch)."""
    with tenancy.in_workspace(committed.acme):
        run = workflows.admit("fan", person=committed.alice)
        delegation.lend(
            run=run, person=committed.alice, scopes=frozenset({"model", "library"}), mode="mock", credits=99,
            plan_hash="", agent_version="test-1",
        )  # fmt: skip
        row = Task.objects.get(run=run, key="first")
        claim = statements.claim(run=run, task=row.pk, now=clock.now(), lease=leases.length(), mode="inline")
    assert claim is not None
    return committed, row.pk, claim.epoch


@pytest.fixture(scope="module")
def replicas(django_db_setup: None) -> Iterator[list[Gate]]:
    """Two gates as processes of their own."""
    import os

    from django.conf import settings

    env = os.environ | {"DJANGO_SETTINGS_MODULE": "config.settings.test", "FOOTNOTE_BLOB_ROOT": str(settings.BLOB_ROOT)}
    gates = [rigs.Gate(env), rigs.Gate(env)]
    for gate in gates:
        gate.start()
    clients = [HttpGate(gate.url) for gate in gates]
    yield list(clients)
    for client in clients:
        client.close()
    for gate in gates:
        gate.kill()


def search(gate: Gate, task: Held, name: str) -> Reply:
    cast, id_, epoch = task
    token = gate.exchange(workspace=cast.acme, task=id_, epoch=epoch, role="planner_retriever")
    return gate.call(token=token, name=name, tool="library_search", arguments=SEARCH, version="", number=0)


def test_each_switch_stops_the_next_call_in_both_gates_and_lets_the_one_after_go(
    replicas: list[Gate], task: Held
) -> None:  # fmt: skip
    cast = task[0]
    for number, (kind, name) in enumerate(
        [("tool", "library_search"), ("agent", "planner_retriever"), ("workspace", "")]
    ):  # fmt: skip
        assert [search(gate, task, f"before {number} {one}").outcome for one, gate in enumerate(replicas)] == ["ok"] * 2
        with tenancy.in_workspace(cast.acme):
            pauses.pause(by=cast.alice, kind=kind, name=name, reason="It wanders.")
        replies = [search(gate, task, f"after {number} {one}") for one, gate in enumerate(replicas)]
        assert [(reply.state, reply.outcome) for reply in replies] == [("denied", "paused")] * 2
        assert all("Alice paused" in reply.sentence and "It wanders." in reply.sentence for reply in replies)
        with tenancy.in_workspace(cast.acme):
            pauses.resume(by=cast.alice, kind=kind, name=name, reason="Looked into it.")
    with tenancy.in_workspace(cast.acme):
        assert Call.objects.filter(task=task[1], outcome="paused", credits=0).count() == 6
        did = AuditEntry.objects.filter(workspace=cast.acme, did__startswith="pause.").values_list("did", flat=True)
        assert sorted(did) == ["pause.ended"] * 3 + ["pause.set"] * 3


def test_another_tool_or_agent_goes_on(task: Held) -> None:
    cast = task[0]
    with tenancy.in_workspace(cast.acme):
        pauses.pause(by=cast.alice, kind="tool", name="web_search", reason="x")
        pauses.pause(by=cast.alice, kind="agent", name="analyst", reason="x")
        assert pauses.standing("web_search", "planner_retriever") and pauses.standing("model_complete", "analyst")
    assert search(LocalGate(), task, "on").outcome == "ok"


def test_one_workspaces_pause_is_no_others(committed: Cast) -> None:
    with tenancy.in_workspace(committed.acme):
        pauses.pause(by=committed.alice, kind="workspace", name="", reason="x")
        assert pauses.standing("library_search", "analyst") is not None
    with tenancy.in_workspace(committed.globex):
        assert pauses.standing("library_search", "analyst") is None


def staff(person: int) -> None:
    from django.contrib.auth import get_user_model

    with tenancy.as_platform("a test makes staff"):
        user = get_user_model().objects.get(pk=person)
        user.is_staff = True
        user.save()
        user.groups.add(Group.objects.get_or_create(name="platform_staff")[0])


@pytest.fixture
def paused_platform(task: Held) -> Iterator[Held]:
    staff(task[0].charlie)
    with tenancy.as_platform("a test pauses everything"):
        platform.pause_platform(by=task[0].charlie, reason="A provider misbehaves.")
    try:
        yield task
    finally:
        with tenancy.as_platform("a test lets everything go on"):
            PlatformPause.objects.all().delete()


def test_the_platforms_pause_stops_every_workspace(paused_platform: Held) -> None:
    reply = search(LocalGate(), paused_platform, "stopped")
    assert (reply.state, reply.outcome) == ("denied", "paused")
    assert "Platform staff paused every agent" in reply.sentence and "A provider misbehaves." in reply.sentence
    with tenancy.as_platform("a test ends the pause"):
        with pytest.raises(Conflict):
            platform.pause_platform(by=paused_platform[0].charlie, reason="again")
        with pytest.raises(Forbidden):
            platform.resume_platform(by=paused_platform[0].alice, reason="please")
        with pytest.raises(Invalid):
            platform.resume_platform(by=paused_platform[0].charlie, reason=" ")
        platform.resume_platform(by=paused_platform[0].charlie, reason="It is well.")
    assert search(LocalGate(), paused_platform, "on").outcome == "ok"


@pytest.mark.parametrize("gate", [False, True])
def test_a_workspace_may_read_the_platforms_pause_and_not_change_it(paused_platform: Held, gate: bool) -> None:
    schema = paused_platform[0].acme
    with tenancy.in_workspace(schema, gate=gate):
        assert PlatformPause.objects.count() == 1
    for change in (
        lambda: PlatformPause.objects.all().delete(),
        lambda: PlatformPause.objects.update(reason="no"),
    ):
        with (
            tenancy.in_workspace(schema, gate=gate), pytest.raises(Error, match="permission denied"),
            transaction.atomic(),
        ):  # fmt: skip
            change()


@pytest.mark.parametrize(
    "given",
    [{"kind": "planet"}, {"kind": "tool", "name": ""}, {"kind": "workspace", "name": "x"}, {"reason": "  "},
     {"kind": "platform", "name": "x"}, {"name": "x" * 121}],
)  # fmt: skip
def test_a_switch_that_makes_no_sense_is_refused(cast: Cast, given: dict[str, Any]) -> None:
    with tenancy.in_workspace(cast.acme), pytest.raises(Invalid):
        pauses.pause(**{"by": cast.alice, "kind": "tool", "name": "web_search", "reason": "x"} | given)


def test_pausing_twice_and_ending_twice_is_said(cast: Cast) -> None:
    given = {"by": cast.alice, "kind": "tool", "name": "web_search", "reason": "x"}
    with tenancy.in_workspace(cast.acme):
        pauses.pause(**given)
        with pytest.raises(Conflict, match="already"):
            pauses.pause(**given)
        pauses.resume(**given)
        with pytest.raises(Conflict, match="not paused"):
            pauses.resume(**given)


def test_staff_pause_and_resume_the_platform_from_their_pages(committed: Cast, settings: Any) -> None:
    from django.contrib.auth import get_user_model
    from django.test import Client

    staff(committed.charlie)
    browser = Client(headers={"host": settings.APEX_HOST})
    with tenancy.as_platform("a test signs in"):
        browser.force_login(get_user_model().objects.get(pk=committed.charlie))
    pages = "/staff/agenda/platformpause/"
    try:
        assert browser.get(f"{pages}add/").status_code == 200
        assert browser.post(f"{pages}add/", {"reason": ""}).status_code == 422
        assert browser.post(f"{pages}add/", {"reason": "A drill."}).status_code == 302
        with tenancy.in_workspace(committed.globex):
            stopped = pauses.standing("web_search", "analyst")
            assert stopped is not None and stopped.kind == "platform"
        assert b"A drill." in browser.get(pages).content
        assert browser.get(f"{pages}1/change/").status_code == 200
        assert browser.post(f"{pages}1/change/", {"reason": "Over."}).status_code == 302
        with tenancy.in_workspace(committed.globex):
            assert pauses.standing("web_search", "analyst") is None
    finally:
        with tenancy.as_platform("a test lets everything go on"):
            PlatformPause.objects.all().delete()
