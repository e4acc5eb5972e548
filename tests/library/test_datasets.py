"""Datasets, versions, limits; delete, undo, purge: what a report quotes stays."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import AbstractContextManager
from dataclasses import replace
from datetime import timedelta

import pytest

from apps.accounts import tenancy
from apps.lib import blobs, clock
from apps.lib.errors import Conflict, Invalid, NotFound
from apps.library import queries
from apps.library.actions import datasets, documents, limits, purge, snapshots
from apps.library.actions.documents import Upload
from apps.library.models import DEFAULT, Document, DocumentVersion, Passage
from tests.conftest import Cast
from tests.library.test_names import NAUGHTY

DAM = b"# The Harrow dam\n\nThe Harrow dam was opened on 4 May 1974. It holds 12.5 million cubic metres.\n"
NEWS = b"# Courier\n\nThe Harrow dam holds 13.1 million cubic metres of water.\n"


@pytest.fixture
def acme(cast: Cast) -> Iterator[Cast]:
    with tenancy.in_workspace(cast.acme):
        yield cast


def put(cast: Cast, name: str, body: bytes, dataset: str = DEFAULT, document: str = "") -> documents.Added:
    added, rejected = documents.add(by=cast.bob, uploads=[Upload(name, body)], dataset=dataset, document=document)
    assert rejected == []
    return added[0]


def test_a_file_that_names_no_dataset_goes_to_the_library(acme: Cast) -> None:
    added = put(acme, "dam.md", DAM)
    row = queries.dataset(DEFAULT)
    assert (row.name, row.is_default, row.documents, row.bytes) == ("Library", True, 1, len(DAM))
    assert [each.id for each in queries.documents()] == [added.version] == list(queries.newest_versions([DEFAULT]))


def test_the_same_name_is_a_new_version_and_the_same_bytes_are_nothing_new(acme: Cast) -> None:
    first, again, second = put(acme, "dam.md", DAM), put(acme, "dam.md", DAM), put(acme, "dam.md", NEWS)
    assert (again.known, again.version) == (True, first.version)
    assert (second.document, second.number, second.known) == (first.document, 2, False)
    assert queries.newest_versions([DEFAULT]) == (second.version,)
    assert queries.stored_text(queries.documents(versions=[first.version])[0].text_sha256).startswith("# The Harrow")
    assert [row.number for row in queries.document(first.document).versions] == [2, 1]
    assert {row.created_by for row in queries.document(first.document).versions} == {acme.bob}


def test_a_new_version_may_have_another_name(acme: Cast) -> None:
    first = put(acme, "dam.md", DAM)
    second = put(acme, "dam-final-2.md", NEWS, document=first.document)
    assert (second.document, second.number, second.name) == (first.document, 2, "dam.md")


def test_the_same_name_in_another_dataset_is_another_document(acme: Cast) -> None:
    papers = datasets.create(by=acme.alice, name="Papers")
    first, second = put(acme, "dam.md", DAM), put(acme, "dam.md", DAM, dataset=papers)
    assert first.document != second.document
    assert queries.newest_versions([papers]) == (second.version,)
    assert [row.name for row in queries.datasets()] == ["Library", "Papers"]


@pytest.mark.parametrize("name", ["", "  ", "\x00", "papers", " PAPERS "])
def test_a_dataset_has_a_name_that_no_other_has(acme: Cast, name: str) -> None:
    datasets.create(by=acme.alice, name="Papers")
    with pytest.raises((Invalid, Conflict)):
        datasets.create(by=acme.alice, name=name)


def test_every_naughty_name_is_taken_or_refused_with_a_sentence(acme: Cast) -> None:
    added, rejected = documents.add(
        by=acme.bob, uploads=[Upload(name, f"Words number {n} about it.".encode()) for n, name in enumerate(NAUGHTY)]
    )
    assert len(added) + len(rejected) == len(NAUGHTY)
    assert {row.code for row in rejected} == {"active"}  # a.txt;.exe
    changed = [row for row in added if row.warnings]
    assert len(changed) > 15
    assert all(warning.endswith(".") for row in changed for warning in row.warnings)


def test_an_empty_file_and_one_too_large_are_refused_with_the_figure(
    acme: Cast, monkeypatch: pytest.MonkeyPatch
) -> None:
    allow(monkeypatch, file_bytes=1_000_000)
    _added, rejected = documents.add(by=acme.bob, uploads=[Upload("a.txt", b""), Upload("b.txt", b"x " * 600_000)])
    assert [row.code for row in rejected] == ["empty", "too_large"]
    assert "1 MB" in rejected[1].reason


def allow(monkeypatch: pytest.MonkeyPatch, **more: object) -> None:
    allowed = replace(limits.from_settings(), **more)  # type: ignore[arg-type]
    monkeypatch.setattr(limits.limits, "bound", {"test": lambda: allowed})


def test_the_plan_limits_documents_but_not_their_versions(acme: Cast, monkeypatch: pytest.MonkeyPatch) -> None:
    put(acme, "dam.md", DAM)
    allow(monkeypatch, documents=1)
    added, rejected = documents.add(by=acme.bob, uploads=[Upload("dam.md", NEWS), Upload("news.md", NEWS)])
    assert [row.number for row in added] == [2]
    assert [row.code for row in rejected] == ["library_full"]
    assert queries.held().documents == 1


def test_the_plan_limits_bytes_and_kinds(acme: Cast, monkeypatch: pytest.MonkeyPatch) -> None:
    allow(monkeypatch, total_bytes=len(DAM) + 10)
    put(acme, "dam.md", DAM)
    assert documents.add(by=acme.bob, uploads=[Upload("n.md", NEWS)])[1][0].code == "library_full"
    allow(monkeypatch, kinds=("pdf",))
    refused = documents.add(by=acme.bob, uploads=[Upload("n.md", NEWS)])[1][0]
    assert "Markdown" in refused.reason


def test_two_uploads_at_once_do_not_share_the_last_place(
    committed: Cast, monkeypatch: pytest.MonkeyPatch, django_db_blocker: pytest.FixtureRequest
) -> None:
    allow(monkeypatch, documents=1)
    found: list[str] = []
    ready = threading.Barrier(4)

    def upload(number: int) -> None:
        with django_db_blocker.unblock(), tenancy.in_workspace(committed.acme):
            ready.wait(20)
            added, rejected = documents.add(by=committed.bob, uploads=[Upload(f"{number}.txt", b"Words %d." % number)])
            found.extend(["added"] * len(added) + [row.code for row in rejected])
        tenancy.close()

    threads = [threading.Thread(target=upload, args=[number]) for number in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
    assert sorted(found) == ["added", *["library_full"] * 3]


def test_a_deleted_document_is_gone_and_comes_back_by_undo(acme: Cast) -> None:
    added = put(acme, "dam.md", DAM)
    documents.forget(by=acme.bob, document=added.document)
    assert queries.documents() == [] and queries.held().documents == 0
    assert [row.name for row in queries.deleted_documents(DEFAULT)] == ["dam.md"]
    with pytest.raises(NotFound):
        documents.forget(by=acme.bob, document=added.document)
    documents.restore(by=acme.bob, document=added.document)
    documents.restore(by=acme.bob, document=added.document)
    assert [row.id for row in queries.documents()] == [added.version]


def test_undo_ends_after_thirty_days_and_where_the_name_was_given_away(acme: Cast) -> None:
    added = put(acme, "dam.md", DAM)
    documents.forget(by=acme.bob, document=added.document)
    put(acme, "dam.md", NEWS)
    with pytest.raises(Conflict, match="dam.md"):
        documents.restore(by=acme.bob, document=added.document)
    with clock.stopped(clock.now() + timedelta(days=31)), pytest.raises(NotFound):
        documents.restore(by=acme.bob, document=added.document)


def test_a_deleted_dataset_takes_its_documents_along_and_brings_them_back(acme: Cast) -> None:
    papers = datasets.create(by=acme.alice, name="Papers")
    kept, gone = put(acme, "a.md", DAM, dataset=papers), put(acme, "b.md", NEWS, dataset=papers)
    documents.forget(by=acme.bob, document=gone.document)
    datasets.forget(by=acme.alice, dataset=papers)
    assert queries.documents() == [] and queries.newest_versions([papers]) == ()
    assert documents.add(by=acme.bob, uploads=[Upload("c.md", DAM)], dataset=papers)[1][0].code == "not_found"
    datasets.restore(by=acme.alice, dataset=papers)
    assert queries.newest_versions([papers]) == (kept.version,)


def test_the_library_itself_can_not_be_deleted(acme: Cast) -> None:
    put(acme, "dam.md", DAM)
    with pytest.raises(Invalid):
        datasets.forget(by=acme.alice, dataset=DEFAULT)


def test_undo_does_not_go_beyond_the_plan(acme: Cast, monkeypatch: pytest.MonkeyPatch) -> None:
    added = put(acme, "dam.md", DAM)
    documents.forget(by=acme.bob, document=added.document)
    put(acme, "news.md", NEWS)
    allow(monkeypatch, documents=1)
    with pytest.raises(limits.LibraryFull):
        documents.restore(by=acme.bob, document=added.document)


def quote(cast: Cast, added: documents.Added, run: str) -> tuple[str, str]:
    """Let a run read a document, as its step does: return the snapshot and a quotation."""
    row = queries.documents(versions=[added.version])[0]
    text = queries.stored_text(row.text_sha256)
    snapshot = snapshots.keep(sha256=row.sha256, text=text, kind="library")
    found = snapshots.Found(1, "library", added.version, row.title, True, "", 5)
    snapshots.list_sources(run=run, found=[found])
    snapshots.read(
        run=run, number=1, snapshot=snapshot, fetched_at=clock.now(), title=row.title, published_date=None
    )  # fmt: skip
    return snapshot, text[20:50]


def later() -> AbstractContextManager[None]:
    return clock.stopped(clock.now() + timedelta(days=31))


def test_a_purge_erases_what_nobody_quotes_and_keeps_what_a_report_does(acme: Cast) -> None:
    quoted, plain = put(acme, "dam.md", DAM), put(acme, "news.md", NEWS)
    snapshot, words = quote(acme, quoted, "run_x")
    hashes = {row.document: (row.sha256, row.text_sha256) for row in queries.documents()}
    for added in (quoted, plain):
        documents.forget(by=acme.bob, document=added.document)
    assert purge.purge() == 0, "nothing is erased while it can be restored"
    with later():
        assert purge.purge() == 2
        assert purge.purge() == 0
    assert words in queries.snapshot_text(snapshot)
    source = queries.sources("run_x")[0]
    assert (source.where, source.snapshot) == ("dam.md", snapshot)
    assert Passage.objects.count() == 0
    assert not Document.objects.filter(pk=plain.document).exists()
    for sha in hashes[plain.document]:
        with pytest.raises(NotFound):
            blobs.get(acme.acme, sha)
    with pytest.raises(NotFound):
        queries.document(quoted.document)
    assert queries.documents(versions=[quoted.version]) == []


def test_a_purge_keeps_a_body_that_another_document_has_too(acme: Cast) -> None:
    papers = datasets.create(by=acme.alice, name="Papers")
    here, there = put(acme, "dam.md", DAM), put(acme, "copy.md", DAM, dataset=papers)
    documents.forget(by=acme.bob, document=here.document)
    with later():
        assert purge.purge() == 1
    row = queries.documents(versions=[there.version])[0]
    assert blobs.get(acme.acme, row.sha256) == DAM
    assert queries.stored_text(row.text_sha256).startswith("# The Harrow")


def test_a_purge_takes_a_deleted_dataset_with_all_it_held(acme: Cast) -> None:
    papers = datasets.create(by=acme.alice, name="Papers")
    put(acme, "dam.md", DAM, dataset=papers)
    datasets.forget(by=acme.alice, dataset=papers)
    with later():
        assert purge.purge() == 1
    assert queries.datasets(deleted=True) == ()
    assert DocumentVersion.objects.count() == 0


def test_documents_from_before_datasets_are_found_in_the_library(acme: Cast) -> None:
    from importlib import import_module

    from django.apps import apps

    for number, name in enumerate(("a.md", "a.md", "b.md")):
        Document.objects.create(id=f"doc_{number}", name=name, created_at=clock.now() + timedelta(seconds=number))
    import_module("apps.library.migrations.0003_old_documents_into_the_library").gather(apps, None)
    assert sorted(Document.objects.values_list("dataset", "name")) == [
        (DEFAULT, "a (2).md"), (DEFAULT, "a.md"), (DEFAULT, "b.md"),
    ]  # fmt: skip
    assert Document.objects.get(pk="doc_1").name == "a.md", "the newest keeps its name"
