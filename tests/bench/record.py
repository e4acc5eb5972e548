"""What the record costs: an entry beside its change, sealing, checking, and the room it takes."""

from __future__ import annotations

import time
from collections.abc import Iterator
from datetime import timedelta
from typing import Any

from django.conf import settings
from django.db import connection, transaction

from apps.accounts import tenancy
from apps.lib import clock, ids, signing
from apps.observability import actions, audit, queries
from apps.observability.models import AuditEntry
from apps.policy.identity import delegation
from apps.policy.identity.delegation import Principal
from apps.research.actions import setup
from apps.runtime import actions as runtime
from apps.runtime import queries as runs
from apps.runtime import statements
from tests.bench import measures

ENTRIES = 20_000
ROUNDS = 300


def record(stack: Any) -> Iterator[str]:
    """One line each: an entry, a seal, a check, bytes, and what a token costs at each call."""
    place = setup.workspace(slug="bench-record")
    with tenancy.in_workspace(place.schema):
        pairs = [
            (measures._timed(lambda: _change(place.schema, 1)), measures._timed(lambda: _change(place.schema, 2)))
            for _ in range(ROUNDS)
        ]
    more = measures.quantile([two - one for one, two in pairs], 0.5)
    yield measures.row("an entry on the record, inside a transaction", f"+{more * 1e6:.0f} µs", "reported")
    yield from _sealing(place.schema)
    yield from _standing(place)


def _change(schema: str, entries: int) -> None:
    """One commit with so many entries: the second shows what one costs beside a change that is written anyhow."""
    with transaction.atomic():
        for _ in range(entries):
            audit.record(
                by=None, did="call.done", to="call_01M81XD7T6JRBDRP2Q47", reason="model_complete", workspace=schema,
                agent="analyst", on_behalf_of=1, rule="base-reads", outcome="ok", digest="0" * 64,
            )  # fmt: skip


def _sealing(schema: str) -> Iterator[str]:
    with tenancy.as_platform("a benchmark fills the record"):
        while actions.seal():
            pass
        AuditEntry.objects.bulk_create(_entry(schema) for _ in range(ENTRIES))
        began = time.perf_counter()
        while actions.seal():
            pass
        rate = ENTRIES / (time.perf_counter() - began)
        one = []
        for _ in range(50):
            _entry(schema).save()
            one.append(measures._timed(actions.seal))
        idle = [measures._timed(actions.seal) for _ in range(50)]
        began = time.perf_counter()
        count, wrong = queries.check(schema)
        checked = count / (time.perf_counter() - began)
        assert not [each for each in wrong if not each.where.startswith("call ")]
    yield measures.row("sealing, 5,000 entries a seal", f"{rate:,.0f} entries a second", "reported")
    yield measures.row("sealing one entry / nothing to seal",
                       f"{measures.quantile(one, 0.5) * 1000:.1f} ms / {measures.quantile(idle, 0.5) * 1000:.1f} ms",
                       "reported")  # fmt: skip
    yield measures.row("verify_audit", f"{checked:,.0f} entries a second", "reported")
    yield measures.row("bytes an entry: table, its indexes, its part of a seal", _sizes(), "reported")


def _entry(schema: str) -> AuditEntry:
    return AuditEntry(
        workspace=schema, did="call.done", to="call_01M81XD7T6JRBDRP2Q47", reason="model_complete", agent="analyst",
        on_behalf_of=1, rule="base-reads", outcome="ok", digest="0" * 64, at=clock.now(),
    )  # fmt: skip


def _sizes() -> str:
    with tenancy.as_platform("a benchmark measures tables"), connection.cursor() as cursor:
        cursor.execute(
            "SELECT pg_relation_size('observability_auditentry'), pg_indexes_size('observability_auditentry'), "
            "pg_total_relation_size('observability_auditseal'), (SELECT count(*) FROM observability_auditentry)"
        )
        table, indexes, seals, count = cursor.fetchone()
    return f"{table / count:.0f}, {indexes / count:.0f}, {seals / count:.0f}"


def _standing(place: Any) -> Iterator[str]:
    with tenancy.in_workspace(place.schema):
        run = ids.new("run")
        settings.AGENT_STEP_EXECUTION_MODE = "inline"
        delegation.lend(
            run=run, person=place.owner, scopes=frozenset({"model"}), mode="mock", credits=1, plan_hash="",
            agent_version="1",
        )  # fmt: skip
        runtime.admit(by=place.owner, run=run, name="six", input={})
        (row,) = [each for each in runs.tasks(run) if each.state == "queued"]
        claim = statements.claim(run=run, task=row.id, now=clock.now(), lease=timedelta(minutes=5), mode="inline")
    principal = Principal(
        place.schema, place.owner, "analyst", "1", run, row.id, claim.epoch, frozenset({"model"}), "mock"
    )  # fmt: skip
    token = signing.sign({"exp": 2**40, "jti": "1", "iss": "x", "aud": "y"}, pem="")
    read = [
        measures._timed(lambda: signing.verify(token, pem="", issuer="x", audience="y", now=0)) for _ in range(ROUNDS)
    ]
    asked = [measures._timed(lambda: delegation.standing(principal)) for _ in range(ROUNDS)]
    figures = [f"{measures.quantile(times, share) * 1000:.2f}" for share in (0.5, 0.95) for times in (read, asked)]
    yield measures.row("a token at each call: its signature / role, lease, grant",
                       "p50 {} / {} ms, p95 {} / {} ms".format(*figures), "reported")  # fmt: skip


MEASURES = {"record": record}
