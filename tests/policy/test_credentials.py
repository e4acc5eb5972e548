"""Credentials: sealed by the web process, opened by the gate alone, for the tools they are for."""

from __future__ import annotations

import base64
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from allauth.mfa.adapter import get_adapter
from django.conf import settings
from django.contrib.auth import get_user_model
from django.core.management import call_command
from django.db import Error, connection, transaction
from django.test import Client

from apps.accounts import tenancy
from apps.lib import sealing
from apps.lib.errors import Conflict, Invalid, NotFound
from apps.observability.models import AuditEntry
from apps.policy.identity import credentials, keys
from apps.policy.identity.credentials import NotForTool
from apps.policy.models import Credential
from tests.conftest import Cast
from tests.observability.conftest import close_call, lend

SECRET = "canary-7f3a-Zwölf-key"


@pytest.fixture
def sealed(committed: Cast) -> tuple[Cast, str]:
    """A credential of acme's for the tools of one server."""
    with tenancy.in_workspace(committed.acme):
        id = credentials.add(by=committed.alice, name="Tickets", secret=SECRET, tools=["tickets.*", "web_search"])
    return committed, id


def opened(cast: Cast, id: str, tool: str = "tickets.search") -> str:
    """Open a credential as the gate does."""
    with tenancy.in_workspace(cast.acme, gate=True):
        return credentials.open_for(tool=tool, credential=id)


def raw(cast: Cast, id: str, *, name: str = "acme") -> Credential:
    with tenancy.in_workspace(getattr(cast, name), gate=True):
        return Credential.objects.get(pk=id)


def test_the_gate_opens_a_secret_for_its_tools_and_for_no_other(sealed: tuple[Cast, str]) -> None:
    cast, id = sealed
    for tool in ("tickets.search", "tickets.a.b", "tickets", "web_search"):
        assert opened(cast, id, tool) == SECRET
    for tool in ("web_fetch", "ticketsx.search", "web_search.more", "", "tickets*", "other.tickets.search"):
        with pytest.raises(NotForTool):
            opened(cast, id, tool)
    with pytest.raises(NotFound):
        opened(cast, "cred_none")
    with tenancy.in_workspace(cast.globex, gate=True), pytest.raises(NotFound):
        credentials.open_for(tool="web_search", credential=id)


def test_when_it_was_used_last_is_on_the_page(sealed: tuple[Cast, str]) -> None:
    cast, id = sealed
    with tenancy.in_workspace(cast.acme):
        assert credentials.listed()[0].last_used_at is None
    opened(cast, id)
    with tenancy.in_workspace(cast.acme):
        assert credentials.listed()[0].last_used_at is not None


def test_no_role_but_the_gates_reads_what_is_sealed(sealed: tuple[Cast, str]) -> None:
    cast, id = sealed
    for column in ("sealed", "wrapped", "*", "length(sealed)", "md5(wrapped)", "c"):
        table = "policy_credential c" if column == "c" else "policy_credential"
        for tail in ("", " FOR UPDATE"):
            with tenancy.in_workspace(cast.acme), pytest.raises(Error, match="permission denied"), transaction.atomic():
                with connection.cursor() as cursor:
                    cursor.execute(f"SELECT {column} FROM {table}{tail}")
            tenancy.connection.search_path_set_schemas = None
    for sql in ("UPDATE policy_credential SET name = encode(sealed, 'hex')", "COPY policy_credential TO STDOUT",
                "DELETE FROM policy_credential WHERE length(sealed) > 1 RETURNING sealed",
                "UPDATE policy_credential SET name = 'x' RETURNING sealed",
                "CREATE VIEW v AS SELECT sealed FROM policy_credential"):  # fmt: skip
        with tenancy.in_workspace(cast.acme), pytest.raises(Error, match="permission denied"), transaction.atomic():
            with connection.cursor() as cursor:
                cursor.execute(sql)
        tenancy.connection.search_path_set_schemas = None
    with tenancy.in_workspace(cast.acme):
        assert [row.id for row in credentials.listed()] == [id]


