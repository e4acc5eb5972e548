"""The examples of the developers' page run as they stand there."""

from __future__ import annotations

import sys
import types
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from pydantic import BaseModel

from apps.accounts import queries as accounts
from apps.accounts import rules as roles
from apps.accounts import tenancy
from apps.lib import ports
from apps.library import tools as library_tools
from apps.library.actions import documents as library
from apps.library.actions.documents import Upload
from apps.messaging import views as messaging
from apps.policy.identity import delegation
from apps.policy.registry import agents, catalogue
from apps.research import rules, steps
from apps.research import workflow as research
from apps.research.actions import runs
from apps.research.steps import contracts
from apps.runtime import actions, workflow
from apps.runtime import queries as runtime
from apps.runtime.workflow import Done, Step, Workflow
from tests.conftest import Cast
from tests.docs.pages import ROOT, example
from tests.engine import workflows

PAGE = ROOT / "docs" / "how-to" / "developer.md"
OLD = b"---\ndate: 2014-04-22\n---\n# Harrow, 2014\n\nThe Harrow dam was opened on 4 May 1974.\n"
NEW = b"---\ndate: 2019-03-12\n---\n# Harrow, 2019\n\nThe Harrow dam was opened in 1974, the water board said.\n"


def run_block(name: str, place: dict[str, object]) -> None:
    """Run an example in a namespace."""
    exec(compile(example(PAGE, name), f"{PAGE.name}: {name}", "exec"), place)


@pytest.fixture
def dated(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """The example's step, contract and workflow, as if they stood in their files."""
    monkeypatch.setattr(workflow, "_registered", dict(workflow._registered))
    run_block("contract", vars(contracts))
    module = types.ModuleType("apps.research.steps.dates")
    run_block("step", vars(module))
    monkeypatch.setitem(sys.modules, module.__name__, module)
    monkeypatch.setattr(steps, "dates", module, raising=False)
    place = vars(research) | {}
    run_block("workflow", place)
    changed = types.SimpleNamespace(RESEARCH=research.RESEARCH, RESEARCH_3=place["RESEARCH_3"])
    run_block("register", {"workflow": workflow, "research": changed})
    yield
    del contracts.Dated


def test_the_step_runs_in_a_version_of_its_own(dated: None, committed: Cast) -> None:
    with tenancy.in_workspace(committed.acme):
        added, _rejected = library.add(by=committed.alice, uploads=[Upload("old.md", OLD), Upload("new.md", NEW)])
        request = runs.Request(
            question="When was the Harrow dam opened?", documents=tuple(a.version for a in added), approval_points=()
        )
        run = runs.start(by=committed.alice, request=request)
        actions.drive()
        row = runtime.run(run)
        assert (row.state, row.version) == ("completed", "3")
        said = [event.body for event in runtime.events(run) if event.kind == "sources.dated"]
        assert said == [{"first": "2014-04-22", "last": "2019-03-12"}]
    assert "date" not in rules.STEPS


@pytest.fixture
def outlining(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Iterator[None]:
    """The example's tool, registered and bound."""
    registry = tmp_path / "tools.yaml"
    registry.write_text(catalogue.FILE.read_text() + example(PAGE, "tool entry"))
    monkeypatch.setattr(catalogue, "FILE", registry)
    monkeypatch.setattr(ports, "_declared", dict(ports._declared))
    catalogue.tools.cache_clear()
    place = vars(library_tools) | {}
    run_block("tool", place)
    port = ports.declare("tool.library_outline")
    port.bind(place["outline"])
    monkeypatch.setitem(catalogue._builtin, "library_outline", port)
    monkeypatch.setitem(agents.ROLES, "analyst", ("library_outline",))
    yield
    monkeypatch.undo()
    catalogue.tools.cache_clear()


class Headings(BaseModel):
    headings: list[str]


def test_the_tool_answers_a_step_through_the_gate(
    outlining: None, committed: Cast, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(workflow, "_registered", dict(workflow._registered))
    with tenancy.in_workspace(committed.acme):
        added, _rejected = library.add(
            by=committed.alice, uploads=[Upload("a.md", b"# One\n\nText.\n\n# Two\n\nText.\n")]
        )

        def outline(context: object) -> Done:
            return Done(Headings(**context.call("outline", "library_outline", {"document": added[0].version})))

        workflow.register(Workflow("outlining", "1", (Step("outline", "analyst", outline, Headings),)))
        run = workflows.admit("outlining", person=committed.alice)
        delegation.lend(
            run=run, person=committed.alice, scopes=frozenset({"library"}), mode="mock", credits=0, plan_hash="",
            agent_version="test-1",
        )  # fmt: skip
        actions.drive()
        assert runtime.run(run).state == "completed", runtime.tasks(run)
        assert runtime.output(run=run, key="outline") == {"headings": ["One", "Two"]}


def test_the_settings_page_is_offered_to_those_whose_role_has_the_act(
    committed: Cast, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(roles, "MAY", dict(roles.MAY))
    run_block("act", vars(roles) | {"MAY": roles.MAY})
    place: dict[str, Any] = dict(vars(messaging))
    run_block("settings page", place)
    owner, researcher = (accounts.member(committed.acme, who) for who in (committed.alice, committed.bob))
    assert owner and researcher
    assert place["audit_link"](member=owner).url == "messaging:audit"
    assert place["audit_link"](member=researcher) is None
