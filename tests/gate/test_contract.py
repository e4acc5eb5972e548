"""One suite for the gate, in the caller's process and as a process of its own."""

from __future__ import annotations

import threading
from collections.abc import Iterator

import pytest
from django.db import Error, transaction

from apps.accounts import tenancy
from apps.lib import clock, ids, signing
from apps.lib.errors import ProductError
from apps.library.actions import documents as library
from apps.library.actions.documents import Upload
from apps.policy import queries as policy
from apps.policy.gate.client import Gate, HttpGate, LocalGate
from apps.policy.identity import delegation
from apps.policy.models import Call, Grant
from apps.runtime import leases, statements
from tests.conftest import Cast
from tests.engine import rig as rigs
from tests.engine import workflows

PLAN = {
    "task": "plan", "instructions": "Plan.", "reply_schema": {"type": "object"},
    "input": {"question": "When was it built?", "documents": [], "max_sub_questions": 2, "max_queries": 3},
}  # fmt: skip


@pytest.fixture(scope="module")
def process(django_db_setup: None) -> Iterator[str]:
    import os

    from django.conf import settings

    env = os.environ | {"DJANGO_SETTINGS_MODULE": "config.settings.test", "FOOTNOTE_BLOB_ROOT": str(settings.BLOB_ROOT)}
    gate = rigs.Gate(env)
    gate.start()
    yield gate.url
    gate.kill()


@pytest.fixture(params=["in process", "over HTTP"])
def gate(request: pytest.FixtureRequest) -> Iterator[Gate]:
    if request.param == "in process":
        yield LocalGate()
    else:
        over_http = HttpGate(request.getfixturevalue("process"))
        yield over_http
        over_http.close()


@pytest.fixture
def task(committed: Cast) -> tuple[Cast, str, str, int]:
    """A claimed task of a run that was lent everything: (cast, run, task, epoch)."""
    with tenancy.in_workspace(committed.acme):
        run = workflows.admit("fan", person=committed.alice)
        delegation.lend(
            run=run, person=committed.alice, scopes=frozenset({"model", "library"}), mode="mock", credits=5,
            plan_hash="", agent_version="test-1",
        )  # fmt: skip
        from apps.runtime.models import Task

        row = Task.objects.get(run=run, key="first")
        claim = statements.claim(run=run, task=row.pk, now=clock.now(), lease=leases.length(), mode="inline")
    return committed, run, row.pk, claim.epoch


def token(gate: Gate, task: tuple[Cast, str, str, int]) -> str:
    cast, _run, id_, epoch = task
    return gate.exchange(workspace=cast.acme, task=id_, epoch=epoch, role="planner_retriever")


def call(gate: Gate, secret: str, **more: object) -> object:
    given = {"name": "plan", "tool": "model_complete", "arguments": PLAN, "version": "v1", "number": 0} | more
    return gate.call(token=secret, **given)


def test_a_call_is_made_once_and_its_result_is_recorded(gate: Gate, task: tuple) -> None:
    secret = token(gate, task)
    first, second = call(gate, secret), call(gate, secret)
    assert first.state == "done" and first.result["data"]["sub_questions"]
    assert (second.call, second.result) == (first.call, first.result)
    with tenancy.in_workspace(task[0].acme):
        row = Call.objects.get(run=task[1])
        assert (row.state, row.credits, row.provider, row.decided_by) == ("done", 1, "offline", "base")
        assert row.input_tokens > 0 and row.person == task[0].alice and row.agent == "planner_retriever"


