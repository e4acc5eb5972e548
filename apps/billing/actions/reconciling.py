"""Compare the books with themselves, with the call ledger and with Stripe, and name every difference."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from apps.accounts import tenancy
from apps.billing import overage, rules, usage
from apps.billing.actions import metering, subscriptions
from apps.billing.models import Balance, CreditEntry, CreditGrant, Entitlement, UsagePeriod, UsageReport
from apps.lib import clock

# Stripe finishes an invoice about an hour after its period.
INVOICED_WITHIN = timedelta(hours=6)
BEGINNING = datetime(2000, 1, 1, tzinfo=UTC)


@dataclass(frozen=True, slots=True)
class Difference:
    """One thing of which two books say different things. why: set where that is as it should be."""

    what: str
    ours: str
    theirs: str
    why: str = ""


def compare(workspace: str, *, ask_stripe: bool) -> list[Difference]:
    """List the differences of a workspace. Raises Unavailable where Stripe is asked and does not answer."""
    found = [*_books(workspace), *_calls(workspace)]
    found += _usage(workspace, ask_stripe=ask_stripe)
    return found + [*_stripe(workspace)] if ask_stripe else found


def _books(workspace: str) -> Iterator[Difference]:
    """Each balance is the sum of its movements; what is left of each grant is, too."""
    with tenancy.as_platform("the books are compared"):
        entries = list(CreditEntry.objects.filter(workspace=workspace).values_list("grant", "kind", "credits"))
        balance = Balance.objects.filter(workspace=workspace).first()
        grants = dict(CreditGrant.objects.filter(workspace=workspace).values_list("pk", "left"))
    sums, left = Counter[str](), Counter[int]()
    for part, kind, size in entries:
        source, target = rules.ACCOUNTS[kind]
        sums[source] -= size
        sums[target] += size
        left[part] += size * ((target == "available") - (source == "available"))
    for account in ("available", "held"):
        kept = getattr(balance, account) if balance else 0
        if kept != sums[account]:
            yield Difference(f"balance, {account}", str(kept), f"{sums[account]} by its movements")
    for part, kept in grants.items():
        if kept != left[part]:
            yield Difference(f"grant {part}, left", str(kept), f"{left[part]} by its movements")


def _calls(workspace: str) -> Iterator[Difference]:
    """Each run was charged what its answered calls cost, once it has ended."""
    with tenancy.as_platform("the books are compared"):
        rows = list(
            CreditEntry.objects.filter(workspace=workspace).exclude(run="").values_list("run", "kind", "credits")
        )
    charged, held = Counter[str](), Counter[str]()
    for run, kind, size in rows:
        charged[run] += size * (kind == "charge")
        held[run] += size * ((kind == "hold") - (kind in {"charge", "release"}))
    used = Counter[str]()
    with tenancy.in_workspace(workspace):
        for part in usage.used_by(by="run", since=BEGINNING, until=clock.now() + timedelta(1)):
            used[part.of] += part.credits
    for run in sorted(charged.keys() | used.keys()):
        if charged[run] != used[run]:
            why = "under way" if held[run] else "it found nothing, so it costs nothing" if not charged[run] else ""
            yield Difference(f"run {run}, charged", str(charged[run]), f"{used[run]} by its calls", why)


def _usage(workspace: str, *, ask_stripe: bool) -> Iterator[Difference]:
    """Each token beyond a plan was noted, each report left, and Stripe's meter counted what left."""
    with tenancy.as_platform("the books are compared"):
        periods = list(UsagePeriod.objects.filter(workspace=workspace).order_by("began_at"))
    for period in periods:
        name = f"tokens beyond the plan since {period.began_at:%Y-%m-%d %H:%M}"
        used = overage.tokens(workspace, period.began_at, period.ends_at)
        with tenancy.as_platform("the books are compared"):
            rows = list(UsageReport.objects.filter(period=period).order_by("sequence"))
        yield from _noted(name, period, used, rows)
        waiting = [row for row in rows if not row.sent_at]
        for row in waiting:
            state = "given up" if row.gave_up_at else "not sent yet"
            why = "" if row.gave_up_at or row.tries else "it is sent within minutes"
            yield Difference(f"{name}, report {row.sequence}", str(row.tokens), f"{state} {row.error}".strip(), why)
        sent = period.noted - sum(row.tokens for row in waiting)
        if ask_stripe and (there := metering.counted(period)) != sent:
            yield Difference(f"{name}, sent", str(sent), f"{there} by Stripe's meter")
        over = clock.now() - period.ends_at
        if ask_stripe and over > timedelta(0) and (there := metering.invoiced(period)) != period.noted:
            why = "its invoice is finished within hours" if over < INVOICED_WITHIN else ""
            yield Difference(f"{name}, invoiced", str(period.noted), f"{there} on Stripe's invoices", why)


def _noted(name: str, period: UsagePeriod, used: int, rows: list[UsageReport]) -> Iterator[Difference]:
    """What was noted is what its reports say, and what the calls used beyond the plan of then, or of now."""
    beyond, last = max(0, used - period.included), rows[-1] if rows else None
    if (total := last.total if last else 0) != period.noted:
        yield Difference(f"{name}, noted", str(period.noted), f"{total} by its reports")
    elif beyond > period.noted:
        recent = period.looked_at is None or period.looked_at > clock.now() - metering.EVERY_OVER
        why = "it is noted within the hour" if recent and period.ends_at > clock.now() - rules.METERED_FOR else ""
        yield Difference(f"{name}, noted", str(period.noted), f"{beyond} by its calls", why)
    elif last and used < last.total + last.included:
        yield Difference(f"{name}, noted", str(period.noted), f"{max(0, used - last.included)} by its calls")


def _stripe(workspace: str) -> Iterator[Difference]:
    """The plan that holds here is the one that stands there, and every top-up that was paid was given."""
    with tenancy.as_platform("the books are compared"):
        row = Entitlement.objects.filter(workspace=workspace).first()
        if row is None or not row.customer:
            return
        there = subscriptions.standing(row.customer)
        keys = CreditEntry.objects.filter(workspace=workspace, key__startswith=f"{workspace}:topup:")
        given = {key.rsplit(":", 1)[1] for key in keys.values_list("key", flat=True)}
    if (row.state, row.subscription) != (there.state, there.subscription):
        ours, theirs = (f"{each.state} {each.subscription}".strip() for each in (row, there))
        yield Difference("subscription", ours, f"{theirs} at Stripe")
    if there.plan and row.plan != there.plan:
        yield Difference("plan", row.plan, f"{there.plan} at Stripe")
    for session in sorted(there.paid - given):
        yield Difference(f"top-up {session}", "not given", "paid at Stripe")
    for session in sorted(given - there.paid):
        yield Difference(f"top-up {session}", "given", "not paid at Stripe")