def test_what_is_sealed_opens_nowhere_else(sealed: tuple[Cast, str]) -> None:
    """Another workspace, another credential, another version, one changed byte, another master key."""
    cast, id = sealed
    row = raw(cast, id)
    copy = {"name": "copy", "master": row.master, "wrapped": row.wrapped, "sealed": row.sealed, "tools": row.tools}
    with tenancy.in_workspace(cast.globex, gate=True):
        Credential.objects.create(id=id, version=1, by=1, **copy)
        with pytest.raises(sealing.BadSeal):
            credentials.open_for(tool="web_search", credential=id)
    spoiled = bytearray(row.sealed)
    spoiled[20] ^= 1
    turned = bytearray(row.wrapped)
    turned[40] ^= 1
    for change in ({"id": "cred_other"}, {"version": 2}, {"sealed": bytes(spoiled)}, {"wrapped": bytes(turned)},
                   {"sealed": b""}, {"wrapped": b"x" * 80}, {"wrapped": b""}):  # fmt: skip
        with tenancy.in_workspace(cast.acme, gate=True), transaction.atomic():
            Credential.objects.filter(pk=id).update(**{k: v for k, v in change.items() if k != "id"})
            if "id" in change:
                Credential.objects.create(id="cred_other", version=1, by=1, **copy)
            with pytest.raises(sealing.BadSeal):
                credentials.open_for(tool="web_search", credential=str(change.get("id", id)))
            transaction.set_rollback(True)
        tenancy.connection.search_path_set_schemas = None
    assert opened(cast, id) == SECRET


def test_the_same_secret_is_never_sealed_the_same_way_twice(sealed: tuple[Cast, str]) -> None:
    cast, id = sealed
    with tenancy.in_workspace(cast.acme):
        other = credentials.add(by=cast.alice, name="Twin", secret=SECRET, tools=["web_search"])
    one, two = raw(cast, id), raw(cast, other)
    assert bytes(one.sealed) != bytes(two.sealed) and bytes(one.wrapped) != bytes(two.wrapped)


def test_a_new_secret_takes_the_old_ones_place_and_the_old_one_is_gone(sealed: tuple[Cast, str]) -> None:
    cast, id = sealed
    old = raw(cast, id)
    with tenancy.in_workspace(cast.acme):
        assert credentials.rotate(by=cast.alice, credential=id, secret="new one") == 2
    assert opened(cast, id) == "new one"
    new = raw(cast, id)
    assert bytes(old.sealed) != bytes(new.sealed) and new.rotated_at and Credential._meta.db_table
    with tenancy.in_workspace(cast.acme, gate=True), transaction.atomic():
        # The old secret under the new number does not open.
        Credential.objects.filter(pk=id).update(sealed=old.sealed, wrapped=old.wrapped)
        with pytest.raises(sealing.BadSeal):
            credentials.open_for(tool="web_search", credential=id)
        transaction.set_rollback(True)
    tenancy.connection.search_path_set_schemas = None


def test_a_new_master_key_wraps_all_anew_and_the_old_one_can_go(
    sealed: tuple[Cast, str], monkeypatch: pytest.MonkeyPatch
) -> None:
    cast, id = sealed
    old, new = settings.CREDENTIAL_KEYS[0], sealing.spell(sealing.new_key())
    monkeypatch.setattr(settings, "CREDENTIAL_KEYS", [new])
    with pytest.raises(keys.NoKey, match="not in the gate's list"):
        opened(cast, id)
    monkeypatch.setattr(settings, "CREDENTIAL_KEYS", [new, old])
    assert opened(cast, id) == SECRET
    with tenancy.in_workspace(cast.acme, gate=True):
        assert credentials.rewrap() == 1 and credentials.rewrap() == 0
    monkeypatch.setattr(settings, "CREDENTIAL_KEYS", [new])
    assert opened(cast, id) == SECRET
    monkeypatch.setattr(settings, "CREDENTIAL_KEYS", [old, new])
    call_command("rewrap_credentials", verbosity=0)
    monkeypatch.setattr(settings, "CREDENTIAL_KEYS", [old])
    assert opened(cast, id) == SECRET


