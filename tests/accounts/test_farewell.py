"""What a person takes along, how they leave, and what becomes of a workspace that nobody opens again."""

from __future__ import annotations

import io
import json
import zipfile
from datetime import timedelta
from pathlib import Path
from uuid import UUID

import pytest
from django.contrib.auth import get_user_model
from django.core.management import call_command
from django.db import connection
from django.test import override_settings

from apps.accounts import rules, tenancy
from apps.accounts.actions import archives, erasing, farewell, workspaces
from apps.accounts.models import Archive, Workspace
from apps.lib import blobs, clock
from apps.lib.errors import Conflict, Forbidden, NotFound
from apps.library.actions.documents import Upload, add
from apps.research.actions.runs import Request, start
from apps.research.models import Inquiry
from tests.accounts.conftest import PASSWORD, Browser, apex, email_of, text
from tests.conftest import Cast


@pytest.fixture(autouse=True)
def own_bodies(tmp_path: Path) -> object:
    """Keep bodies and copies of a test in a folder of its own."""
    with override_settings(BLOB_ROOT=tmp_path):
        yield


def make(person: int, schema: str = "") -> tuple[UUID, zipfile.ZipFile]:
    """Ask for a copy, let the scheduler make it, and open it."""
    archive = archives.ask(by=person, schema=schema)
    archives.carry_on()
    ready = archives.open_file(by=person, archive=archive)
    return archive, zipfile.ZipFile(io.BytesIO(ready.path.read_bytes()))


def run(schema: str, person: int, question: str, visibility: str) -> str:
    """Ask a question over one document of one's own."""
    with tenancy.in_workspace(schema):
        taken, _refused = add(by=person, uploads=[Upload(f"{visibility}.txt", f"The {visibility} dam.".encode())])
        asked = Request(question, documents=(taken[0].version,), visibility=visibility, depth="quick")
        return start(by=person, request=asked)


def test_a_copy_of_a_workspace_holds_what_its_owner_may_see_and_names_no_private_run(cast: Cast) -> None:
    shared = run(cast.acme, cast.bob, "How high is the dam?", "workspace")
    private = run(cast.acme, cast.bob, "What does the boss earn?", "private")
    archive, whole = make(cast.alice, cast.acme)
    names = set(whole.namelist())
    assert {"README.txt", "manifest.json", "workspace.json", "record.jsonl", "ledger.jsonl", "facts.jsonl",
            "documents/documents.json", f"research/{shared}/run.json"} <= names  # fmt: skip
    everything = b"\n".join(whole.read(name) for name in names).decode()
    assert "How high is the dam?" in everything and "What does the boss earn" not in everything
    assert private not in everything, "nothing says that it is there"
    listed = json.loads(whole.read("manifest.json"))["files"]
    assert {row["path"] for row in listed} == names - {"manifest.json"}
    held = next(row for row in map(json.loads, whole.read("ledger.jsonl").splitlines()) if row["run"] == shared)
    assert held["kind"] == "hold"
    _mine, own = make(cast.bob)
    told = b"\n".join(own.read(name) for name in own.namelist()).decode()
    assert "What does the boss earn?" in told and email_of(cast.bob) in told
    assert email_of(cast.alice) not in told and email_of(cast.charlie) not in told
    for stranger in (cast.bob, cast.charlie):
        assert apex(stranger).get(f"/settings/data/copies/{archive}").status_code == 404
    page = apex(cast.alice).get(f"/settings/data/copies/{archive}")
    assert page.status_code == 200 and page["Content-Type"] == "application/zip"
    assert zipfile.ZipFile(io.BytesIO(page.getvalue())).testzip() is None
    page.close()


def test_a_copy_is_asked_for_by_owners_once_made_in_portions_and_kept_for_a_week(
    cast: Cast, monkeypatch: pytest.MonkeyPatch
) -> None:
    with pytest.raises(Forbidden):
        archives.ask(by=cast.bob, schema=cast.acme)
    with pytest.raises(NotFound):
        archives.ask(by=cast.charlie, schema=cast.acme)
    monkeypatch.setattr(archives, "SECONDS", -1.0)
    archive = archives.ask(by=cast.alice, schema=cast.acme)
    with pytest.raises(Conflict):
        archives.ask(by=cast.alice, schema=cast.acme)
    states = []
    while not states or states[-1][0] == "waits":
        assert len(states) < 40
        archives.carry_on()
        with tenancy.as_platform("a test looks"):
            row = Archive.objects.get(pk=archive)
        states.append((row.state, row.done))
        if len(states) == 2:
            # A crash in the middle of a portion.
            part = archives._draft(row)
            part.write_bytes(part.read_bytes()[:-30])
    assert row.state == "ready" and row.done == row.total and len(states) > row.total
    assert zipfile.ZipFile(archives._path(row)).testzip() is None
    with tenancy.as_platform("a week later"):
        Archive.objects.filter(pk=archive).update(expires_at=clock.now())
    archives.carry_on()
    assert not archives._path(row).exists()
    with pytest.raises(NotFound):
        archives.open_file(by=cast.alice, archive=archive)


