"""The registry: what a file of tools may say, what a workspace approved, and what the gate refuses."""

from __future__ import annotations

import json
import threading
from collections.abc import Callable
from datetime import date, timedelta
from typing import Any

import pytest
from django.core.exceptions import ImproperlyConfigured

from apps.accounts import tenancy
from apps.accounts.actions import workspaces
from apps.lib import clock, ids
from apps.lib.errors import Conflict, Invalid, NotFound
from apps.observability.models import AuditEntry
from apps.policy.gate.client import LocalGate, Reply
from apps.policy.identity import delegation
from apps.policy.models import Call, ToolSetting
from apps.policy.registry import catalogue, checks, definitions, schemas, switches
from apps.policy.registry.definitions import Rate, Tool
from apps.runtime import leases, statements
from apps.runtime.models import Task
from tests.conftest import Cast
from tests.engine import workflows

SEARCH = {"query": "dam", "documents": []}
ENTRY = """
tools:
  echo:
    version: "1.0.0"
    protocol: builtin
    scope: library
    credits: 1
    deadline_seconds: 5
    rate_limit: none
    plans: any
    approval: none
    network: none
    input: {type: object, properties: {words: {type: string}}}
    output: {type: object}
"""


SCOPES = frozenset({"library", "documents", "mcp", "code"})


def claimed(cast: Cast, role: str = "planner_retriever", person: int | None = None) -> str:
    """Return a token for a claimed task of a run that was lent plenty, by alice or another, for an agent of a role."""
    with tenancy.in_workspace(cast.acme):
        person = person or cast.alice
        run = workflows.admit("fan", person=person)
        delegation.lend(
            run=run, person=person, scopes=SCOPES, mode="mock", credits=500, plan_hash="", agent_version="test-1"
        )
        row = Task.objects.get(run=run, key="first")
        claim = statements.claim(run=run, task=row.pk, now=clock.now(), lease=leases.length(), mode="inline")
        assert claim is not None
    return LocalGate().exchange(workspace=cast.acme, task=row.pk, epoch=claim.epoch, role=role)


@pytest.fixture
def token(committed: Cast) -> str:
    return claimed(committed)


def ask(token: str, tool: str = "library_search", arguments: dict[str, Any] = SEARCH, name: str = "") -> Reply:
    return LocalGate().call(
        token=token, name=name or ids.new("name"), tool=tool, arguments=arguments, version="", number=0
    )


def setting(name: str = "library_search") -> ToolSetting:
    return ToolSetting.objects.get(pk=name)


# --- The file --------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("old", "new", "says"),
    [
        ("scope: library", "scope: everything", "echo: scope"),
        ('version: "1.0.0"', "version: 1", "echo: version"),
        ("credits: 1", "credits: -1", "echo: credits"),
        ("credits: 1", "credits: {plan: 1}", "echo: credits: a price for each task"),
        ("rate_limit: none", "rate_limit: often", "echo: rate_limit"),
        ("plans: any", "plans: [gold]", "echo: plans"),
        ("approval: none", "approval: {rule: x}", "echo: approval"),
        ("approval: none", "approval: {rule: x, approvers: approve, when: {action: [a]}}", "echo: approval/when"),
        ("network: none", "network: all", "echo: network"),
        ("protocol: builtin", "protocol: rest", "echo: protocol"),
        ("protocol: builtin", "protocol: builtin\n    surprise: 1", "echo: the value: Additional properties"),
        ("plans: any", "plans: any\n    plans: [pro]", "“plans” stands twice"),
        ("plans: any", "plans: any\n    deprecated: {since: '2026-02-31'}", "echo: deprecated/since: 2026-02-31"),
        ("plans: any", "plans: any\n    deprecated: {since: '2026-02-01', refuse_after: '2026-01-01'}", "lies before"),
        ("plans: any", "plans: any\n    deprecated: {since: '2026-02-01', use: gone}", "there is no tool gone"),
        ("plans: any", "plans: any\n    operation: action", "echo: operation"),
        ("{type: string}", "{type: strange}", "echo: input: properties/words/type"),
        ("{type: string}", "{$ref: 'https://evil.test/x.json'}", "echo: input/properties/words/$ref"),
        ("{type: string}", "{$ref: '#/$defs/none'}", "where nothing is"),
        ("output: {type: object}", "output: {$id: 'https://evil.test/', type: object}", "echo: output/$id"),
        ("  echo:", "  Echo-1:", "Echo-1: a tool's name"),
        ("tools:", "tool:", "“tools” is missing"),
        ("plans: any", "plans: [any", "line "),
    ],
)
def test_a_bad_file_is_refused_with_the_tool_and_the_field(old: str, new: str, says: str) -> None:
    assert definitions.parse(ENTRY)["echo"].version == "1.0.0"
    with pytest.raises(definitions.BadDefinition) as refused:
        definitions.parse(ENTRY.replace(old, new, 1))
    assert refused.value.sentence.startswith("tools.yaml") and says in refused.value.sentence


