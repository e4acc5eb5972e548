"""/billing/usage: what was used in a period, by run, person, model, tool and version of the agent; and as a table."""

from __future__ import annotations

import csv
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from django.http import HttpResponse
from django.urls import reverse
from django.utils.formats import date_format, number_format
from django.utils.http import urlencode
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from apps.accounts import queries as accounts
from apps.accounts.permissions import require
from apps.accounts.queries import Member
from apps.accounts.requests import MemberRequest
from apps.accounts.views import layout
from apps.billing import queries, usage
from apps.billing.forms import BY, PERIODS, UsageForm
from apps.billing.queries import runs_seen
from apps.billing.usage import Group, Period, Use
from apps.billing.views.tokens import Note, block, dollars
from apps.lib import drawing

A_PAGE = 50


@dataclass(frozen=True, slots=True)
class Tab:
    """A link among others, of which one is current."""

    label: str
    url: str
    current: bool
    count: int | None = None


@dataclass(frozen=True, slots=True)
class Line:
    """A group in words. url: of a run that this member may see. known: whether `name` says what it is."""

    name: str
    url: str
    known: bool
    use: Use
    dollars: str


@dataclass(frozen=True, slots=True)
class Day:
    """A day, the credits of its calls, and where its bar stands, in per cent."""

    day: date
    credits: int
    x: str
    y: str
    width: str
    height: str


def link(*, member: Member) -> layout.SettingsPage | None:
    """Whoever sees to the money sees what it was used for."""
    return layout.SettingsPage("billing:usage", _("Usage"), _("Money")) if member.may("billing") else None


