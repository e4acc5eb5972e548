"""Each way of tampering, by somebody with the owner's rights and the triggers off, is found and said where."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from io import StringIO
from pathlib import Path

import pytest
from django.core.management import CommandError, call_command
from django.db import Error, transaction

from apps.accounts import tenancy
from apps.lib.errors import Invalid, NotFound
from apps.observability import actions, audit, queries, rules
from apps.observability.models import AuditEntry, AuditSeal, AuditUnsealed
from apps.observability.rules import Finding
from apps.policy.models import Call
from tests.conftest import Cast
from tests.observability.conftest import Tampering, close_call, pem, speak

ENTRY, SEAL = "observability_auditentry", "observability_auditseal"


def ids(cast: Cast) -> dict[str, int]:
    """Return the ids of acme's lines by what was said."""
    with tenancy.as_platform("a test reads the record"):
        return dict(AuditEntry.objects.filter(workspace=cast.acme).values_list("reason", "pk"))


def found(cast: Cast, folder: Path) -> list[Finding]:
    """Check chain and checkpoints of acme, as the command does."""
    with tenancy.as_platform("a test checks the record"):
        return queries.check(cast.acme)[1] + audit.compare(folder=folder, only=cast.acme)[1]


def test_a_record_that_nobody_touched_fits(record: Cast, folder: Path) -> None:
    assert found(record, folder) == []
    with tenancy.as_platform("a test checks the record"):
        # The workspace's making, its members, five lines and two calls.
        assert queries.check(record.acme)[0] >= 7


def edit(by: Tampering, cast: Cast) -> None:
    assert by.run(f"UPDATE {ENTRY} SET reason = 'nothing' WHERE id = %s", ids(cast)["two"]) == 1


def change_who(by: Tampering, cast: Cast) -> None:
    assert by.run(f'UPDATE {ENTRY} SET "by" = %s WHERE id = %s', cast.bob, ids(cast)["two"]) == 1


def backdate(by: Tampering, cast: Cast) -> None:
    assert by.run(f"UPDATE {ENTRY} SET at = at - interval '1 microsecond' WHERE id = %s", ids(cast)["two"]) == 1


def hand_over(by: Tampering, cast: Cast) -> None:
    assert by.run(f"UPDATE {ENTRY} SET workspace = %s WHERE id = %s", cast.globex, ids(cast)["two"]) == 1


def delete(by: Tampering, cast: Cast) -> None:
    assert by.run(f"DELETE FROM {ENTRY} WHERE id = %s", ids(cast)["two"]) == 1


def insert(by: Tampering, cast: Cast) -> None:
    assert by.run(
        f'INSERT INTO {ENTRY} (workspace, "by", did, "to", reason, agent, rule, outcome, digest, at) '
        "VALUES (%s, %s, 'approval.accepted', 'x', '', '', '', '', '', now())", cast.acme, cast.bob,
    ) == 1  # fmt: skip


def swap(by: Tampering, cast: Cast) -> None:
    one, two = ids(cast)["one"], ids(cast)["two"]
    for before, after in ((one, -1), (two, one), (-1, two)):
        assert by.run(f"UPDATE {ENTRY} SET id = %s WHERE id = %s", after, before) == 1


def swap_in_seal(by: Tampering, cast: Cast) -> None:
    assert by.run(f"UPDATE {SEAL} SET entries[1] = entries[2], entries[2] = entries[1] WHERE workspace = %s "
                  "AND number = 1", cast.acme) == 1  # fmt: skip


def cut_the_end(by: Tampering, cast: Cast) -> None:
    """The last two seals go with all that they hold; the second one had been signed."""
    number = len(seals(cast)) - 2
    by.run(f"DELETE FROM {ENTRY} WHERE id IN (SELECT unnest(entries) FROM {SEAL} WHERE workspace = %s "
           "AND number > %s)", cast.acme, number)  # fmt: skip
    assert by.run(f"DELETE FROM {SEAL} WHERE workspace = %s AND number > %s", cast.acme, number) == 2