def test_the_check_and_the_start_of_the_gate_say_the_same_sentence(monkeypatch: pytest.MonkeyPatch) -> None:
    assert checks.check_tools() == []
    checks.demand_tools()

    def bad() -> dict[str, Tool]:
        return definitions.parse(ENTRY.replace("network: none", "network: all"))

    monkeypatch.setattr(catalogue, "tools", bad)
    found = checks.check_tools()
    assert [each.id for each in found] == ["policy.E001"] and "echo: network" in str(found[0].msg)
    with pytest.raises(ImproperlyConfigured, match="echo: network"):
        checks.demand_tools()


def test_every_field_is_part_of_the_pinned_definition() -> None:
    first = definitions.parse(ENTRY)["echo"].hash
    changes = [("credits: 1", "credits: 2"), ("words: {type", "text: {type"), ("plans: any", "plans: [pro]"),
               ("seconds: 5", "seconds: 6"), ('"1.0.0"', '"1.0.1"'), ("network: none", "network: provider"),
               ]  # fmt: skip
    hashes = {definitions.parse(ENTRY.replace(old, new, 1))["echo"].hash for old, new in changes}
    assert len(hashes | {first}) == len(changes) + 1


def test_the_books_three_tools_keep_its_limits() -> None:
    tools = catalogue.tools()
    search, write, code = tools["web_search"], tools["document_write"], tools["code_execution"]
    assert (search.version, search.rate, search.plans) == ("2.1.0", Rate(60, 60), {"pro", "enterprise"})
    assert (search.micro_dollars, search.input["properties"]["query"]["maxLength"]) == (2000, 2000)
    assert (write.version, write.rate, write.plans) == ("1.4.0", Rate(30, 60), {"free", "pro", "enterprise"})
    assert write.input["properties"]["content"]["maxLength"] == 50_000
    asked = write.asks_about({"action": "delete", "document_id": "doc_1"})
    assert asked is not None and asked.approvers == "oversee"
    assert write.asks_about({"action": "create"}) is None and not write.asks
    assert (code.sandbox, code.network, code.enabled_by_default) == ("required", "deny_all", False)
    assert code.input["properties"]["language"]["enum"] == ["python", "javascript", "bash"]


# --- Schemas from outside --------------------------------------------------------------------------------------


def bomb() -> dict[str, Any]:
    """Thirty steps, each of which refers to the next one twice: a thousand million checks of one value."""
    steps = {f"s{n}": {"allOf": [{"$ref": f"#/$defs/s{n + 1}"}] * 2} for n in range(30)}
    return {"$ref": "#/$defs/s0", "$defs": steps | {"s30": {"type": "object"}}}


def nested(depth: int) -> dict[str, Any]:
    return {"not": nested(depth - 1)} if depth else {}


