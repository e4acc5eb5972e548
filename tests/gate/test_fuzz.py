"""Whatever is sent to the gate or to the workers, every effect outside has exactly one allow that stood before it."""

from __future__ import annotations

import random
from collections import Counter
from collections.abc import Callable, Iterator
from datetime import timedelta
from typing import Any

import pytest
from django.db import connection
from joserfc import jwt
from joserfc.jwk import ECKey, OctKey

from apps.accounts import tenancy
from apps.lib import clock, ids
from apps.lib.errors import ProductError
from apps.policy.actions import policies
from apps.policy.gate import tools
from apps.policy.gate.client import LocalGate
from apps.policy.identity import delegation
from apps.policy.identity.delegation import AUDIENCE, ISSUER
from apps.policy.models import Call
from apps.runtime import engine, leases, statements
from apps.runtime.models import Task
from tests.conftest import Cast
from tests.engine import workflows
from tests.servers.loopback import serving
from tests.servers.model import Model

NO_GOLD = """@id("no-gold") forbid (principal, action == Action::"model_complete", resource)
when { context.arguments.instructions like "*gold*" };"""
ASK_SILVER = """@id("ask-silver") forbid (principal, action == Action::"model_complete", resource)
when { context.arguments.instructions like "*silver*" } unless { context.approved };"""
OTHER_KEY = ECKey.generate_key("P-256")


@pytest.fixture
def outside(monkeypatch: pytest.MonkeyPatch, settings: Any) -> Iterator[Model]:
    """A model on loopback that counts what reaches it; the gate in this process, in live mode."""
    model = Model()
    with serving(model.handler()) as at:
        settings.OPENAI_API_KEY, settings.OPENAI_BASE_URL, settings.PROCESS = "sk-none", f"{at}/v1", "gate"
        yield model


@pytest.fixture
def allowed(monkeypatch: pytest.MonkeyPatch) -> Counter[str]:
    """Count, at the moment a call leaves, the rows of the ledger that allow it."""
    found: Counter[str] = Counter()
    real = tools.ADAPTERS["model_complete"]

    def leave(asked: Any) -> Any:
        rows = Call.objects.filter(key=asked.key, state="intent", decision="allow").exclude(decided_by="")
        found[asked.key] += rows.count()
        return real(asked)

    monkeypatch.setitem(tools.ADAPTERS, "model_complete", leave)
    return found


