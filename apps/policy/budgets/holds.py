"""Hold what a call may cost, settle what it cost, and let go of what a run no longer needs.

A run sets an amount aside of its workspace's and its person's month, and its calls draw on that: the month's rows,
which everybody wants, are locked now and then instead of twice a call. What is set aside counts as taken. While the
month has room a run sets more aside before it touches the last part, which it keeps to be finished from.

Locks are taken in one order everywhere: the call, the run's grant, the run's reserve, the person's month, the
workspace's month. So nobody waits in a circle.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from django.conf import settings
from django.contrib.postgres.fields import ArrayField
from django.db import transaction
from django.db.models import CharField, F, Func, JSONField, QuerySet, Value

from apps.lib import clock
from apps.lib.errors import Exhausted
from apps.policy import rules
from apps.policy.budgets import marks, standing
from apps.policy.budgets.standing import MONTHLY, Limit, Standing
from apps.policy.models import BudgetUse, GrantUse, RunReserve
from apps.policy.rules import Amount

FIGURES = ("tokens", "micro_dollars")
NOTHING, WHOLE = Amount(), Amount(1, 1)
TEXTS, JSON = ArrayField(CharField()), JSONField()


@dataclass(frozen=True, slots=True)
class Held:
    """It is held. slow: a month is three quarters taken. left: of the tightest month, in per cent."""

    slow: bool = False
    left: int = 100


class Spent(Exhausted):
    """The budget does not cover this call. `kinds`: the months that stopped it."""

    code = "budget"

    def __init__(self, sentence: str, kinds: tuple[str, ...] = ()) -> None:
        super().__init__(sentence)
        self.kinds = kinds


def hold(*, run: str, person: int, amount: Amount, at: datetime) -> Held:
    """Hold an amount for a call, and say how its month stands.

    Runs inside the transaction that writes the call down. A call that costs nothing is never held up.
    Raises: Spent, with the sentence that says which budget and until when.
    """
    if not amount:
        return Held()
    drawn, now = _draw(run, person, amount, at)
    if drawn:
        return Held(now.level(amount) != "allow", now.left())
    slow = _set_aside(run=run, person=person, amount=amount, now=now, at=at) != "allow"
    return Held(slow, now.left())


def settle(*, run: str, person: int, held: Amount, spent: Amount, at: datetime) -> None:
    """Replace what a call held by what it used. Runs inside the transaction that closes the call."""
    if not held and not spent:
        return
    change = spent - held
    if _with_room(RunReserve.objects.filter(pk=run), change).update(
        tokens=F("tokens") + spent.tokens, micro_dollars=F("micro_dollars") + spent.micro_dollars,
        held_tokens=F("held_tokens") - held.tokens, held_micro_dollars=F("held_micro_dollars") - held.micro_dollars,
    ):  # fmt: skip
        return
    # It used more than it held, and more than the run had set aside: that is paid all the same, and counted.
    own = _own(run, person, at)
    over = (_total(own) + change - _reserved(own)).at_least_zero()
    _add(own, used=spent, held=NOTHING - held, reserved=over)
    for row in _months(own):
        _add_month(row, held=over)


def let_go(*, run: str, keep: bool = False) -> bool:
    """Give back what a run has set aside and does not need, and count what it used; tell whether there was any.

    keep: the run waits, so what it keeps to be finished from stays; without it the run has ended.
    """
    with transaction.atomic():
        own = RunReserve.objects.select_for_update().filter(pk=run).first()
        if own is None:
            return False
        used, idle = _used(own) - _moved(own), _reserved(own) - _total(own)
        if keep:
            kept = standing.read(run=run, person=own.person, at=clock.now()).keep(WHOLE)
            idle = (idle - kept).at_least_zero()
        if not used and not idle:
            return False
        for row in _months(own):
            _add_month(row, used=used, held=NOTHING - used - idle)
        _add(own, reserved=NOTHING - idle, moved=used)
    return True


def unsettled() -> list[str]:
    """List the runs that have something set aside."""
    rows = RunReserve.objects.exclude(
        reserved_tokens=F("moved_tokens"), reserved_micro_dollars=F("moved_micro_dollars")
    )
    return list(rows.values_list("run", flat=True))


def _draw(run: str, person: int, amount: Amount, at: datetime) -> tuple[bool, Standing]:
    """Take it from what the run has set aside, if more than it keeps stays there; and say how the month stands.

    One round trip, by a function of the database's own: this is what nearly every call needs, and what it waits for.
    """
    given = [run, str(person), rules.period(at), *map(str, (
        amount.tokens, amount.micro_dollars, settings.RUN_RESERVE_TOKENS, settings.RUN_RESERVE_MICRO_DOLLARS,
    ))]  # fmt: skip
    function = Func(Value(given, TEXTS), function="policy_budget_draw", output_field=JSON)
    found = next(iter(GrantUse.objects.filter(pk=run).values_list(function, flat=True)), None)
    if found is None:
        return False, standing.read(run=run, person=person, at=at)
    return found["drawn"], standing.of(found["limits"], found["taken"])


def _with_room(rows: QuerySet[RunReserve], amount: Amount) -> QuerySet[RunReserve]:
    return rows.filter(
        reserved_tokens__gte=F("tokens") + F("held_tokens") + amount.tokens,
        reserved_micro_dollars__gte=F("micro_dollars") + F("held_micro_dollars") + amount.micro_dollars,
    )


def _set_aside(*, run: str, person: int, amount: Amount, now: Standing, at: datetime) -> str:
    """Set more aside for a run: enough for several calls, else for this one, else use what it kept for its end."""
    own = _own(run, person, at)
    if not now.limit("run").covers(_total(own) + amount, amount):
        raise Spent("This run has used its own budget. Somebody who may change budgets can raise it.")
    months, limits = _months(own), [now.limit(kind) for kind in MONTHLY]
    taken = [_taken(row) for row in months]
    room, keep = _reserved(own) - _total(own), now.keep(amount)
    begins = not _reserved(own).where(amount)
    for more in (amount + keep + now.spare(amount) - room, amount + keep - room):
        more = more.at_least_zero().where(amount)
        level = _level(limits, [there + more for there in taken], amount, keep if begins else NOTHING)
        if level != "block":
            _add(own, held=amount, reserved=more)
            for row, limit in zip(months, limits, strict=True):
                _add_month(row, held=more)
                marks.note(row, limit, at=at)
            return level
    if not begins and amount.fits(room):
        _add(own, held=amount)
        return "throttle"
    raise Spent(*marks.refusal(limits, taken, amount, at))


def _level(limits: Sequence[Limit], after: Sequence[Amount], amount: Amount, kept: Amount) -> str:
    """What a run keeps when it begins may stand above the mark that stops others, within the whole budget."""
    pairs = list(zip(limits, after, strict=True))
    if not all(limit.covers(there, amount) for limit, there in pairs):
        return "block"
    return rules.worst(limit.level(there - kept, amount) for limit, there in pairs)


def _own(run: str, person: int, at: datetime) -> RunReserve:
    """Lock a run's reserve, made or moved to this month where needed."""
    month = rules.period(at)
    locked = RunReserve.objects.select_for_update()
    own = locked.filter(pk=run).first()
    if own is None:
        RunReserve.objects.get_or_create(run=run, defaults={"person": person, "period": month})
        own = locked.get(pk=run)
    if own.period != month:
        _roll_over(own, month)
    return own


