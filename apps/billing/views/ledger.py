"""/billing/ledger: every credit that moved."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from django.http import HttpResponse
from django.urls import reverse
from django.utils.http import urlencode
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, pgettext_lazy
from django.views.decorators.http import require_safe

from apps.accounts import queries as accounts
from apps.accounts.permissions import require
from apps.accounts.queries import Member
from apps.accounts.requests import MemberRequest
from apps.accounts.views import layout
from apps.billing import queries
from apps.billing.queries import Movement, runs_seen

A_PAGE = 50
SOURCES = {
    "plan": pgettext_lazy("subscription", "Plan"), "welcome": gettext_lazy("Starting credits"),
    "goodwill": gettext_lazy("Goodwill"), "refund": gettext_lazy("Refund"), "topup": gettext_lazy("Top-up"),
}  # fmt: skip
KINDS = {
    "grant": pgettext_lazy("credits", "Granted"), "hold": pgettext_lazy("credits", "Held"),
    "release": pgettext_lazy("credits", "Released"), "charge": pgettext_lazy("credits", "Charged"),
    "refund": pgettext_lazy("credits", "Refunded"), "expire": pgettext_lazy("credits", "Expired"),
    "adjust": pgettext_lazy("credits", "Corrected"),
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Line:
    """A movement in words. run_url: empty where this member may not see the run."""

    kind: str
    word: str
    change: int
    after: int
    credits: int
    source: str
    run: str
    run_url: str
    step: str
    note: str
    by: str
    at: datetime


def ledger_link(*, member: Member) -> layout.SettingsPage | None:
    """Whoever sees to the money sees where each credit went."""
    return layout.SettingsPage("billing:ledger", _("Ledger"), _("Money")) if member.may("billing") else None


@require("billing")
@require_safe
def ledger(request: MemberRequest) -> HttpResponse:
    """Show every movement, newest first; `run` shows those of one run, `before` the older ones."""
    run, before = request.GET.get("run", "")[:40].replace("\0", ""), _number(request.GET.get("before", ""))
    rows = queries.movements(request.member.schema, run=run, before=before, limit=A_PAGE + 1)
    return layout.show(request, "billing/ledger.html", {
        "lines": lines(request, rows[:A_PAGE]), "run": run, "older": before > 0,
        "newer_url": _url(run=run) if before else "",
        "older_url": _url(run=run, before=rows[A_PAGE - 1].id) if len(rows) > A_PAGE else "",
    })  # fmt: skip


def lines(request: MemberRequest, rows: list[Movement]) -> list[Line]:
    """Put movements in words, with links to the runs that this member may see."""
    seen = runs_seen(member=request.member)
    names = accounts.names({row.by for row in rows if row.by})
    return [
        Line(
            row.kind, str(KINDS[row.kind]), row.change, row.after, row.credits, str(SOURCES[row.source]), row.run,
            f"/research/{row.run}" if row.run in seen else "", row.step if row.run in seen else "", row.note,
            names.get(row.by or 0, ""), row.at,
        )
        for row in rows
    ]  # fmt: skip


def _number(text: str) -> int:
    """Return a positive number, or 0 for what is none."""
    return int(text) if text.isascii() and text.isdecimal() and len(text) < 19 else 0


def _url(**words: str | int) -> str:
    given = {name: value for name, value in words.items() if value}
    return reverse("billing:ledger") + (f"?{urlencode(given)}" if given else "")