def test_a_process_without_the_private_key_seals_and_cannot_open(
    committed: Cast, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(settings, "PUBLIC_KEYS", tmp_path / "public-keys.json")
    keys.publish()
    private = settings.CREDENTIAL_KEYS
    monkeypatch.setattr(settings, "CREDENTIAL_KEYS", [])
    with tenancy.in_workspace(committed.acme):
        id = credentials.add(by=committed.alice, name="Web", secret=SECRET, tools=["web_search"])
    with pytest.raises(keys.NoKey, match="only the gate"):
        opened(committed, id, "web_search")
    monkeypatch.setattr(settings, "CREDENTIAL_KEYS", private)
    assert opened(committed, id, "web_search") == SECRET
    settings.PUBLIC_KEYS.unlink()
    monkeypatch.setattr(settings, "CREDENTIAL_KEYS", [])
    with tenancy.in_workspace(committed.acme), pytest.raises(keys.NoKey, match="Try again"):
        credentials.add(by=committed.alice, name="Web 2", secret=SECRET, tools=["web_search"])


@pytest.mark.parametrize(
    "wrong",
    [{"name": ""}, {"name": " \n"}, {"name": "x" * 81}, {"name": "a\x00b"}, {"secret": ""}, {"secret": "  "},
     {"secret": "x" * 8001}, {"tools": []}, {"tools": ["*"]}, {"tools": ["a*"]}, {"tools": [".*"]}, {"tools": ["A b"]},
     {"tools": ["x" * 121]}, {"tools": [f"t{n}" for n in range(51)]}, {"tools": ["t\n"]}, {"tools": ["é.x"]}],
    ids=str,
)  # fmt: skip
def test_bad_input_is_said_and_nothing_is_kept(committed: Cast, wrong: dict[str, Any]) -> None:
    given = {"name": "Tickets", "secret": SECRET, "tools": ["web_search"]} | wrong
    with tenancy.in_workspace(committed.acme):
        with pytest.raises(Invalid) as said:
            credentials.add(by=committed.alice, **given)
        assert credentials.listed() == [] and SECRET not in said.value.sentence


def test_names_are_given_once_and_what_is_gone_is_said(sealed: tuple[Cast, str]) -> None:
    cast, id = sealed
    with tenancy.in_workspace(cast.acme):
        with pytest.raises(Conflict):
            credentials.add(by=cast.alice, name=" Tickets ", secret="x", tools=["web_search"])
        credentials.delete(by=cast.alice, credential=id)
        for gone in (
            lambda: credentials.delete(by=cast.alice, credential=id),
            lambda: credentials.rotate(by=cast.alice, credential=id, secret="x"),
            lambda: credentials.allow(by=cast.alice, credential=id, tools=["web_search"]),
        ):
            with pytest.raises(NotFound):
                gone()
        did = AuditEntry.objects.filter(workspace=cast.acme, to=id).order_by("pk").values_list("did", flat=True)
        assert list(did) == ["credential.added", "credential.deleted"]


def browser(cast: Cast, person: int) -> Client:
    client = Client(headers={"host": cast.acme_host, "accept-language": "en"}, raise_request_exception=False)
    with tenancy.as_platform("a test signs in"):
        client.force_login(get_user_model().objects.get(pk=person))
    return client


def traces(cast: Cast) -> str:
    """Return every row of every table, as text, and every file of the home that the product wrote."""
    said = []
    for schema, who in (("public", "owner"), (cast.acme, "owner")):
        with tenancy.acting(schema, who), connection.cursor() as cursor:
            cursor.execute("SELECT tablename FROM pg_tables WHERE schemaname = %s", [schema])
            for (table,) in cursor.fetchall():
                cursor.execute(f'SELECT t::text FROM "{schema}"."{table}" t')
                said += [row[0] for row in cursor.fetchall()]
    tenancy.close()
    said += [p.read_bytes().decode("latin-1") for p in Path(settings.BLOB_ROOT).rglob("*") if p.is_file()]
    return "\n".join(said)


def spellings(secret: str) -> list[str]:
    """Return how a secret could stand somewhere."""
    plain = secret.encode()
    return [secret, plain.decode("latin-1"), plain.hex(), base64.b64encode(plain).decode().rstrip("="),
            json.dumps(secret)[1:-1], secret[3:-3]]  # fmt: skip


def test_a_secret_that_was_put_in_stands_nowhere_afterwards(
    committed: Cast, caplog: pytest.LogCaptureFixture, proof: Callable
) -> None:
    caplog.set_level("DEBUG")
    alice, new = browser(committed, committed.alice), "canary-2-rotated-Ünkey"
    pages = [alice.post("/settings/credentials", {"name": "T", "secret": SECRET, "tools": "tickets.*"}, follow=True)]
    pages.append(alice.post("/settings/credentials", {"name": "T", "secret": SECRET, "tools": "tickets.*"}))
    pages.append(alice.post("/settings/credentials", {"name": "", "secret": SECRET, "tools": "**"}))
    with tenancy.in_workspace(committed.acme):
        (row,) = credentials.listed()
    pages.append(alice.post(f"/settings/credentials/{row.id}/rotate", {f"rotate-{row.id}-secret": new}, follow=True))
    pages.append(alice.post("/settings/credentials/cred_x/rotate", {"rotate-cred_x-secret": new}))
    assert [page.status_code for page in pages] == [200, 422, 422, 200, 404]
    assert opened(committed, row.id) == new
    close_call(committed, lend(committed, f"run_{committed.acme}"))
    pages += [alice.get(path) for path in ("/settings/credentials", "/settings/record", "/settings/record.jsonl")]
    body = "".join((p.getvalue() if p.streaming else p.content).decode() for p in pages)
    places = {"pages": body, "logs": caplog.text, "tables and blobs": traces(committed)}
    assert "credential.rotated" in places["tables and blobs"] and row.id in body, "it looked where things are"
    looked_for = (*spellings(SECRET), *spellings(new))
    found = [(place, one) for place, text in places.items() for one in looked_for if one in text]
    proof("spellings of two secrets in pages, logs, all tables, blobs", 36, f"{len(found)} found")
    assert found == []


def test_who_may_not_change_the_settings_sees_and_changes_no_credential(sealed: tuple[Cast, str]) -> None:
    cast, id = sealed
    for person, status in ((cast.bob, 403), (cast.charlie, 404)):
        client = browser(cast, person)
        assert client.get("/settings/credentials").status_code == status
        for act in ("rotate", "tools", "delete"):
            assert client.post(f"/settings/credentials/{id}/{act}", {"sure": "yes"}).status_code == status
    assert opened(cast, id) == SECRET


def test_the_page_changes_tools_and_erases_only_when_one_is_sure(sealed: tuple[Cast, str]) -> None:
    cast, id = sealed
    alice = browser(cast, cast.alice)
    assert alice.post(f"/settings/credentials/{id}/tools", {f"allow-{id}-tools": "web_fetch\nx.y"}).status_code == 302
    with pytest.raises(NotForTool):
        opened(cast, id)
    refused = alice.post(f"/settings/credentials/{id}/tools", {f"allow-{id}-tools": "not a tool!"})
    assert refused.status_code == 422 and "tool!" in refused.content.decode()
    assert alice.post(f"/settings/credentials/{id}/delete").status_code == 422
    assert opened(cast, id, "web_fetch") == SECRET
    assert alice.post(f"/settings/credentials/{id}/delete", {"sure": "yes"}).status_code == 302
    assert "no credential yet" in alice.get("/settings/credentials").content.decode()


def test_secrets_of_authenticator_apps_are_sealed_at_rest(committed: Cast, monkeypatch: pytest.MonkeyPatch) -> None:
    from allauth.mfa.models import Authenticator
    from allauth.mfa.totp.internal.auth import TOTP, generate_totp_secret

    secret = generate_totp_secret()
    with tenancy.as_platform("a test adds a second factor"):
        TOTP.activate(get_user_model().objects.get(pk=committed.alice), secret)
        row = Authenticator.objects.get(user_id=committed.alice)
    assert row.data["secret"].startswith("sealed:") and secret not in str(row.data)
    adapter = get_adapter()
    assert adapter.decrypt(row.data["secret"]) == secret and adapter.decrypt("PLAIN") == "PLAIN"
    old = settings.TOTP_KEYS[0]
    monkeypatch.setattr(settings, "TOTP_KEYS", [sealing.spell(sealing.new_key()), old])
    assert adapter.decrypt(row.data["secret"]) == secret, "an older key still opens"
    monkeypatch.setattr(settings, "TOTP_KEYS", settings.TOTP_KEYS[:1])
    for text in (row.data["secret"], "sealed:rubbish", "sealed:", "sealed:é"):
        with pytest.raises(sealing.BadSeal):
            adapter.decrypt(text)
