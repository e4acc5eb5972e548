"""A workspace with entries of people and of agents on its record, really committed."""

from __future__ import annotations

from pathlib import Path

import pytest
from django.conf import settings as configured
from django.db import connection, transaction
from joserfc.jwk import ECKey

from apps.accounts import tenancy
from apps.observability import actions, audit
from apps.policy.gate import ledger
from apps.policy.identity import delegation
from apps.policy.models import Call
from tests.conftest import Cast


def pem() -> str:
    """Return a fresh ES256 key."""
    return ECKey.generate_key("P-256").as_pem(private=True).decode()


def close_call(cast: Cast, run: str, *, number: int = 0, outcome: str = "ok") -> Call:
    """Write one row of the ledger and close it, as the gate does."""
    with tenancy.in_workspace(cast.acme, gate=True):
        row = ledger.new_row(
            key=f"{run}-{number}", run=run, task="task_1", epoch=1, name="plan", number=number, tool="model_complete",
            tool_version="1.0.0", mode="mock", person=cast.alice, agent="analyst", agent_version="1",
            arguments_sha="0" * 64, credits=1,
        )  # fmt: skip
        row, _ours = ledger.begin(row, wait_seconds=1)
        row.decision, row.decided_by = "allow", "base-reads"
        closed = ledger.record(row, state="done", outcome=outcome, result={"said": run}, spent=ledger.Spent(credits=1))
        ledger.land(row)
    return closed


def lend(cast: Cast, run: str) -> str:
    """Lend a run everything that alice has."""
    with tenancy.in_workspace(cast.acme):
        delegation.lend(
            run=run, person=cast.alice, scopes=frozenset({"model"}), mode="mock", credits=50, plan_hash="",
            agent_version="1",
        )  # fmt: skip
    return run


def speak(cast: Cast, *words: str) -> None:
    """Put lines of alice on acme's record, each in a transaction of its own."""
    for word in words:
        with tenancy.in_workspace(cast.acme):
            audit.record(by=cast.alice, did=f"said.{word}", to="x", reason=word, workspace=cast.acme)


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder of checkpoints, and a key to sign them with."""
    monkeypatch.setattr(configured, "AUDIT_KEY", pem())
    monkeypatch.setattr(configured, "AUDIT_FOLDER", tmp_path / "audit")
    return tmp_path / "audit"


@pytest.fixture
def record(committed: Cast, folder: Path) -> Cast:
    """Three seals of acme: two with lines of people, one with calls of an agent; signed after the second."""
    run = lend(committed, f"run_{committed.acme}")
    speak(committed, "one", "two", "three")
    actions.seal()
    speak(committed, "four", "five")
    actions.seal()
    actions.export(folder=folder)
    close_call(committed, run)
    close_call(committed, run, number=1, outcome="refused")
    assert actions.seal() == 2
    return committed


class Tampering:
    """Somebody with the owner's rights, the triggers off; all of it is taken back afterwards."""

    def __enter__(self) -> Tampering:
        self.atomic = transaction.atomic()
        self.atomic.__enter__()
        self.acting = tenancy.acting("public", "owner")
        self.acting.__enter__()
        for table in ("observability_auditentry", "observability_auditseal"):
            self.run(f"ALTER TABLE {table} DISABLE TRIGGER USER")
        return self

    def run(self, sql: str, *given: object) -> int:
        """Run one statement; return how many rows it touched."""
        with connection.cursor() as cursor:
            cursor.execute(sql, given)
            return int(cursor.rowcount)

    def back_to_platform(self) -> None:
        """Give the owner's rights up, so that the record is checked as it is checked in earnest."""
        self.acting.__exit__(None, None, None)

    def __exit__(self, *error: object) -> None:
        transaction.set_rollback(True)
        self.atomic.__exit__(None, None, None)
        tenancy.connection.act(schema="public", acting="platform")
        tenancy.connection.search_path_set_schemas = None