@pytest.mark.parametrize(
    ("schema", "says"),
    [
        (bomb(), "too long"),
        ({"$ref": "#"}, "only a path"),
        ({"properties": {"a": {"$ref": "#/properties/a"}}}, "without end"),
        ({"$defs": {"a": {"$ref": "#/$defs/b"}, "b": {"items": {"$ref": "#/$defs/a"}}}}, "without end"),
        ({"$dynamicRef": "#x"}, "not taken"),
        (nested(40), "deep"),
        (nested(900), "deep"),
        ({"description": "x" * 30_000}, "characters"),
    ],
)
def test_a_schema_that_is_a_trap_is_refused_at_once(schema: dict[str, Any], says: str) -> None:
    with pytest.raises(schemas.BadSchema) as refused:
        schemas.demand(schema)
    assert says in refused.value.sentence


def test_names_of_properties_are_no_keywords() -> None:
    named = {"properties": {"$ref": {"type": "string"}, "pattern": {"type": "string", "pattern": "(a+)+$"}}}
    schemas.demand(named)
    assert schemas.harmless(named) == {"properties": {"$ref": {"type": "string"}, "pattern": {"type": "string"}}}


# --- A workspace's switches ------------------------------------------------------------------------------------


def test_a_new_workspace_has_the_tools_pinned_by_footnote(committed: Cast) -> None:
    made = workspaces.create(by=committed.bob, name="Fresh", slug=ids.new("w").replace("_", "-").lower())
    with tenancy.in_workspace(made.schema):
        rows = {row.name: row for row in ToolSetting.objects.all()}
    assert set(rows) == set(catalogue.tools())
    assert {name for name, row in rows.items() if not row.enabled} == {"code_execution"}
    assert all(row.by is None and row.definition_hash == catalogue.tools()[name].hash for name, row in rows.items())


def test_the_gate_refuses_what_is_off_and_takes_it_again_at_once(committed: Cast, token: str) -> None:
    assert ask(token).outcome == "ok"
    with tenancy.in_workspace(committed.acme):
        switches.disable(by=committed.alice, name="library_search", reason="too loud")
    refused = ask(token)
    assert (refused.state, refused.outcome) == ("denied", "disabled") and "not enabled" in refused.sentence
    with tenancy.in_workspace(committed.acme):
        seen = catalogue.tools()["library_search"].hash
        switches.enable(by=committed.alice, name="library_search", seen=seen)
        did = AuditEntry.objects.filter(workspace=committed.acme, to="library_search").values_list("did", "reason")
        assert list(did) == [("tool.disabled", "too loud"), ("tool.enabled", "")]
    assert ask(token).outcome == "ok"


def test_a_changed_definition_is_refused_until_a_release_or_a_person_approves_it(committed: Cast, token: str) -> None:
    with tenancy.in_workspace(committed.acme):
        ToolSetting.objects.filter(pk="library_search").update(definition_hash="0" * 64)
    assert ask(token).outcome == "changed"
    assert switches.prepare(schema=committed.acme) == 1
    assert switches.prepare(schema=committed.acme) == 0
    assert ask(token).outcome == "ok"
    with tenancy.in_workspace(committed.acme):
        pinned = AuditEntry.objects.get(workspace=committed.acme, did="tool.pinned")
        assert pinned.by is None and pinned.reason.startswith("by a release: 000000000000 → ")
        ToolSetting.objects.filter(pk="library_search").update(definition_hash="0" * 64, by=committed.alice)
    assert switches.prepare(schema=committed.acme) == 0, "what a person approved is theirs to approve again"
    assert ask(token).outcome == "changed"
    with tenancy.in_workspace(committed.acme):
        with pytest.raises(Conflict, match="has changed since you saw it"):
            switches.approve(by=committed.alice, name="library_search", seen="0" * 64)
        assert setting().definition_hash == "0" * 64
        switches.approve(by=committed.alice, name="library_search", seen=catalogue.tools()["library_search"].hash)
    assert ask(token).outcome == "ok"


def changed(monkeypatch: pytest.MonkeyPatch, schema: str, name: str = "library_search", **fields: Any) -> None:
    """Let a shipped tool be declared otherwise, and be approved as it is declared."""
    from dataclasses import replace

    tools = dict(catalogue.tools())
    tools[name] = replace(tools[name], **fields)
    monkeypatch.setattr(catalogue, "tools", lambda: tools)


