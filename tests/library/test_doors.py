"""The pages of the library: what they show, what they take, whom they refuse."""

from __future__ import annotations

import re
from collections.abc import Callable

import pytest
from django.contrib.auth import get_user_model
from django.core.files.uploadedfile import SimpleUploadedFile
from django.http import HttpResponse
from django.test import Client
from django.urls import reverse

from apps.accounts import tenancy
from apps.accounts.actions import workspaces
from apps.library import queries
from apps.library.actions import datasets, documents
from apps.library.actions.documents import Upload
from apps.library.models import DEFAULT
from apps.library.views.pages import Room
from tests.conftest import Cast
from tests.library.test_datasets import DAM, NEWS, allow

Visit = Callable[..., Client]


@pytest.fixture
def visit(cast: Cast) -> Visit:
    """A browser of somebody on acme's host; vera reads, paula pays."""
    people = {"alice": cast.alice, "bob": cast.bob, "charlie": cast.charlie}
    for name, role in (("vera", "viewer"), ("paula", "billing")):
        people[name] = workspaces.join(
            by=cast.alice, schema=cast.acme, email=f"{name}-library@example.test", role=role, name=name.title()
        )  # fmt: skip

    def browser(person: str = "bob", *, forged: bool = False) -> Client:
        client = Client(enforce_csrf_checks=forged, headers={"host": cast.acme_host, "accept-language": "en"})
        if person:
            with tenancy.as_platform("a test signs in"):
                client.force_login(get_user_model().objects.get(pk=people[person]))
        return client

    return browser


@pytest.fixture
def dam(cast: Cast) -> documents.Added:
    """A document of alice's with two versions."""
    with tenancy.in_workspace(cast.acme):
        documents.add(by=cast.alice, uploads=[Upload("dam.md", DAM)])
        added, _rejected = documents.add(by=cast.bob, uploads=[Upload("dam.md", NEWS)])
    return added[0]


def file(name: str, body: bytes = DAM) -> SimpleUploadedFile:
    return SimpleUploadedFile(name, body)


def send(client: Client, *files: SimpleUploadedFile, url: str = "/datasets/files", **more: str) -> HttpResponse:
    return client.post(url, {"dataset": DEFAULT, **more, "files": list(files)})


def text(response: HttpResponse) -> str:
    return " ".join(re.sub(r"<[^>]+>", " ", response.content.decode()).split())


def test_the_page_says_before_an_upload_what_may_be_added(
    visit: Visit, dam: documents.Added, monkeypatch: pytest.MonkeyPatch
) -> None:
    allow(monkeypatch, documents=500, kinds=("pdf", "csv"), file_bytes=3_000_000)
    for url in ("/datasets", f"/datasets/{DEFAULT}"):
        page = text(visit().get(url))
        assert "PDF, CSV; at most 3.0 MB each." in page
        assert "1 of 500 documents used." in page


def test_a_form_takes_many_files_and_says_of_each_what_became_of_it(visit: Visit) -> None:
    response = send(visit(), file("dam.md"), file("dam.md"), file("run.exe", b"MZ"), file("empty.txt", b""))
    assert response.status_code == 422
    states = re.findall(r'data-state="(\w+)"', response.content.decode().split("<template")[0])
    assert states == ["refused", "refused", "added", "known"]
    page = text(response)
    assert "runs as a program" in page and "The file is empty." in page and "nothing new" in page
    assert send(visit(), file("dam.md", NEWS)).status_code == 200


def test_one_file_is_answered_with_its_line_alone(visit: Visit) -> None:
    added = send(visit(), file("dam.md"), url="/datasets/files/outcome")
    refused = send(visit(), file("a.pdf", b"no pdf at all"), url="/datasets/files/outcome")
    assert (added.status_code, refused.status_code) == (200, 422)
    assert re.match(r'\s*<li class="outcome" data-state="added">', added.content.decode())
    assert "name it so" in text(refused)
    assert send(visit(), url="/datasets/files/outcome").status_code == 422


def test_a_file_goes_to_the_dataset_that_was_chosen(visit: Visit, cast: Cast) -> None:
    made = visit().post("/datasets", {"name": "Papers", "description": "of the harbour"})
    papers = made["Location"].rsplit("/", 1)[1]
    send(visit(), file("dam.md"), dataset=papers)
    with tenancy.in_workspace(cast.acme):
        assert [row.name for row in queries.documents(dataset=papers)] == ["dam.md"]
        assert queries.documents(dataset=DEFAULT) == []
    assert "of the harbour" in text(visit().get(f"/datasets/{papers}"))