def cut_out(by: Tampering, cast: Cast) -> None:
    by.run(f"DELETE FROM {ENTRY} WHERE id IN (SELECT unnest(entries) FROM {SEAL} WHERE workspace = %s "
           "AND number = 1)", cast.acme)  # fmt: skip
    assert by.run(f"DELETE FROM {SEAL} WHERE workspace = %s AND number = 1", cast.acme) == 1


def empty_the_table(by: Tampering, cast: Cast) -> None:
    by.run(f"TRUNCATE {ENTRY}, {SEAL}")


def replace_the_chain(by: Tampering, cast: Cast) -> None:
    """An entry is changed, and every seal made anew so that all of it fits together."""
    edit(by, cast)
    before = ""
    for link in seals(cast):
        rows = AuditEntry.objects.filter(pk__in=link.entries).order_by("pk").values(*rules.HASHED)
        hashes = b"".join(rules.entry_hash(row) for row in rows)
        fresh = replace(link, hashes=hashes, previous=before, chain="")
        before = rules.chain_hash(fresh)
        by.run(f"UPDATE {SEAL} SET hashes = %s, previous = %s, chain = %s WHERE workspace = %s AND number = %s",
               fresh.hashes, fresh.previous, before, cast.acme, fresh.number)  # fmt: skip


def edit_the_ledger(by: Tampering, cast: Cast) -> None:
    by.run(f'ALTER TABLE "{cast.acme}".policy_call DISABLE TRIGGER USER')
    assert by.run(f'UPDATE "{cast.acme}".policy_call SET credits = 0 WHERE outcome = %s', "ok") == 1


def empty_the_ledger(by: Tampering, cast: Cast) -> None:
    by.run(f'ALTER TABLE "{cast.acme}".policy_call DISABLE TRIGGER USER')
    assert by.run(f'DELETE FROM "{cast.acme}".policy_call') == 2


def delete_before_it_is_sealed(by: Tampering, cast: Cast) -> None:
    by.run(f"ALTER TABLE {ENTRY} ENABLE TRIGGER observability_audit_listed")
    insert(by, cast)
    assert by.run(f"DELETE FROM {ENTRY} WHERE did = 'approval.accepted' AND workspace = %s", cast.acme) == 1


def seals(cast: Cast) -> list[rules.Link]:
    """Return acme's seals in order."""
    return list(queries._links(cast.acme))


WAYS: list[tuple[Callable[[Tampering, Cast], None], str, str]] = [
    (edit, "edited", "entry"), (change_who, "edited", "entry"), (backdate, "edited", "entry"),
    (hand_over, "edited", "entry"), (delete, "deleted", "entry"), (insert, "inserted", "entry"),
    (swap, "edited", "entry"), (swap_in_seal, "edited", "seal"), (cut_the_end, "cut", "checkpoint"),
    (cut_out, "cut", "seal 2"), (empty_the_table, "cut", "checkpoint"),
    (replace_the_chain, "replaced", "checkpoint"), (edit_the_ledger, "edited", "call"),
    (empty_the_ledger, "deleted", "call"), (delete_before_it_is_sealed, "deleted", "entry"),
]  # fmt: skip


@pytest.mark.parametrize(("way", "kind", "place"), WAYS, ids=[way.__name__ for way, _kind, _place in WAYS])
def test_tampering_is_found_and_said_where(
    record: Cast, folder: Path, way: Callable, kind: str, place: str, proof: Callable
) -> None:
    with Tampering() as tampering:
        way(tampering, record)
        tampering.back_to_platform()
        wrong = found(record, folder)
    assert any(each.kind == kind and each.where.startswith(place) for each in wrong), wrong
    assert found(record, folder) == [], "the tampering was taken back"
    proof(f"tampering found: {way.__name__.replace('_', ' ')}", 1, f"{kind}, {wrong[0].where}")


def test_an_edited_entry_is_named_exactly(record: Cast, folder: Path) -> None:
    with Tampering() as tampering:
        edit(tampering, record)
        tampering.back_to_platform()
        wrong = found(record, folder)
    assert len(wrong) == 1 and wrong[0].where.startswith(f"entry {ids(record)['two']} (seal ")