@require("billing")
@require_safe
def show(request: MemberRequest) -> HttpResponse:
    """Show what was used, the most credits first, 50 groups a page."""
    form = _form(request)
    by, period = form.asked()
    rows = _groups(request, by, period)
    number = _number(request.GET.get("page", ""), -(-len(rows) // A_PAGE))
    total, first = usage.total(rows), (number - 1) * A_PAGE
    days, tokens = _days(usage.daily(period)), block(request.member.schema, number=5)
    return layout.show(request, "billing/usage.html", {
        "form": form, "by": by, "by_label": BY[by], "period": period, "total": total,
        "total_dollars": dollars([total.micro_dollars])[0], "lines": _lines(by, rows[first : first + A_PAGE]),
        "count": len(rows), "page": number, "tabs": _tabs(form, by), "periods": _periods(form, by),
        "days": days, "top": max(days, key=lambda day: day.credits), "tokens": tokens,
        "notes": [*_notes(request, period), *([tokens.note] if tokens else [])],
        "csv_url": _url("billing:usage_csv", form, by),
        "newer_url": _url("billing:usage", form, by, page=number - 1) if number > 1 else "",
        "older_url": _url("billing:usage", form, by, page=number + 1) if len(rows) > first + A_PAGE else "",
    }, 200 if form.is_valid() else 422)  # fmt: skip


@require("billing")
@require_safe
def export(request: MemberRequest) -> HttpResponse:
    """The same rows, all of them, as CSV; money is in micro-dollars."""
    form = _form(request)
    if not form.is_valid():
        return show(request)
    by, period = form.asked()
    rows = _groups(request, by, period)
    name = f"usage-{by}-{period.since:%Y-%m-%d}-{period.last:%Y-%m-%d}.csv"
    response = HttpResponse(
        content_type="text/csv; charset=utf-8",
        headers={"Content-Disposition": f'attachment; filename="{name}"', "Cache-Control": "no-store"},
    )
    lines = csv.writer(response)
    lines.writerow([by, "calls", "tokens_in", "tokens_out", "calls_billed", "credits", "micro_dollars"])
    for row, line in zip(rows, _lines(by, rows), strict=True):
        units = row.use.units
        lines.writerow([
            _cell(line.name), row.use.calls, units.tokens_in, units.tokens_out, units.calls, row.use.credits,
            row.use.micro_dollars,
        ])  # fmt: skip
    return response


def _form(request: MemberRequest) -> UsageForm:
    return UsageForm({name: request.GET.get(name, "") for name in UsageForm.base_fields})


def _number(text: str, most: int) -> int:
    """Return the page that is asked for, or the nearest one there is."""
    number = int(text) if text.isascii() and text.isdecimal() and len(text) < 10 else 1
    return max(1, min(number, most))


def _groups(request: MemberRequest, by: str, period: Period) -> list[Group]:
    return usage.groups(by, period, seen=runs_seen(member=request.member))


def _url(view: str, form: UsageForm, by: str, **words: str | int) -> str:
    """Write an address with the period that is chosen; what is wrong in the form is not carried on."""
    chosen = {name: form.data[name] for name in ("period", "month") if form.data[name] and name not in form.errors}
    given = {"by": by, **chosen, **words}
    return f"{reverse(view)}?{urlencode({name: value for name, value in given.items() if value})}"


def _tabs(form: UsageForm, by: str) -> list[Tab]:
    return [Tab(str(label), _url("billing:usage", form, each), each == by) for each, label in BY.items()]


def _periods(form: UsageForm, by: str) -> list[Tab]:
    chosen = None if form.data["month"] else form.data["period"]
    return [
        Tab(str(label), _url("billing:usage", form, by, month="", period=each), each == chosen)
        for each, label in PERIODS.items()
    ]


def _lines(by: str, rows: Sequence[Group]) -> list[Line]:
    names = accounts.names({int(row.of) for row in rows if row.of}) if by == "person" else {}
    prices = dollars([row.use.micro_dollars for row in rows])
    return [_line(by, row, names, price) for row, price in zip(rows, prices, strict=True)]


def _line(by: str, row: Group, names: dict[int, str], price: str) -> Line:
    if row.of is None:
        return Line(_("Runs you may not see"), "", False, row.use, price)
    if by == "person":
        name = names.get(int(row.of), "")
        return Line(name or _("Somebody who has left"), "", bool(name), row.use, price)
    if not row.of:
        return Line(_("Without a model") if by == "model" else _("Not said"), "", False, row.use, price)
    return Line(row.of, f"/research/{row.of}" if by == "run" else "", True, row.use, price)


def _days(found: Sequence[tuple[date, int]]) -> list[Day]:
    """Place a bar for each day; the tallest is as high as the drawing."""
    top, whole = max((credits for _day, credits in found), default=0), len(found)
    return [
        Day(
            day, credits, drawing.share(n + 0.15, whole), drawing.share(top - credits, top),
            drawing.share(0.7, whole), drawing.share(credits, top),
        )
        for n, (day, credits) in enumerate(found)
    ]  # fmt: skip


def _notes(request: MemberRequest, period: Period) -> list[Note]:
    charged = queries.spent_since(request.member.schema, period.since, period.until)
    days = {"since": date_format(period.since, "j F Y"), "last": date_format(period.last, "j F Y")}
    return [
        Note(1, _("Answered calls"), _("Each call that the gate let through and that was answered, from %(since)s to "
             "%(last)s, by the day in UTC on which it began. Calls that were refused or lost cost nothing and are not "
             "counted.") % days),
        Note(2, _("Billable units"), _("A model is billed by the tokens it reads and writes, every other tool by the "
             "call. A model that makes vectors is billed by what it reads.")),
        Note(3, _("Credits"), _("What these calls cost by the prices of their tools. The ledger charged %(charged)s "
             "credits in the same time, refunds taken off: a run is charged when it stops, never more than it held, "
             "and nothing when it failed before its first finding.")
             % {"charged": number_format(charged, force_grouping=True)}, reverse("billing:ledger"), _("The ledger")),
        Note(4, _("Provider cost"), _("What providers ask for these calls, as the gate priced each one, in whole "
             "millionths of a US dollar. It is contained in the credits and billed to nobody once more.")),
    ]  # fmt: skip


def _cell(text: str) -> str:
    """Return a text that no spreadsheet takes for a formula."""
    return f"'{text}" if text[:1] in "=+-@\t\r\n" else text
