"""The documents of a workspace."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from django.http import HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_http_methods

from apps.accounts import queries as accounts
from apps.accounts.permissions import demand, require
from apps.accounts.requests import MemberRequest
from apps.library import queries
from apps.library.actions import documents as actions
from apps.library.actions.documents import Rejected, Upload
from apps.library.forms import UploadForm


@dataclass(frozen=True, slots=True)
class DocumentLine:
    public_id: str
    title: str
    filename: str
    kind: str
    bytes: int
    added_at: datetime
    by: str
    sha256: str
    pages: int | None
    words: int


@dataclass(frozen=True, slots=True)
class RejectedFile:
    filename: str
    reason: str


@dataclass(frozen=True, slots=True)
class DocumentsPage:
    rows: tuple[DocumentLine, ...]
    rejected: tuple[RejectedFile, ...]
    added: int
    total_bytes: int
    may_add: bool
    older_url: str = ""
    newer_url: str = ""


@require_http_methods(["GET", "HEAD", "POST"])
@require("read")
def documents(request: MemberRequest) -> HttpResponse:
    """List the documents; add some."""
    form, added, status = UploadForm(), 0, 200
    rejected: list[Rejected] = []
    if request.method == "POST":
        demand(request.member, "research")
        form = UploadForm(request.POST, request.FILES)
        status = 422
        if form.is_valid():
            uploads = [Upload(file.name, file.read()) for file in form.cleaned_data["files"]]
            taken, rejected = actions.add(by=request.member.person, uploads=uploads)
            form, added = UploadForm(), len(taken)
            status = 422 if rejected else 200
    page = _page(rejected, added, may_add=request.member.may("research"))
    return render(request, "library/documents.html", {"page": page, "form": form}, status=status)


def _page(rejected: list[Rejected], added: int, *, may_add: bool) -> DocumentsPage:
    found = queries.documents()
    people = accounts.names(row.created_by for row in found if row.created_by)
    rows = tuple(
        DocumentLine(
            public_id=row.document, title=row.title, filename=row.name, kind=row.kind, bytes=row.bytes,
            added_at=row.created_at, by=people.get(row.created_by or 0, ""), sha256=row.sha256, pages=None,
            words=row.words,
        )
        for row in found
    )  # fmt: skip
    return DocumentsPage(
        rows=rows, rejected=tuple(RejectedFile(r.name, r.reason) for r in rejected), added=added,
        total_bytes=sum(row.bytes for row in rows), may_add=may_add,
    )  # fmt: skip
