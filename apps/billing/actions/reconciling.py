"""Compare the books with themselves, with the call ledger and with Stripe, and name every difference."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from apps.accounts import tenancy
from apps.billing import rules, usage
from apps.billing.actions import subscriptions
from apps.billing.models import Balance, CreditEntry, CreditGrant, Entitlement
from apps.lib import clock

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
