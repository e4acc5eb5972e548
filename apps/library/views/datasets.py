"""The datasets of a workspace, and one of them."""

from __future__ import annotations

from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from apps.accounts import queries as accounts
from apps.accounts.permissions import demand, require
from apps.accounts.requests import MemberRequest
from apps.lib import htmx
from apps.lib.errors import ProductError
from apps.library import queries
from apps.library.actions import datasets as actions
from apps.library.forms import DatasetForm
from apps.library.models import DEFAULT, REPORTS
from apps.library.queries import DatasetRow
from apps.library.views import addresses
from apps.library.views.pages import (
    DatasetLine,
    DatasetPage,
    DatasetsPage,
    Deleted,
    DocumentLine,
    DocumentList,
    Outcome,
)  # fmt: skip

ROWS = 50


@require_http_methods(["GET", "HEAD", "POST"])
@require("read")
def datasets(request: MemberRequest) -> HttpResponse:
    """List the datasets; make one."""
    form, status = DatasetForm(), 200
    if request.method == "POST":
        demand(request.member, "research")
        form, status = DatasetForm(request.POST), 422
        if form.is_valid():
            try:
                made = actions.create(by=request.member.person, **form.cleaned_data)
                return redirect("library:dataset", made)
            except ProductError as error:
                form.add_error("name", error.sentence)
    return render(request, "library/datasets.html", {"page": _datasets_page(request), "form": form}, status=status)


def _datasets_page(request: MemberRequest) -> DatasetsPage:
    if request.member.may("research"):
        actions.make_default()  # the upload box needs a place to put files
    found = queries.datasets()
    people = accounts.names(row.created_by for row in found if row.created_by)
    deleted = {row.id: _deleted(request, row) for row in queries.datasets(deleted=True)}
    return DatasetsPage(
        rows=tuple(
            DatasetLine(
                row.id, row.name, row.description, row.documents, row.bytes, row.newest_at,
                people.get(row.created_by or 0, ""),
            )
            for row in found
        ),
        room=addresses.room(), may_add=request.member.may("research"),
        deleted=tuple(deleted.values()), gone=deleted.get(request.GET.get("deleted", "")),
    )  # fmt: skip


def _deleted(request: MemberRequest, row: DatasetRow) -> Deleted:
    url = reverse("library:restore_dataset", args=[row.id])
    may = addresses.may_change(request.member, row.created_by) and actions.may_return(row.forgotten_at)
    return Deleted(row.name, row.forgotten_at or row.created_at, url, may)


@require_safe
@require("read")
def dataset(request: MemberRequest, dataset: str) -> HttpResponse:
    """The documents of a dataset, and what can be done with it."""
    row = queries.dataset(dataset)
    form = DatasetForm(initial={"name": row.name, "description": row.description})
    return answer(request, row, form)


def answer(
    request: MemberRequest, row: DatasetRow, form: DatasetForm, *, outcomes: tuple[Outcome, ...] = (), status: int = 200
) -> HttpResponse:  # fmt: skip
    """Render the page of a dataset."""
    page = _dataset_page(request, row, outcomes)
    return render(request, "library/dataset.html", {"page": page, "form": form}, status=status)


def _dataset_page(request: MemberRequest, row: DatasetRow, outcomes: tuple[Outcome, ...]) -> DatasetPage:
    member = request.member
    deleted = {
        d.id: Deleted(
            d.name, d.forgotten_at, reverse("library:restore_document", args=[row.id, d.id]),
            addresses.may_change(member, d.created_by) and actions.may_return(d.forgotten_at),
        )
        for d in queries.deleted_documents(row.id)
    }  # fmt: skip
    may_change = addresses.may_change(member, row.created_by)
    return DatasetPage(
        public_id=row.id, name=row.name, description=row.description,
        by=accounts.names([row.created_by]).get(row.created_by, "") if row.created_by else "",
        created_at=row.created_at, documents=row.documents, bytes=row.bytes,
        document_list=_document_list(request, row.id), room=addresses.room(),
        may_add=member.may("research") and row.id != REPORTS, is_reports=row.id == REPORTS,
        may_change=may_change, may_delete=may_change and row.id not in (DEFAULT, REPORTS), outcomes=outcomes,
        deleted=tuple(deleted.values()), gone=deleted.get(request.GET.get("deleted", "")),
    )  # fmt: skip


@require_safe
@require("read")
def document_list(request: MemberRequest, dataset: str) -> HttpResponse:
    """The documents of a dataset, for a page that has just added some."""
    queries.dataset(dataset)
    return htmx.fragment(
        request, "library/_document_list.html", {"document_list": _document_list(request, dataset)}
    )  # fmt: skip


def _document_list(request: MemberRequest, dataset: str) -> DocumentList:
    found = queries.documents(dataset=dataset)
    number = min(addresses.page_number(request), max(1, -(-len(found) // ROWS)))
    shown = found[(number - 1) * ROWS : number * ROWS]
    people = accounts.names(row.created_by for row in shown if row.created_by)
    rows = tuple(
        DocumentLine(
            public_id=row.document, title=row.title, filename=row.name, kind=addresses.WORDS.get(row.kind, row.kind),
            bytes=row.bytes, added_at=row.created_at, by=people.get(row.created_by or 0, ""), number=row.number,
            words=row.words, warnings=len(row.warnings),
        )
        for row in shown
    )  # fmt: skip
    url = reverse("library:dataset", args=[dataset])
    return DocumentList(
        dataset, rows, may_add=request.member.may("research") and dataset != REPORTS,
        is_reports=dataset == REPORTS,
        newer_url=addresses.with_query(url, page=number - 1) if number > 1 else "",
        older_url=addresses.with_query(url, page=number + 1) if number * ROWS < len(found) else "",
    )  # fmt: skip


@require_POST
@require("research")
def rename_dataset(request: MemberRequest, dataset: str) -> HttpResponse:
    """Change name and description."""
    row = queries.dataset(dataset)
    addresses.demand_change(request.member, row.created_by)
    form = DatasetForm(request.POST)
    if form.is_valid():
        try:
            actions.rename(by=request.member.person, dataset=dataset, **form.cleaned_data)
            return redirect("library:dataset", dataset)
        except ProductError as error:
            form.add_error("name", error.sentence)
    return answer(request, row, form, status=422)


@require_POST
@require("research")
def delete_dataset(request: MemberRequest, dataset: str) -> HttpResponse:
    """Delete it, and offer the way back."""
    addresses.demand_change(request.member, queries.dataset(dataset).created_by)
    actions.forget(by=request.member.person, dataset=dataset)
    return redirect(addresses.with_query(reverse("library:datasets"), deleted=dataset))


@require_POST
@require("research")
def restore_dataset(request: MemberRequest, dataset: str) -> HttpResponse:
    """Take the deletion back."""
    row = next((row for row in queries.datasets(deleted=True) if row.id == dataset), None)
    addresses.demand_change(request.member, row.created_by if row else None)
    actions.restore(by=request.member.person, dataset=dataset)
    return redirect("library:dataset", dataset)
