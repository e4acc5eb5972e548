"""One document: facts, versions, text, the original; delete and restore."""

from __future__ import annotations

from collections.abc import Sequence

from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.http import content_disposition_header
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from apps.accounts import queries as accounts
from apps.accounts.permissions import require
from apps.accounts.requests import MemberRequest
from apps.lib.errors import NotFound
from apps.library import queries, rules
from apps.library.actions import documents as actions
from apps.library.models import REPORTS
from apps.library.queries import DocumentFile, VersionRow
from apps.library.views import addresses
from apps.library.views.pages import DocumentPage, Outcome, Preview, VersionLine


@require_safe
@require("read")
def document(request: MemberRequest, dataset: str, document: str) -> HttpResponse:
    """A document, in its newest version or the one that is asked for."""
    return answer(request, _there(dataset, document))


def answer(
    request: MemberRequest, found: DocumentFile, *, outcomes: tuple[Outcome, ...] = (), status: int = 200
) -> HttpResponse:  # fmt: skip
    """Render the page of a document."""
    page = _page(request, found, outcomes)
    return render(request, "library/document.html", {"page": page}, status=status)


def _there(dataset: str, document: str) -> DocumentFile:
    """Return a document of a dataset that is there. Raises NotFound."""
    queries.dataset(dataset)
    found = queries.document(document)
    if found.dataset != dataset or found.forgotten_at or not found.versions:
        raise NotFound(_("There is no such document."))
    return found


def _asked(request: MemberRequest, versions: Sequence[VersionRow]) -> VersionRow:
    number = request.GET.get("version", "")
    if not number:
        return versions[0]
    found = next((row for row in versions if str(row.number) == number), None)
    if found is None:
        raise NotFound(_("There is no such version."))
    return found


def _page(request: MemberRequest, found: DocumentFile, outcomes: tuple[Outcome, ...]) -> DocumentPage:
    shown = _asked(request, found.versions)
    lines = _version_lines(found, shown)
    member = request.member
    return DocumentPage(
        public_id=found.id, dataset=found.dataset, dataset_name=queries.dataset(found.dataset).name,
        filename=found.name, title=shown.title, kind=addresses.WORDS.get(shown.kind, shown.kind),
        published=shown.published_date.isoformat() if shown.published_date else "",
        version=next(line for line in lines if line.current), versions=lines, warnings=shown.warnings,
        preview=_preview(request, found, shown), room=addresses.room(),
        may_add=member.may("research") and found.dataset != REPORTS,
        may_delete=addresses.may_change(member, found.created_by), outcomes=outcomes,
    )  # fmt: skip


def _version_lines(found: DocumentFile, shown: VersionRow) -> tuple[VersionLine, ...]:
    people = accounts.names(row.created_by for row in found.versions if row.created_by)
    url = reverse("library:document", args=[found.dataset, found.id])
    original = reverse("library:original", args=[found.dataset, found.id])
    return tuple(
        VersionLine(
            row.number, addresses.with_query(url, version=row.number),
            addresses.with_query(original, version=row.number), row.bytes, row.words, row.sha256, row.created_at,
            people.get(row.created_by or found.created_by or 0, ""), current=row.id == shown.id,
        )
        for row in found.versions
    )  # fmt: skip


def _preview(request: MemberRequest, found: DocumentFile, shown: VersionRow) -> Preview:
    try:
        text = queries.stored_text(shown.text_sha256)
    except NotFound:
        return Preview("", lost=True)
    pages = rules.cut_pages(text)
    number = min(addresses.page_number(request), max(1, len(pages)))
    page = pages[number - 1] if pages else rules.Passage(0, 0)
    url, version = reverse("library:document", args=[found.dataset, found.id]), request.GET.get("version", "")
    turned = [addresses.with_query(url, version=version, page=each) + "#text" for each in (number - 1, number + 1)]
    return Preview(
        text[page.start : page.end].strip("\n"), number, len(pages), newer_url=turned[0] if number > 1 else "",
        older_url=turned[1] if number < len(pages) else "",
    )  # fmt: skip


@require_safe
@require("read")
def original(request: MemberRequest, dataset: str, document: str) -> HttpResponse:
    """The bytes as they came, to be saved: no browser shows or runs them on our address."""
    found = _there(dataset, document)
    body = queries.stored_body(_asked(request, found.versions).sha256)
    return HttpResponse(
        body,
        content_type="application/octet-stream",
        headers={
            "Content-Disposition": content_disposition_header(True, found.name),
            "Content-Security-Policy": "default-src 'none'; sandbox",
            "X-Content-Type-Options": "nosniff",
            "Cache-Control": "private, no-store",
        },
    )


@require_POST
@require("research")
def delete_document(request: MemberRequest, dataset: str, document: str) -> HttpResponse:
    """Delete it, and offer the way back."""
    found = _there(dataset, document)
    addresses.demand_change(request.member, found.created_by)
    actions.forget(by=request.member.person, document=document)
    return redirect(addresses.with_query(reverse("library:dataset", args=[dataset]), deleted=document))


@require_POST
@require("research")
def restore_document(request: MemberRequest, dataset: str, document: str) -> HttpResponse:
    """Take the deletion back."""
    found = queries.document(document)
    if found.dataset != dataset:
        raise NotFound(_("There is no such document."))
    addresses.demand_change(request.member, found.created_by)
    actions.restore(by=request.member.person, document=document)
    return redirect("library:document", dataset, document)