def test_leaving_takes_a_password_two_weeks_and_leaves_a_number(cast: Cast) -> None:
    private, shared = run(cast.acme, cast.bob, "Mine?", "private"), run(cast.acme, cast.bob, "Ours?", "workspace")
    email, browser = email_of(cast.bob), Browser(cast.bob)
    asked = browser.apex.get("/settings/data/leave")
    assert asked.status_code == 302 and "/reauthenticate/" in asked["Location"]
    with tenancy.as_platform("bob has a password"):
        bob = get_user_model().objects.get(pk=cast.bob)
        bob.set_password(PASSWORD)
        bob.save()
    browser = Browser(cast.bob)
    browser.apex.get("/settings/data/leave")
    assert browser.apex.post("/reauthenticate/?next=/settings/data/leave", {"password": PASSWORD}).status_code == 302
    assert "Somebody who left" in text(browser.apex.get("/settings/data/leave"))
    assert browser.apex.post("/settings/data/leave", {"email": "another@example.test"}).status_code == 422
    assert browser.apex.post("/settings/data/leave", {"email": email.upper()}).status_code == 302
    assert farewell.carry_out() == 0, "not before its time"
    assert "Keep my account" in text(browser.apex.get("/settings/data"))
    assert browser.apex.post("/settings/data/stay").status_code == 302
    farewell.ask(by=cast.bob, email=email)
    with tenancy.as_platform("two weeks later"):
        get_user_model().objects.filter(pk=cast.bob).update(leaves_at=clock.now() - timedelta(seconds=1))
    assert farewell.carry_out() == 1
    assert browser.apex.get("/settings/data").status_code == 302
    assert apex().post("/login/", {"login": email, "password": PASSWORD}).status_code == 200
    with tenancy.as_platform("what is left"):
        gone = get_user_model().objects.get(pk=cast.bob)
        assert str(gone) == "Somebody who left" and not gone.is_active and not gone.memberships.exists()
        with connection.cursor() as cursor:
            cursor.execute("SELECT count(*) FROM agenda_outbox WHERE address ILIKE %s", [email])
            assert cursor.fetchone() == (0,)
    with tenancy.in_workspace(cast.acme):
        assert set(Inquiry.objects.values_list("run", flat=True)) >= {shared}
        assert not Inquiry.objects.filter(pk=private).exists()


def test_the_last_owner_of_an_open_workspace_stays(cast: Cast) -> None:
    with pytest.raises(Conflict, match="Acme"):
        farewell.ask(by=cast.alice, email=email_of(cast.alice))
    with tenancy.as_platform("it was asked for before the other owner left"):
        get_user_model().objects.filter(pk=cast.alice).update(leaves_at=clock.now() - timedelta(seconds=1))
    assert farewell.carry_out() == 0
    assert email_of(cast.alice).endswith("@example.test")


def test_a_closed_workspace_goes_for_good_after_its_grace_and_takes_nothing_else_along(committed: Cast) -> None:
    owner, email = committed.charlie, email_of(committed.charlie)
    space = workspaces.create(by=owner, name="Doomed", slug=f"doomed-{committed.charlie}")
    with tenancy.in_workspace(space.schema):
        add(by=owner, uploads=[Upload("a.txt", b"The dam is 57 metres high.")])
    digest = blobs.put(space.schema, b"a body")
    archive, _whole = make(owner, space.schema)
    workspaces.close(by=owner, schema=space.schema, name="Doomed")
    assert erasing.carry_out() == 0
    erasing.erase(schema=committed.acme)
    with tenancy.as_platform("an open one is left alone, a closed one's time passes"):
        assert Workspace.objects.filter(schema_name=committed.acme).exists()
        Workspace.objects.filter(schema_name=space.schema).update(
            closed_at=clock.now() - timedelta(days=rules.REOPEN_DAYS)
        )
    assert erasing.carry_out() == 1
    with tenancy.as_platform("what is left"), connection.cursor() as cursor:
        assert not Workspace.objects.filter(schema_name=space.schema).exists()
        assert not Archive.objects.filter(pk=archive).exists()
        cursor.execute("SELECT count(*) FROM pg_namespace WHERE nspname = %s", [space.schema])
        assert cursor.fetchone() == (0,)
        cursor.execute("SELECT count(*) FROM pg_roles WHERE rolname LIKE %s", [f"{space.schema}%"])
        assert cursor.fetchone() == (0,)
        cursor.execute("SELECT count(*) FROM billing_creditentry WHERE workspace = %s", [space.schema])
        assert cursor.fetchone()[0] > 0, "the ledger stays"
    with pytest.raises(NotFound):
        blobs.get(space.schema, digest)
    again = workspaces.create(by=owner, name="Doomed", slug=f"doomed-{committed.charlie}")
    assert again.schema != space.schema and email_of(owner) == email
    call_command("verify_audit", verbosity=0)
