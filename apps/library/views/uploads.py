"""Files come in: all at once by a form, or one by one with their progress shown."""

from __future__ import annotations

from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_http_methods, require_POST

from apps.accounts.permissions import demand, require
from apps.accounts.requests import MemberRequest
from apps.library import queries, rules
from apps.library.actions import documents as actions
from apps.library.actions import limits
from apps.library.actions.documents import Rejected, Upload
from apps.library.forms import DatasetForm, UploadForm
from apps.library.models import DEFAULT
from apps.library.views import addresses, datasets, documents
from apps.library.views.pages import Outcome


@require_http_methods(["GET", "HEAD", "POST"])
@require("read")
def upload(request: MemberRequest) -> HttpResponse:
    """Take the files of a form and show the dataset, or the document, with what became of each."""
    if request.method != "POST":
        return redirect("library:datasets")
    demand(request.member, "research")
    form = UploadForm(request.POST, request.FILES)
    taken = _take(request, form)
    status = 422 if any(each.state == "refused" for each in taken) else 200
    document = form.cleaned_data.get("document", "")
    if document:
        return documents.answer(request, queries.document(document), outcomes=taken, status=status)
    row = queries.dataset(form.cleaned_data.get("dataset") or DEFAULT)
    again = DatasetForm(initial={"name": row.name, "description": row.description})
    return datasets.answer(request, row, again, outcomes=taken, status=status)


@require_POST
@require("research")
def upload_outcome(request: MemberRequest) -> HttpResponse:
    """Take one file and say what became of it, as a line for the list of the page that sent it."""
    taken = _take(request, UploadForm(request.POST, request.FILES))
    status = 422 if taken[0].state == "refused" else 200
    response = render(request, "components/outcome.html", {"outcome": taken[0]}, status=status)
    response["Cache-Control"] = "no-store"
    return response


def _take(request: MemberRequest, form: UploadForm) -> tuple[Outcome, ...]:
    """Add what was sent; a file above the limit is refused before it is read into memory. Never empty."""
    if not form.is_valid():
        reasons = [str(reason) for field in ("files", "dataset", "document") for reason in form.errors.get(field, [])]
        return (Outcome("refused", "", reason=" ".join(reasons)),)
    given, most = form.cleaned_data, limits.current().file_bytes
    refusal = actions.too_large(most)
    rejected = [
        Rejected(rules.file_name(file.name).name, refusal.code, refusal.sentence)
        for file in given["files"]
        if file.size > most
    ]
    uploads = (Upload(file.name, file.read()) for file in given["files"] if file.size <= most)
    added, others = actions.add(
        by=request.member.person, uploads=uploads, dataset=given["dataset"], document=given["document"]
    )  # fmt: skip
    return addresses.outcomes(added, [*rejected, *others])
