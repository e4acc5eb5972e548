"""The sealer: each entry once, whoever commits late, and nobody waits for it."""

from __future__ import annotations

import threading
from pathlib import Path

import pytest
from django.conf import settings
from django.db import transaction

from apps.accounts import tenancy
from apps.lib import clock
from apps.lib.errors import Invalid
from apps.observability import actions, audit, queries
from apps.observability.models import AuditEntry, AuditSeal, AuditUnsealed
from apps.policy.models import Call
from tests.conftest import Cast
from tests.observability.conftest import close_call, lend, speak


def seal_all() -> int:
    with tenancy.as_platform("a test seals"):
        return sum(iter(actions.seal, 0))


def fits(cast: Cast) -> bool:
    with tenancy.as_platform("a test checks"):
        return queries.check(cast.acme)[1] == []


def numbers(cast: Cast) -> list[list[int]]:
    with tenancy.as_platform("a test reads the seals"):
        rows = AuditSeal.objects.filter(workspace=cast.acme).order_by("number")
        return list(rows.values_list("entries", flat=True))


def test_an_entry_whose_transaction_ends_late_is_sealed_later_and_never_lost(committed: Cast) -> None:
    seal_all()
    written, go_on = threading.Event(), threading.Event()

    def slow() -> None:
        try:
            with tenancy.in_workspace(committed.acme), transaction.atomic():
                audit.record(by=committed.alice, did="said.slowly", to="x", workspace=committed.acme)
                written.set()
                go_on.wait(10)
        finally:
            tenancy.close()

    late = threading.Thread(target=slow)
    late.start()
    assert written.wait(10)
    speak(committed, "quick")
    assert seal_all() == 1
    go_on.set()
    late.join(10)
    assert seal_all() == 1
    quick, slowly = numbers(committed)[-2:]
    assert slowly[0] < quick[0], "the late one has the smaller number and stands in the later seal"
    assert fits(committed)


def test_an_entry_that_is_taken_back_leaves_nothing_to_seal(committed: Cast) -> None:
    seal_all()
    with tenancy.in_workspace(committed.acme), transaction.atomic():
        audit.record(by=committed.alice, did="said.never", to="x", workspace=committed.acme)
        transaction.set_rollback(True)
    assert seal_all() == 0 and fits(committed)


def test_many_sealers_at_once_seal_each_entry_once(committed: Cast) -> None:
    seal_all()
    speak(committed, *(f"n{number}" for number in range(60)))
    problems: list[str] = []

    def work() -> None:
        try:
            for _ in range(10):
                actions.seal(limit=7)
        except Exception as error:  # two sealers may meet at one number: one of them is told so and tries again
            problems.append(type(error).__name__)
        finally:
            tenancy.close()

    threads = [threading.Thread(target=work) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(30)
    seal_all()
    assert set(problems) <= {"IntegrityError"}
    sealed = [entry for seal in numbers(committed) for entry in seal]
    assert len(sealed) == len(set(sealed)) and fits(committed)
    with tenancy.as_platform("a test counts"):
        assert set(sealed) == set(AuditEntry.objects.filter(workspace=committed.acme).values_list("pk", flat=True))
        assert not AuditUnsealed.objects.filter(workspace=committed.acme).exists()


def test_each_closed_call_leaves_one_line_that_says_as_whom_and_by_which_rule(committed: Cast) -> None:
    call = close_call(committed, lend(committed, f"run_{committed.acme}"))
    with tenancy.in_workspace(committed.acme):
        (row,) = [each for each in queries.entries(committed.acme) if each.to == call.pk]
        assert (row.did, row.by, row.agent, row.on_behalf_of) == ("call.done", None, "analyst", committed.alice)
        assert (row.rule, row.outcome, row.reason, len(row.digest)) == ("base-reads", "ok", "model_complete", 64)
        assert Call.objects.get(pk=call.pk).state == "done"


def test_a_call_and_its_line_are_one_transaction(committed: Cast, monkeypatch: pytest.MonkeyPatch) -> None:
    from apps.policy.gate import evidence

    run = lend(committed, f"run_{committed.acme}")
    monkeypatch.setattr(evidence.audit, "record", lambda **more: 1 / 0)
    with pytest.raises(ZeroDivisionError):
        close_call(committed, run)
    with tenancy.in_workspace(committed.acme):
        assert list(Call.objects.filter(run=run).values_list("state", flat=True)) == ["intent"]


def test_a_checkpoint_is_written_once_a_day_and_whenever_asked(
    committed: Cast, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with tenancy.as_platform("a test exports"):
        assert actions.export_when_due(folder=folder) is not None
        assert actions.export_when_due(folder=folder) is None
        assert actions.export(folder=folder) in audit.checkpoints(folder)
        now = clock.now()
        monkeypatch.setattr(clock, "now", lambda: now.replace(year=now.year + 1))
        assert actions.export_when_due(folder=folder) is not None
        monkeypatch.setattr(settings, "AUDIT_KEY", "")
        assert actions.export_when_due(folder=folder) is None
        with pytest.raises(Invalid, match="FOOTNOTE_AUDIT_KEY"):
            actions.export(folder=folder)


def test_a_folder_that_refuses_is_said_and_keeps_nobody_up(
    committed: Cast, folder: Path, caplog: pytest.LogCaptureFixture
) -> None:
    folder.parent.mkdir(exist_ok=True)
    folder.write_text("a file stands where the folder should")
    with tenancy.as_platform("a test exports"):
        assert actions.export_when_due(folder=folder) is None
    assert "can't be written" in caplog.text