@pytest.mark.parametrize("change", ["forge", "spoil", "drop", "foreign key"])
def test_a_checkpoint_that_was_changed_or_taken_away_is_found(record: Cast, folder: Path, change: str) -> None:
    for _ in range(2):
        speak(record, "more")
        with tenancy.as_platform("a test seals"):
            actions.seal()
            actions.export(folder=folder)
    one, two, three = audit.checkpoints(folder)
    if change == "forge":
        from apps.lib import signing

        heads = {record.acme: [1, "0" * 64]}
        two.write_text(signing.sign({"iss": audit.ISSUER, "aud": audit.AUDIENCE, "heads": heads, "previous": ""},
                                    pem=pem()))  # fmt: skip
    elif change == "spoil":
        two.write_bytes(b"\xff\x00rubbish")
    elif change == "drop":
        two.unlink()
    else:
        one.write_text(two.read_text())
    wrong = found(record, folder)
    assert wrong and all("checkpoint" in each.where for each in wrong)


def test_a_table_is_not_emptied_or_changed_by_any_role_of_ours(record: Cast) -> None:
    for who, schema in (("member", record.acme), ("gate", record.acme), ("platform", "public"), ("owner", "public")):
        for table in (ENTRY, SEAL):
            for sql in (f"TRUNCATE {table}", f"DELETE FROM {table}", f"UPDATE {table} SET at = at"):
                with pytest.raises(Error, match="append-only|permission denied"), transaction.atomic():
                    with tenancy.acting(schema, who), tenancy.connection.cursor() as cursor:
                        cursor.execute(sql)
                tenancy.connection.search_path_set_schemas = None


def test_a_workspace_cannot_write_seals_or_the_list_of_what_is_not_sealed(record: Cast) -> None:
    for gate in (False, True):
        for model in (AuditSeal, AuditUnsealed):
            with tenancy.in_workspace(record.acme, gate=gate), pytest.raises(Error, match="permission denied"):
                with transaction.atomic():
                    model.objects.count()


def test_the_command_says_what_it_found_and_how_it_ended(record: Cast, folder: Path) -> None:
    said = StringIO()
    call_command("verify_audit", workspace=record.acme, stdout=said)
    assert "0 findings" in said.getvalue() and "1 checkpoints" in said.getvalue()
    with Tampering() as tampering:
        edit(tampering, record)
        tampering.back_to_platform()
        with pytest.raises(CommandError) as ended:
            call_command("verify_audit", workspace=record.acme, stdout=said)
    assert ended.value.returncode == 1 and "EDITED" in said.getvalue()
    for more in ({"workspace": "nobody"}, {"checkpoints": folder / "none"}, {"keys": folder / "none.json"}):
        with pytest.raises(CommandError) as ended:
            call_command("verify_audit", stdout=said, **more)
        assert ended.value.returncode == 2, more


def test_keys_that_the_auditor_kept_count_more_than_those_beside_the_checkpoints(record: Cast, folder: Path) -> None:
    kept = folder / "kept.json"
    kept.write_text((folder / audit.KEYS).read_text())
    (folder / audit.KEYS).write_text('{"keys": []}')
    assert [each.kind for each in audit.compare(folder=folder)[1]] == ["edited"]
    with tenancy.as_platform("a test checks"):
        assert audit.compare(folder=folder, keys=kept, only=record.acme) == (1, [])
    with pytest.raises(Invalid):
        audit.compare(folder=folder, keys=folder / "none.json")


def test_a_forgotten_runs_bodies_go_and_the_chain_stays(record: Cast, folder: Path) -> None:
    from apps.lib import blobs
    from apps.research.actions import erasing

    run = f"run_{record.acme}"
    call = close_call(record, run, number=5)
    actions.seal()
    with tenancy.in_workspace(record.acme):
        assert blobs.get(record.acme, call.result_sha)
        erasing.erase(run=run)
        assert Call.objects.filter(run=run).count() == 3
        with pytest.raises(NotFound):
            blobs.get(record.acme, Call.objects.get(pk=call.pk).result_sha)
    with tenancy.as_platform("a test seals"):
        actions.seal()
    assert found(record, folder) == []
