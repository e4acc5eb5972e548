"""document_write: create, update, delete and restore through the gate; versions stay, and each act names its undo."""

from __future__ import annotations

from typing import Any

import pytest

from apps.accounts import tenancy
from apps.lib import ids
from apps.library import queries
from apps.library.models import Document, DocumentVersion
from apps.observability.models import AuditEntry
from apps.policy import queries as policy
from apps.policy.approvals import decide
from apps.policy.gate.client import Reply
from apps.policy.registry import switches
from tests.conftest import Cast
from tests.policy.test_registry import ask, claimed


@pytest.fixture
def token(committed: Cast) -> str:
    return claimed(committed, "publisher")


def write(token: str, name: str = "", **arguments: Any) -> Reply:
    return ask(token, "document_write", arguments, name=name)


def text_of(cast: Cast, document: str) -> str:
    with tenancy.in_workspace(cast.acme):
        newest = DocumentVersion.objects.filter(document=document).order_by("-number")[0]
        return queries.stored_text(newest.text_sha256)


def test_what_it_creates_and_updates_can_be_taken_back(committed: Cast, token: str) -> None:
    words = {"action": "create", "name": "Dams", "content": "# Dams\n\nThe Harrow dam is 61 metres high."}
    made = ask(token, "document_write", words)
    assert (made.state, made.result["version"]) == ("done", 1), made
    document = made.result["document_id"]
    assert made.result["undo"] == {"action": "delete", "document_id": document}
    changed = write(token, action="update", document_id=document, content="# Dams\n\nIt is 38 metres high.")
    assert changed.result["version"] == 2 and "38" in text_of(committed, document)
    back = write(token, **changed.result["undo"])
    assert back.result["version"] == 3 and "61" in text_of(committed, document)
    with tenancy.in_workspace(committed.acme):
        assert Document.objects.get(pk=document).name == "Dams.md"
        did = AuditEntry.objects.filter(workspace=committed.acme, to=document).order_by("id").values_list("did", "by")
        assert list(did) == [(f"document.{did}", committed.alice) for did in ("created", "updated", "restored")]


def test_the_same_call_writes_once(committed: Cast, token: str) -> None:
    words = {"action": "create", "name": "Once", "content": "One text about one dam."}
    replies = [ask(token, "document_write", words, name="once") for _again in range(3)]
    assert len({reply.call for reply in replies}) == 1
    with tenancy.in_workspace(committed.acme):
        assert Document.objects.filter(name="Once.md").count() == 1


@pytest.mark.parametrize(
    "arguments",
    [
        {"action": "create", "name": "x"},
        {"action": "create", "name": "x", "content": ""},
        {"action": "create", "name": "x", "content": "x" * 50_001},
        {"action": "create", "name": "x", "content": "y", "document_id": "doc_1"},
        {"action": "update", "content": "y"},
        {"action": "delete"},
        {"action": "erase", "document_id": "doc_1"},
        {"action": "delete", "document_id": "doc_1", "sure": True},
    ],
)
def test_wrong_arguments_write_nothing(committed: Cast, token: str, arguments: dict[str, Any]) -> None:
    refused = ask(token, "document_write", arguments)
    assert (refused.state, refused.outcome) == ("denied", "arguments")
    with tenancy.in_workspace(committed.acme):
        assert not Document.objects.exists() and not AuditEntry.objects.filter(did__startswith="document.").exists()


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        ({"action": "create", "name": "../../etc/passwd", "content": "x y z"}, "no path"),
        ({"action": "update", "document_id": "doc_none", "content": "x"}, "no such document"),
        ({"action": "restore", "document_id": "doc_none"}, "no such document"),
        ({"action": "create", "name": "Empty", "content": "  \n "}, ""),
    ],
)
def test_what_can_not_be_written_is_refused_in_words(token: str, arguments: dict[str, Any], says: str) -> None:
    refused = ask(token, "document_write", arguments)
    assert (refused.state, refused.outcome) == ("failed", "refused") and says in refused.sentence and refused.sentence


def test_a_name_that_is_taken_and_a_document_of_another_workspace_are_refused(committed: Cast, token: str) -> None:
    words = {"action": "create", "name": "Twice", "content": "A text."}
    made = ask(token, "document_write", words)
    assert ask(token, "document_write", words | {"content": "Another text."}).outcome == "refused"
    with tenancy.in_workspace(committed.globex):
        assert not Document.objects.filter(pk=made.result["document_id"]).exists()


def test_a_delete_waits_for_an_owner_or_admin_and_can_be_restored(committed: Cast, token: str) -> None:
    made = ask(token, "document_write", {"action": "create", "name": "Gone", "content": "A text about a dam."})
    document = made.result["document_id"]
    waiting = write(token, name="away", action="delete", document_id=document)
    assert waiting.state == "waiting", waiting
    with tenancy.in_workspace(committed.acme):
        assert Document.objects.live().filter(pk=document).exists(), "nothing happens before the yes"
        asked = policy.approval(waiting.approval)
        assert asked is not None and asked.approver_role == "oversee"
        decide.decide(by=committed.alice, approval=waiting.approval, verdict="accept")
    gone = write(token, name="away", action="delete", document_id=document)
    assert gone.state == "done", gone
    with tenancy.in_workspace(committed.acme):
        assert not Document.objects.live().filter(pk=document).exists()
    back = write(token, **gone.result["undo"])
    assert back.state == "done"
    with tenancy.in_workspace(committed.acme):
        assert Document.objects.live().filter(pk=document).exists()


def test_switched_off_it_writes_nothing(committed: Cast, token: str) -> None:
    with tenancy.in_workspace(committed.acme):
        switches.disable(by=committed.alice, name="document_write")
    words = {"action": "create", "name": ids.new("x"), "content": "A text."}
    assert ask(token, "document_write", words).outcome == "disabled"