@pytest.mark.parametrize(
    ("fields", "outcome", "says"),
    [
        ({"plans": frozenset({"gold"})}, "plan", "gold does"),
        ({"declared": "Later."}, "declared", "Later."),
        (
            {"deprecated": definitions.Deprecation(date(2020, 1, 1), date(2020, 2, 1), "library_read")},
            "deprecated", "refused since 2020-02-01. Use library_read.",
        ),
    ],
)  # fmt: skip
def test_what_the_definition_rules_out_is_refused_with_the_reason(
    committed: Cast, token: str, monkeypatch: pytest.MonkeyPatch, fields: dict[str, Any], outcome: str, says: str
) -> None:
    changed(monkeypatch, committed.acme, **fields)
    refused = ask(token)
    assert (refused.state, refused.outcome) == ("denied", outcome) and says in refused.sentence


def test_a_deprecated_tool_answers_with_a_warning_until_its_day(
    committed: Cast, token: str, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    today = clock.now().date()
    going = definitions.Deprecation(today - timedelta(days=9), today, "library_read")
    changed(monkeypatch, committed.acme, deprecated=going)
    assert ask(token).outcome == "ok"
    assert "library_search is deprecated" in caplog.text


def test_code_execution_is_declared_and_refused(committed: Cast, token: str) -> None:
    refused = ask(token, "code_execution", {"language": "python", "code": "1"})
    assert (refused.state, refused.outcome) == ("denied", "declared") and "sandbox" in refused.sentence
    with tenancy.in_workspace(committed.acme):
        with pytest.raises(Invalid, match="can't be enabled"):
            switches.enable(by=committed.alice, name="code_execution", seen=catalogue.tools()["code_execution"].hash)
        with pytest.raises(NotFound):
            switches.enable(by=committed.alice, name="rm_rf", seen="")


def test_unregistered_tools_are_refused(token: str) -> None:
    assert [ask(token, name).outcome for name in ("rm_rf", "server.tool", ".", "a.b.c")] == ["unregistered"] * 4


# --- How often -------------------------------------------------------------------------------------------------


def test_calls_above_the_limit_wait_and_cost_nothing(
    committed: Cast, token: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    changed(monkeypatch, committed.acme, rate=Rate(3, 60))
    assert [ask(token).outcome for _again in range(3)] == ["ok"] * 3
    with pytest.raises(switches.TooOften, match="3 times in 60 s"):
        ask(token, name="later")
    with tenancy.in_workspace(committed.acme, gate=True):
        row = Call.objects.get(name="later")
        assert (row.state, row.outcome, row.credits) == ("lost", "rate_limit", 0)
    changed(monkeypatch, committed.acme, rate=Rate(3, 1))
    threading.Event().wait(1.1)
    assert ask(token, name="later").outcome == "ok", "the same call is made once there is room"


def test_calls_at_once_are_never_more_than_the_limit(
    committed: Cast, token: str, monkeypatch: pytest.MonkeyPatch, full: bool, proof: Callable[[str, int, str], None]
) -> None:
    changed(monkeypatch, committed.acme, rate=Rate(5, 600))
    tokens = [token, *(claimed(committed) for _task in range(3))]
    said: list[str] = []

    def hammer(own: str) -> None:
        for _call in range(25 if full else 8):
            try:
                said.append(ask(own).outcome)
            except switches.TooOften:
                said.append("rate_limit")
        tenancy.close()

    threads = [threading.Thread(target=hammer, args=[each]) for each in tokens]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(120)
    assert len(said) == len(tokens) * (25 if full else 8)
    assert 1 <= said.count("ok") <= 5 and set(said) == {"ok", "rate_limit"}
    proof("calls of a tool at once, never more than its limit", len(said), f"{said.count('ok')} of 5 made")


def test_a_definition_survives_the_database_unchanged(committed: Cast) -> None:
    with tenancy.in_workspace(committed.acme):
        for name, tool in catalogue.tools().items():
            assert json.loads(json.dumps(setting(name).definition)) == dict(tool.definition)