class Fuzz:
    """One draw after another: honest runs, and everything that is not."""

    def __init__(self, cast: Cast, seed: int) -> None:
        self.cast, self.dice, self.gate = cast, random.Random(seed), LocalGate()
        self.known: list[tuple[str, str, str, int]] = []  # schema, run, task, epoch
        self.tokens: list[str] = []
        self.outcomes: Counter[str] = Counter()

    def run(self) -> None:
        """Draw one act and count what came of it."""
        act = self.dice.choice(
            [self.honest] * 4 + [self.forged, self.stolen, self.altered, self.message, self.exchange, self.twice]
        )
        try:
            self.outcomes[act()] += 1
        except ProductError as error:
            self.outcomes[f"refused: {error.code}"] += 1
        finally:
            connection.close() if self.dice.random() < 0.01 else None

    def honest(self) -> str:
        schema, person = self.dice.choice([(self.cast.acme, self.cast.alice), (self.cast.acme, self.cast.bob),
                                           (self.cast.globex, self.cast.charlie)])  # fmt: skip
        with tenancy.in_workspace(schema):
            run = workflows.admit("fan", person=person)
            scopes = self.dice.choice([{"model"}, {"model", "library"}, {"model", "search"}, {"library"}])
            delegation.lend(
                run=run, person=person, scopes=frozenset(scopes), mode="live", credits=self.dice.choice([0, 1, 5, 5]),
                plan_hash="", agent_version="f",
            )  # fmt: skip
            task = Task.objects.get(run=run, key="first").pk
            claim = statements.claim(run=run, task=task, now=clock.now(), lease=leases.length(), mode="inline")
        self.known.append((schema, run, task, claim.epoch))
        role = self.dice.choice(["planner_retriever"] * 5 + ["memory", "nobody"])
        self.tokens.append(self.gate.exchange(workspace=schema, task=task, epoch=claim.epoch, role=role))
        return self.call(self.tokens[-1])

    def call(self, token: str) -> str:
        tool = self.dice.choice(["model_complete"] * 6 + ["web_search", "document_write", "nothing", "a.b"])
        arguments: dict[str, Any] = {
            "task": "plan", "instructions": self.dice.choice(["Plan."] * 4 + ["Plan gold.", "Plan silver."]),
            "reply_schema": {"type": "object"},
            "input": {"question": "When?", "documents": [], "max_sub_questions": 2, "max_queries": 3},
        }  # fmt: skip
        if self.dice.random() < 0.15:
            arguments = self.dice.choice([{}, {"task": 7}, arguments | {"more": 1}, arguments | {"task": "rule"}])
        reply = self.gate.call(
            token=token, name=self.dice.choice(["plan", "again"]), tool=tool, arguments=arguments, version="v",
            number=self.dice.randrange(2),
        )  # fmt: skip
        return f"{reply.state}: {reply.outcome}"

    def twice(self) -> str:
        return self.call(self.dice.choice(self.tokens)) if self.tokens else "nothing"

    def claims(self) -> dict[str, Any]:
        schema, run, task, epoch = self.dice.choice(self.known or [("x", "r", "t", 1)])
        now = int(clock.now().timestamp())
        return {
            "iss": ISSUER, "aud": AUDIENCE, "sub": f"user:{self.cast.alice}", "act": {"sub": "agent:planner_retriever"},
            "workspace": schema, "run": run, "task": task, "epoch": epoch, "scopes": ["model"], "mode": "live",
            "agent_version": "f", "iat": now, "exp": now + 600, "jti": ids.new("tok"),
        }  # fmt: skip

    def forged(self) -> str:
        key, alg = self.dice.choice([(OTHER_KEY, "ES256"), (OctKey.import_key("secret" * 8), "HS256")])
        made = jwt.encode({"alg": alg, "typ": "JWT"}, self.claims(), key, algorithms=[alg])
        return self.call(self.dice.choice([made, made[:-3], "", "x.y.z", made.replace(".", "..", 1)]))

    def altered(self) -> str:
        if not self.tokens:
            return "nothing"
        head, body, sign = self.dice.choice(self.tokens).split(".")
        place = self.dice.randrange(len(body))
        return self.call(".".join([head, body[:place] + self.dice.choice("aB3_") + body[place + 1 :], sign]))

    def stolen(self) -> str:
        """Use somebody's good token once its lease is over, or its run has ended."""
        if not self.tokens:
            return "nothing"
        with clock.stopped(clock.now() + timedelta(seconds=self.dice.choice([120, 900]))):
            return self.call(self.dice.choice(self.tokens))

    def exchange(self) -> str:
        schema, _run, task, epoch = self.dice.choice(self.known or [("x", "r", "t", 1)])
        other = self.dice.choice([self.cast.globex, self.cast.acme])
        return self.call(
            self.gate.exchange(
                workspace=other, task=task, epoch=epoch + self.dice.randrange(2), role="planner_retriever"
            )
        )

    def message(self) -> str:
        """Enqueue by hand what no run asked for."""
        schema, run, task, _epoch = self.dice.choice(self.known or [("x", "r", "t", 1)])
        wrong = self.dice.choice([ids.new("run"), run])
        engine.advance(
            workspace=self.dice.choice([self.cast.acme, self.cast.globex]), run=wrong,
            task=self.dice.choice([task, ids.new("task")]), serves=(),
        )  # fmt: skip
        return "a message"


def test_every_effect_outside_has_exactly_one_allow_before_it(
    committed: Cast, outside: Model, allowed: Counter[str], full: bool, proof: Callable[[str, int, str], None]
) -> None:
    for schema, person in ((committed.acme, committed.alice), (committed.globex, committed.charlie)):
        with tenancy.in_workspace(schema):
            policies.adopt(by=person, number=policies.save(by=person, text=NO_GOLD + ASK_SILVER))
    fuzz, count = Fuzz(committed, 11), 10_000 if full else 200
    for _try in range(count):
        fuzz.run()
    rows = []
    for schema in (committed.acme, committed.globex):
        with tenancy.in_workspace(schema):
            rows += Call.objects.filter(provider="openai").values_list("key", "decision", "state")
    assert {row[1:] for row in rows} == {("allow", "done")}
    assert Counter(row[0] for row in rows) == allowed == outside.paid
    assert set(outside.paid.values()) == {1}
    assert len(outside.paid) > count / 40, fuzz.outcomes
    assert len(fuzz.outcomes) >= 10, fuzz.outcomes
    proof("fuzz: every effect outside has exactly one allow before it", count, f"{len(outside.paid)} effects")
