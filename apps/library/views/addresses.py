"""What the doors of the library share: who may what, what there is room for, where things are."""

from __future__ import annotations

from collections.abc import Iterable
from urllib.parse import urlencode

from django.http import HttpRequest
from django.urls import reverse
from django.utils.translation import gettext as _

from apps.accounts.permissions import demand
from apps.accounts.queries import Member
from apps.lib import lists
from apps.library import queries
from apps.library.actions import limits
from apps.library.actions.documents import Added, Rejected
from apps.library.extraction.sniff import SUFFIXES
from apps.library.views.pages import Outcome, Room

WORDS = {
    "pdf": "PDF", "html": "HTML", "markdown": "Markdown", "text": "text", "csv": "CSV", "docx": "DOCX",
    "xlsx": "XLSX",
}  # fmt: skip


def room() -> Room:
    """Say what may be added to this workspace, and how much of its room is used."""
    allowed, held = limits.current(), queries.held()
    words = WORDS | {"text": _("text")}
    return Room(
        kinds=lists.join(words[kind] for kind in allowed.kinds),
        accept=",".join(suffix for suffix, kind in SUFFIXES.items() if kind in allowed.kinds),
        file_bytes=allowed.file_bytes, documents=held.documents, documents_limit=allowed.documents, bytes=held.bytes,
        bytes_limit=allowed.total_bytes,
    )  # fmt: skip


def demand_change(member: Member, created_by: int | None) -> None:
    """Demand the right to change what somebody made: one's own, or a colleague's. Raises Forbidden."""
    demand(member, "research" if created_by == member.person else "oversee")


def may_change(member: Member, created_by: int | None) -> bool:
    """Say whether `demand_change` would let this member pass."""
    return member.may("research" if created_by == member.person else "oversee")


def outcomes(added: Iterable[Added], rejected: Iterable[Rejected]) -> tuple[Outcome, ...]:
    """Say what became of each file: the refused first, for they want something done."""
    refused = [Outcome("refused", row.name, reason=row.reason) for row in rejected]
    taken = [
        Outcome(
            "known" if row.known else "version" if row.number > 1 else "added",
            row.name,
            url=reverse("library:document", args=[row.dataset, row.document]),
            number=row.number,
            warnings=() if row.known else row.warnings,
        )
        for row in added
    ]
    return (*refused, *taken)


def page_number(request: HttpRequest) -> int:
    """Return the page that is asked for, from 1; nonsense asks for the first."""
    number = request.GET.get("page", "1")
    return int(number) if number.isascii() and number.isdigit() and 0 < len(number) < 6 and int(number) else 1


def with_query(url: str, **words: object) -> str:
    """Put words behind an address, those that say something."""
    query = urlencode({name: word for name, word in words.items() if word})
    return f"{url}?{query}" if query else url