def _roll_over(own: RunReserve, month: str) -> None:
    """Leave what was used in the old month; calls under way, and all that follows, count in the new one."""
    used = _used(own) - _moved(own)
    for row in _months(own):
        _add_month(row, used=used, held=_moved(own) - _reserved(own))
    _add(own, moved=used, reserved=_total(own) - _reserved(own))
    own.period = month
    own.save(update_fields=["period"])
    for row in _months(own):
        _add_month(row, held=_total(own) - _used(own))


def _months(own: RunReserve) -> list[BudgetUse]:
    """Lock the rows of a run's month, the person's first."""
    return [marks.lock(kind, own.person, own.period) for kind in MONTHLY]


def _add(
    own: RunReserve, *, used: Amount = NOTHING, held: Amount = NOTHING, reserved: Amount = NOTHING,
    moved: Amount = NOTHING,
) -> None:  # fmt: skip
    """Change a run's reserve, whose lock is held."""
    for figure in FIGURES:
        for prefix, more in (("", used), ("held_", held), ("reserved_", reserved), ("moved_", moved)):
            setattr(own, prefix + figure, getattr(own, prefix + figure) + getattr(more, figure))
    own.save()


def _add_month(row: BudgetUse, *, used: Amount = NOTHING, held: Amount = NOTHING) -> None:
    """Change a month's row, whose lock is held."""
    for figure in FIGURES:
        setattr(row, figure, getattr(row, figure) + getattr(used, figure))
        setattr(row, f"held_{figure}", getattr(row, f"held_{figure}") + getattr(held, figure))
    row.save()


def _used(own: RunReserve) -> Amount:
    return Amount(own.tokens, own.micro_dollars)


def _total(own: RunReserve) -> Amount:
    return _used(own) + Amount(own.held_tokens, own.held_micro_dollars)


def _reserved(own: RunReserve) -> Amount:
    return Amount(own.reserved_tokens, own.reserved_micro_dollars)


def _moved(own: RunReserve) -> Amount:
    return Amount(own.moved_tokens, own.moved_micro_dollars)


def _taken(row: BudgetUse) -> Amount:
    return Amount(row.tokens + row.held_tokens, row.micro_dollars + row.held_micro_dollars)
