"""Set what the workspace, a person or a run may use, and make an exception for a month."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from django.db import transaction
from django.db.models import F
from django.utils.translation import gettext as _

from apps.accounts import queries as accounts
from apps.accounts import tenancy
from apps.lib import clock
from apps.lib.errors import Invalid, NotFound
from apps.observability import audit
from apps.policy import rules
from apps.policy.budgets.standing import Limit, effective
from apps.policy.models import BudgetLimit, Grant

KINDS = ("workspace", "person", "run")
MOST_TOKENS, MOST_MICRO_DOLLARS = 10**12, 10**12


class Unfit(Invalid):
    """This is no budget; the sentence names the field."""

    code = "unfit_budget"


@dataclass(frozen=True, slots=True)
class LimitRow:
    """A limit as it was set. subject: empty for the workspace or for everybody. now: with its exception."""

    kind: str
    subject: str
    tokens: int | None
    micro_dollars: int | None
    extra_tokens: int
    extra_micro_dollars: int
    extra_reason: str
    now: Limit
    by: int
    at: datetime


def listing() -> list[LimitRow]:
    """List every limit of the workspace, its own first; an exception that is over is left out."""
    month = rules.period(clock.now())
    rows = sorted(BudgetLimit.objects.all(), key=lambda row: (KINDS.index(row.kind), row.subject))
    return [_row(row, row.kind == "run" or row.extra_period == month) for row in rows]


def set_limit(
    *, by: int, kind: str, subject: str, tokens: int | None, micro_dollars: int | None, reason: str
) -> None:  # fmt: skip
    """Limit what a subject may use, from the next call on. None: no limit of that unit; it takes everybody's place.

    kind: workspace or person (a month), or run (as a whole). subject: a person's or a run's id; empty for everybody.
    Raises: Unfit.
    """
    _check_subject(kind, subject)
    _check_figures(tokens, micro_dollars)
    line = _why(reason)
    with transaction.atomic():
        BudgetLimit.objects.update_or_create(
            kind=kind, subject=subject,
            defaults={"tokens": tokens, "micro_dollars": micro_dollars, "by": by, "at": clock.now()},
        )  # fmt: skip
        _note(by, "budget.set", kind, subject, f"{_said(tokens, micro_dollars)}: {line}")


def remove_limit(*, by: int, kind: str, subject: str, reason: str) -> None:
    """Take a limit away, its exception too. Raises: Unfit (no reason), NotFound."""
    line = _why(reason)
    with transaction.atomic():
        gone, _kinds = BudgetLimit.objects.filter(kind=kind, subject=subject).delete()
        if not gone:
            raise NotFound(_("There is no such budget any more."))
        _note(by, "budget.removed", kind, subject, line)


def make_exception(
    *, by: int, kind: str, subject: str, tokens: int, micro_dollars: int, reason: str
) -> None:  # fmt: skip
    """Allow more once: until the month ends, or to the end of the run. A second one in the month adds to the first.

    Raises: Unfit (nothing more, too much, no reason), NotFound (there is no limit that it would be an exception to).
    """
    _check_figures(tokens, micro_dollars)
    if not tokens and not micro_dollars:
        raise Unfit(_("Say how much more: tokens, dollars, or both."))
    line, month = _why(reason), "" if kind == "run" else rules.period(clock.now())
    with transaction.atomic():
        rows = BudgetLimit.objects.filter(kind=kind, subject=subject)
        same = rows.filter(extra_period=month).update(
            extra_tokens=F("extra_tokens") + tokens, extra_micro_dollars=F("extra_micro_dollars") + micro_dollars,
            extra_reason=line,
        )  # fmt: skip
        if not same and not rows.update(
            extra_tokens=tokens, extra_micro_dollars=micro_dollars, extra_period=month, extra_reason=line
        ):
            raise NotFound(_("There is no such budget any more."))
        _note(by, "budget.excepted", kind, subject, f"+ {_said(tokens, micro_dollars)}: {line}")


def _row(row: BudgetLimit, extra: bool) -> LimitRow:
    more = (row.extra_tokens, row.extra_micro_dollars) if extra else (0, 0)
    return LimitRow(
        row.kind, row.subject, row.tokens, row.micro_dollars, *more, row.extra_reason if any(more) else "",
        effective([row.tokens, row.micro_dollars, *more], extra=True), row.by, row.at,
    )  # fmt: skip


def _check_subject(kind: str, subject: str) -> None:
    if kind not in KINDS or (kind == "workspace" and subject):
        raise Unfit(_("Choose the workspace, a person or a run."))
    if kind == "person" and subject:
        known = subject.isascii() and subject.isdigit() and len(subject) < 19
        if not known or accounts.member(tenancy.current(), int(subject)) is None:
            raise Unfit(_("This person is no member of the workspace."))
    if kind == "run" and subject and not Grant.objects.filter(pk=subject).exists():
        raise Unfit(_("There is no such run."))


def _check_figures(tokens: int | None, micro_dollars: int | None) -> None:
    for figure, most in ((tokens, MOST_TOKENS), (micro_dollars, MOST_MICRO_DOLLARS)):
        if figure is not None and figure < 0:
            raise Unfit(_("A budget is at least 0."))
        if figure is not None and figure > most:
            raise Unfit(_("A budget is at most %(most)s tokens or %(dollars)s dollars.")
                        % {"most": f"{MOST_TOKENS:,}", "dollars": f"{MOST_MICRO_DOLLARS // 1_000_000:,}"})  # fmt: skip


def _why(reason: str) -> str:
    if not reason.strip():
        raise Unfit(_("Say why. It stands on the record."))
    return reason.strip()[:500]


def _said(tokens: int | None, micro_dollars: int | None) -> str:
    shown = ["no limit" if figure is None else str(figure) for figure in (tokens, micro_dollars)]
    return f"{shown[0]} tokens, {shown[1]} µ$"


def _note(by: int, did: str, kind: str, subject: str, reason: str) -> None:
    audit.record(by=by, did=did, to=f"{kind} {subject}".strip(), reason=reason, workspace=tenancy.current())