@pytest.mark.parametrize("dataset", ["ds_nowhere", "../x", "", "a" * 60])
def test_a_dataset_that_is_not_there_takes_nothing(visit: Visit, dataset: str) -> None:
    response = send(visit(), file("dam.md"), url="/datasets/files/outcome", dataset=dataset)
    assert response.status_code == 422
    assert send(visit(), file("dam.md"), dataset=dataset).status_code in {404, 422}


def test_a_file_above_the_limit_is_refused_without_being_read(
    visit: Visit, cast: Cast, monkeypatch: pytest.MonkeyPatch
) -> None:  # fmt: skip
    allow(monkeypatch, file_bytes=1_000)
    response = send(visit(), file("big.txt", b"word " * 400), file("small.txt", b"A few words."))
    assert "larger than 0.001 MB" in text(response)
    with tenancy.in_workspace(cast.acme):
        assert [row.name for row in queries.documents()] == ["small.txt"]


def test_a_document_shows_its_text_its_versions_and_who_added_them(visit: Visit, dam: documents.Added) -> None:
    page = text(visit().get(f"/datasets/{DEFAULT}/{dam.document}"))
    assert "holds 13.1 million" in page and "Alice" in page and "Bob" in page
    old = text(visit().get(f"/datasets/{DEFAULT}/{dam.document}?version=1"))
    assert "opened on 4 May 1974" in old
    assert visit().get(f"/datasets/{DEFAULT}/{dam.document}?version=3").status_code == 404


def test_a_long_text_is_read_in_parts(visit: Visit) -> None:
    body = "".join(f"Paragraph number {n} tells of the gate.\n\n" for n in range(900)).encode()
    url = re.search(r'href="(/datasets/\w+/doc_\w+)"', send(visit(), file("long.md", body)).content.decode())
    assert url is not None
    first, last = text(visit().get(url[1])), text(visit().get(f"{url[1]}?page=999"))
    assert "Part 1 of" in first and "number 0 tells" in first and "number 899" not in first
    assert "number 899 tells" in last and "Read on" not in last


def test_the_original_is_saved_and_never_shown(visit: Visit, cast: Cast) -> None:
    body = b"<html><body><p>Words and a script.</p><script>alert(1)</script></body></html>"
    name = 'r\u00e9sum\u00e9 "x"; filename=evil.html'
    with tenancy.in_workspace(cast.acme):
        added = documents.add(by=cast.bob, uploads=[Upload(name, body)])[0][0]
    response = visit().get(f"/datasets/{DEFAULT}/{added.document}/original")
    assert response.content == body
    assert response["Content-Type"] == "application/octet-stream"
    assert response["X-Content-Type-Options"] == "nosniff"
    assert response["Content-Security-Policy"] == "default-src 'none'; sandbox"
    assert response["Content-Disposition"].startswith("attachment; filename*=utf-8''r%C3%A9sum%C3%A9%20%22x%22%3B")


def test_a_name_and_a_text_are_shown_as_they_are_and_run_nowhere(visit: Visit) -> None:
    evil = "<img src=x onerror=alert(1)>.txt"
    page = send(visit(), file(evil, b"<script>alert(1)</script> and {{ 7 }} words")).content.decode()
    assert "<img src=x" not in page
    assert "&lt;img src=x" in page


def test_a_deleted_document_offers_undo_and_undo_brings_it_back(visit: Visit, dam: documents.Added) -> None:
    url = f"/datasets/{DEFAULT}/{dam.document}"
    answer = visit("alice").post(f"{url}/delete", follow=True)
    assert "is deleted" in text(answer) and f'action="{url}/restore"' in answer.content.decode()
    assert visit().get(url).status_code == visit().get(f"{url}/original").status_code == 404
    back = visit("alice").post(f"{url}/restore", follow=True)
    assert back.redirect_chain[-1][0] == url and back.status_code == 200


def test_a_deleted_dataset_offers_undo_and_undo_brings_it_back(visit: Visit) -> None:
    url = visit().post("/datasets", {"name": "Papers", "description": ""})["Location"]
    answer = visit().post(f"{url}/delete", follow=True)
    assert f'action="{url}/restore"' in answer.content.decode()
    assert visit().get(url).status_code == 404
    assert visit().post(f"{url}/restore", follow=True).status_code == 200


