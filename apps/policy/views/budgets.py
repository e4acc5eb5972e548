"""/billing/budgets: what the month has used, its marks, and who may use how much."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect
from django.utils.formats import number_format
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from apps.accounts import queries as accounts
from apps.accounts.permissions import demand, require
from apps.accounts.queries import Member
from apps.accounts.requests import MemberRequest
from apps.accounts.views import layout
from apps.billing.queries import runs_seen
from apps.lib.errors import NotFound, ProductError
from apps.policy import rules
from apps.policy.budgets import limits, overview
from apps.policy.budgets.overview import Taken
from apps.policy.budgets.standing import Limit
from apps.policy.forms import BudgetForm, ExceptionForm, ReasonForm


@dataclass(frozen=True, slots=True)
class Gauge:
    """A meter of the month: figures to draw, and in words. tone: warn or bad from the marks on."""

    label: str
    figure: str
    used: int
    held: int
    limit: int
    text: str
    tone: str


@dataclass(frozen=True, slots=True)
class Use:
    """A line of the tables: a person or a run."""

    name: str
    run: str
    tokens: str
    dollars: str
    aside: str


@dataclass(frozen=True, slots=True)
class LimitLine:
    """A limit, and the forms that change it."""

    kind: str
    subject: str
    name: str
    tokens: str
    dollars: str
    extra: str
    reason: str
    by: str
    at: datetime
    more: ExceptionForm
    gone: ReasonForm
    open: bool


def link(*, member: Member) -> layout.SettingsPage | None:
    """Whoever may change a budget sees them."""
    return layout.SettingsPage("policy:budgets", _("Budgets"), _("Control")) if _may(member) else None


def _may(member: Member) -> bool:
    return member.may("billing") or member.may("settings")


@require_safe
@require("belong")
def budgets(request: MemberRequest) -> HttpResponse:
    """Show the month, and every limit."""
    _demand(request)
    return _page(request)


@require_POST
@require("belong")
def set_budget(request: MemberRequest) -> HttpResponse:
    """Set or change a limit."""
    _demand(request)
    form = BudgetForm(request.POST, people=_people(request))
    if not form.is_valid():
        return _page(request, form=form, status=422)
    kind, subject = form.cleaned_data["whom"]
    done = _("The budget is set. It binds the next call.")
    return _try(request, done, form, {"form": form}, lambda: limits.set_limit(
        by=request.member.person, kind=kind, subject=subject, tokens=form.cleaned_data["tokens"],
        micro_dollars=form.micro_dollars, reason=form.cleaned_data["reason"],
    ))  # fmt: skip


@require_POST
@require("belong")
def except_budget(request: MemberRequest, kind: str, subject: str = "") -> HttpResponse:
    """Allow more once, with a reason."""
    _demand(request)
    form = ExceptionForm(request.POST, prefix=f"more-{kind}-{subject}", auto_id="id_%s")
    changing: dict[str, Any] = {"changing": (f"{kind}:{subject}", form)}
    if not form.is_valid():
        return _page(request, status=422, **changing)
    done = _("The exception holds from the next call on.")
    return _try(request, done, form, changing, lambda: limits.make_exception(
        by=request.member.person, kind=kind, subject=subject, tokens=form.cleaned_data["tokens"] or 0,
        micro_dollars=form.micro_dollars, reason=form.cleaned_data["reason"],
    ))  # fmt: skip


@require_POST
@require("belong")
def remove_budget(request: MemberRequest, kind: str, subject: str = "") -> HttpResponse:
    """Take a limit away, with a reason."""
    _demand(request)
    form = ReasonForm(request.POST, prefix=f"gone-{kind}-{subject}", auto_id="id_%s")
    changing: dict[str, Any] = {"changing": (f"{kind}:{subject}", form)}
    if not form.is_valid():
        return _page(request, status=422, **changing)
    return _try(request, _("The budget is gone."), form, changing, lambda: limits.remove_limit(
        by=request.member.person, kind=kind, subject=subject, reason=form.cleaned_data["reason"]
    ))  # fmt: skip


def _demand(request: MemberRequest) -> None:
    demand(request.member, "billing" if not request.member.may("settings") else "settings")


def _try(
    request: MemberRequest, done: str, form: Any, shown: dict[str, Any], act: Callable[[], None]
) -> HttpResponse:  # fmt: skip
    try:
        act()
    except NotFound:
        raise
    except ProductError as error:
        form.add_error(None, error.sentence)
        return _page(request, status=error.status, **shown)
    messages.success(request, done)
    return redirect("policy:budgets")


def _people(request: MemberRequest) -> list[Member]:
    return accounts.members_of(request.member.schema)


def _page(
    request: MemberRequest, *, form: BudgetForm | None = None, changing: tuple[str, Any] | None = None,
    status: int = 200,
) -> HttpResponse:  # fmt: skip
    month, people = overview.month(), _people(request)
    names = {row.person: row.name for row in people}
    rows, seen = limits.listing(), runs_seen(member=request.member)
    named = {*month.people, *(run.person for run in month.runs), *(row.by for row in rows)}
    names |= accounts.names(named - set(names)) if named - set(names) else {}
    return layout.show(request, "policy/budgets.html", {
        "month": month, "gauges": _gauges(month.workspace, month.limit), "slow": rules.SLOW_AT, "stop": rules.STOP_AT,
        "people": [_use(names.get(person, ""), "", taken) for person, taken in month.people.items()],
        "runs": [_use(names.get(use.person, ""), use.run, use.taken) for use in month.runs if use.run in seen],
        "limits": [_line(row, names, changing) for row in rows],
        "form": form or BudgetForm(people=people),
    }, status)  # fmt: skip


def _gauges(taken: Taken, limit: Limit) -> list[Gauge]:
    return [
        _gauge(_("Tokens"), taken.tokens, taken.held_tokens, limit.tokens, _count),
        _gauge(_("US dollars"), taken.micro_dollars, taken.held_micro_dollars, limit.micro_dollars, dollars),
    ]


def _gauge(label: str, used: int, held: int, limit: int | None, write: Callable[[int], str]) -> Gauge:
    if limit is None:
        text = _("%(used)s used. No limit is set.") % {"used": write(used)}
        return Gauge(label, write(used), used, held, 0, text, "")
    words = {
        "allow": "", "throttle": _("Agents go slowly now."),
        "block": _("No run begins; those under way are finished."),
    }  # fmt: skip
    level = rules.level(used + held, limit)
    text = _("%(used)s used and %(held)s set aside by runs under way, of %(limit)s.") % {
        "used": write(used), "held": write(held), "limit": write(limit),
    }  # fmt: skip
    tone = {"allow": "", "throttle": "warn", "block": "bad"}[level]
    # What is set aside beyond the limit (it was lowered since) has no room to be drawn.
    drawn = (min(used, limit), max(0, min(held, limit - used)))
    return Gauge(label, write(used), *drawn, limit, f"{text} {words[level]}".strip(), tone)


def _use(name: str, run: str, taken: Taken) -> Use:
    aside = "" if not taken.held_tokens + taken.held_micro_dollars else _("%(tokens)s tokens, %(dollars)s") % {
        "tokens": _count(taken.held_tokens), "dollars": dollars(taken.held_micro_dollars),
    }  # fmt: skip
    return Use(name, run, _count(taken.tokens), dollars(taken.micro_dollars), aside)


def _line(row: limits.LimitRow, names: dict[int, str], changing: tuple[str, Any] | None) -> LimitLine:
    key, end = f"{row.kind}:{row.subject}", f"{row.kind}-{row.subject}"
    sent = changing[1] if changing and changing[0] == key else None
    more = sent if isinstance(sent, ExceptionForm) else ExceptionForm(prefix=f"more-{end}", auto_id="id_%s")
    gone = sent if isinstance(sent, ReasonForm) else ReasonForm(prefix=f"gone-{end}", auto_id="id_%s")
    extra = ""
    if row.extra_tokens or row.extra_micro_dollars:
        extra = _("An exception of %(tokens)s tokens and %(dollars)s is counted in.") % {
            "tokens": _count(row.extra_tokens), "dollars": dollars(row.extra_micro_dollars),
        }  # fmt: skip
    return LimitLine(
        row.kind, row.subject, _whose(row, names), _limit(row.now.tokens, _count),
        _limit(row.now.micro_dollars, dollars), extra, row.extra_reason, names.get(row.by, ""), row.at, more, gone,
        sent is not None,
    )  # fmt: skip


def _whose(row: limits.LimitRow, names: dict[int, str]) -> str:
    if row.kind == "workspace":
        return _("The workspace, a month")
    if row.kind == "run":
        return _("Run %(run)s") % {"run": row.subject} if row.subject else _("Each run, as a whole")
    if row.subject:
        return _("%(name)s, a month") % {"name": names.get(int(row.subject), row.subject)}
    return _("Each person, a month")


def _limit(figure: int | None, write: Callable[[int], str]) -> str:
    return _("no limit") if figure is None else write(figure)


def _count(figure: int) -> str:
    return str(number_format(figure, force_grouping=True))


def dollars(micro_dollars: int) -> str:
    """Write micro-dollars as dollars and cents, in the reader's digits."""
    return f"${number_format(round(micro_dollars / 1_000_000, 2), decimal_pos=2, force_grouping=True)}"