def test_a_hundred_simultaneous_askers_get_one_flight(gate: Gate, task: tuple) -> None:
    secret = token(gate, task)
    replies: list[object] = []

    def ask() -> None:
        try:
            replies.append(call(gate, secret))
        finally:
            tenancy.close()

    threads = [threading.Thread(target=ask) for _ in range(20)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(30)
    assert len(replies) == 20 and len({reply.call for reply in replies}) == 1
    with tenancy.in_workspace(task[0].acme):
        assert Call.objects.filter(run=task[1]).count() == 1
        assert policy.used(task[1]).credits == 1


@pytest.mark.parametrize(
    ("more", "outcome"),
    [
        ({"tool": "rm_rf"}, "unregistered"),
        ({"arguments": {"task": "plan"}}, "arguments"),
        ({"arguments": PLAN | {"surprise": 1}}, "arguments"),
        ({"tool": "web_fetch", "arguments": {"url": "http://example.com/"}}, "mode"),
    ],
)
def test_what_may_not_be_is_denied_with_the_reason_on_record(gate: Gate, task: tuple, more: dict, outcome: str) -> None:
    reply = call(gate, token(gate, task), **more)
    assert (reply.state, reply.outcome) == ("denied", outcome) and reply.sentence
    with tenancy.in_workspace(task[0].acme):
        assert Call.objects.get(run=task[1]).state == "denied"


def test_a_scope_that_was_not_lent_is_denied(gate: Gate, task: tuple) -> None:
    with tenancy.in_workspace(task[0].acme):
        Grant.objects.filter(run=task[1]).update(scopes=["library"])
    reply = call(gate, token(gate, task))
    assert (reply.state, reply.outcome) == ("denied", "policy") and "scope" in reply.sentence


def test_credits_that_were_lent_are_never_exceeded(gate: Gate, task: tuple) -> None:
    secret = token(gate, task)
    states = [call(gate, secret, name=f"plan.{n}").outcome for n in range(8)]
    assert states == ["ok"] * 5 + ["credits"] * 3
    with tenancy.in_workspace(task[0].acme):
        assert policy.used(task[1]).credits == 5


def test_a_wrong_secret_a_wrong_epoch_and_a_forged_token_get_nothing(gate: Gate, task: tuple, settings: object) -> None:
    cast, _run, id_, epoch = task
    with pytest.raises(signing.BadToken):
        gate.exchange(workspace=cast.acme, task=id_, epoch=epoch + 1, role="x")
    with pytest.raises(signing.BadToken):
        gate.exchange(workspace=cast.globex, task=id_, epoch=epoch, role="x")
    good = token(gate, task)
    for bad in ("", "a.b.c", good[:-6] + "AAAAAA", good.replace(".", "..", 1)):
        with pytest.raises(signing.BadToken):
            call(gate, bad)
    forged = signing.sign({"iss": "footnote-gate", "aud": "footnote-gate", "jti": "1", "exp": 2**40}, pem=_other_key())
    with pytest.raises(signing.BadToken):
        call(gate, forged)
    settings.WORKLOAD_SECRET = "another" if isinstance(gate, HttpGate) else ""
    with pytest.raises(signing.BadToken):
        gate.exchange(workspace=cast.acme, task=id_, epoch=epoch, role="x")


def _other_key() -> str:
    from joserfc.jwk import ECKey

    return ECKey.generate_key("P-256").as_pem(private=True).decode()


def test_a_person_who_left_the_workspace_lends_nothing_any_more(gate: Gate, task: tuple) -> None:
    with tenancy.as_platform("a test removes a member"):
        from apps.accounts.models import Membership

        Membership.objects.filter(user_id=task[0].alice).delete()
    with pytest.raises(signing.BadToken):
        token(gate, task)


def test_a_cancelled_run_gets_no_further_call(gate: Gate, task: tuple) -> None:
    secret = token(gate, task)
    with tenancy.in_workspace(task[0].acme):
        assert statements.cancel(run=task[1], body={}, now=clock.now())
    with pytest.raises(signing.BadToken):
        call(gate, secret)


def test_a_closed_call_is_frozen_and_the_worker_role_cannot_write_the_ledger(gate: Gate, task: tuple) -> None:
    call(gate, token(gate, task))
    with tenancy.in_workspace(task[0].acme, gate=True), pytest.raises(Error, match="frozen"), transaction.atomic():
        Call.objects.filter(run=task[1]).update(credits=0)
    with tenancy.in_workspace(task[0].acme, gate=True), pytest.raises(Error, match="append-only"), transaction.atomic():
        Call.objects.filter(run=task[1]).delete()
    with tenancy.in_workspace(task[0].acme), pytest.raises(Error, match="permission denied"), transaction.atomic():
        Call.objects.filter(run=task[1]).update(credits=0)


def test_a_builtin_tool_reads_only_this_workspace(gate: Gate, task: tuple) -> None:
    cast = task[0]
    with tenancy.in_workspace(cast.globex):
        added, _ = library.add(by=cast.charlie, uploads=[Upload("secret.txt", b"The code word is heron.")])
    arguments = {"query": "code word", "documents": [added[0].version]}
    reply = call(gate, token(gate, task), name="search", tool="library_search", arguments=arguments)
    assert reply.result == {"hits": []}


def test_rubbish_over_http_is_refused_and_the_gate_lives_on(process: str) -> None:
    import httpx

    for body in (b"", b"{", b"[1]", b'{"workspace": 1}', b"\xff" * 100):
        answer = httpx.post(f"{process}/v1/token", content=body, headers={"Authorization": "Bearer x"})
        assert answer.status_code in {401, 422}, answer.text
    assert httpx.get(f"{process}/livez").text == "ok"
    assert httpx.get(f"{process}/v1/call").status_code == 404
    nobody = HttpGate("http://127.0.0.1:9")
    with pytest.raises(ProductError):
        nobody.exchange(workspace="w", task=ids.new("task"), epoch=1, role="x")
    nobody.close()