def test_a_dataset_is_renamed_and_a_taken_name_is_refused_in_place(visit: Visit) -> None:
    url = visit().post("/datasets", {"name": "Papers", "description": ""})["Location"]
    assert visit().post(f"{url}/rename", {"name": "Letters", "description": "old"}).status_code == 302
    refused = visit().post(f"{url}/rename", {"name": "Library", "description": ""})
    assert refused.status_code == 422 and "There is a dataset called" in text(refused)
    again = visit().post("/datasets", {"name": "letters", "description": ""})
    assert again.status_code == 422


def test_a_researcher_deletes_what_is_theirs_and_an_admin_what_is_anybodys(visit: Visit, dam: documents.Added) -> None:
    url = f"/datasets/{DEFAULT}/{dam.document}"
    assert "Delete this document" not in text(visit("bob").get(url))
    assert visit("bob").post(f"{url}/delete").status_code == 403
    assert visit("bob").post(f"/datasets/{DEFAULT}/rename", {"name": "Mine"}).status_code == 403
    assert visit("alice").post(f"{url}/delete").status_code == 302
    assert visit("bob").post(f"{url}/restore").status_code == 403


def pages(dam: documents.Added) -> list[str]:
    url = f"/datasets/{DEFAULT}/{dam.document}"
    return ["/datasets", f"/datasets/{DEFAULT}", f"/datasets/{DEFAULT}/list", url, f"{url}/original"]


def changes(dam: documents.Added) -> list[str]:
    url = f"/datasets/{DEFAULT}"
    own = [f"{url}/{act}" for act in ("rename", "delete", "restore")]
    return [
        "/datasets", "/datasets/files", "/datasets/files/outcome", *own, f"{url}/{dam.document}/delete",
        f"{url}/{dam.document}/restore",
    ]  # fmt: skip


def test_a_stranger_finds_nothing_and_nobody_is_sent_to_sign_in(visit: Visit, dam: documents.Added) -> None:
    for url in pages(dam):
        assert visit("charlie").get(url).status_code == 404, url
        assert visit("").get(url).status_code == 302, url
        assert visit("paula").get(url).status_code == 403, url
    for url in changes(dam):
        assert visit("charlie").post(url, {}).status_code == 404, url


def test_a_viewer_reads_everything_and_changes_nothing(visit: Visit, dam: documents.Added) -> None:
    for url in pages(dam):
        assert visit("vera").get(url).status_code == 200, url
        assert 'type="file"' not in visit("vera").get(url).content.decode()
    for url in changes(dam):
        assert visit("vera").post(url, {"name": "x", "dataset": DEFAULT}).status_code == 403, url


def test_a_forged_form_changes_nothing(visit: Visit, dam: documents.Added) -> None:
    for url in changes(dam):
        assert visit("alice", forged=True).post(url, {"name": "x"}).status_code == 403, url


def test_a_document_is_found_in_its_own_dataset_only(visit: Visit, dam: documents.Added, cast: Cast) -> None:
    with tenancy.in_workspace(cast.acme):
        papers = datasets.create(by=cast.bob, name="Papers")
    for act in ("", "/original"):
        assert visit().get(f"/datasets/{papers}/{dam.document}{act}").status_code == 404
    for act in ("/delete", "/restore"):
        assert visit("alice").post(f"/datasets/{papers}/{dam.document}{act}").status_code == 404


def test_the_old_address_leads_to_the_new_one(visit: Visit) -> None:
    assert visit().get("/documents")["Location"] == "/datasets"
    assert visit().get("/datasets/files")["Location"] == "/datasets"


def test_many_documents_are_listed_in_pages(visit: Visit, cast: Cast) -> None:
    with tenancy.in_workspace(cast.acme):
        documents.add(by=cast.bob, uploads=[Upload(f"{n:03}.txt", b"Words %d." % n) for n in range(60)])
        first, second = (text(visit().get(f"/datasets/{DEFAULT}?page={n}")) for n in (1, 2))
    assert "049.txt" in first and "050.txt" not in first
    assert "059.txt" in second and reverse("library:dataset", args=[DEFAULT]) == f"/datasets/{DEFAULT}"


def test_a_meter_warns_from_three_quarters_on() -> None:
    rooms = [Room("", "", 1, used, 100, 0, 10) for used in (74, 75, 100)]
    assert [(room.tone, room.is_full) for room in rooms] == [("", False), ("warn", False), ("bad", True)]
