"""Grant, hold, charge, release, refund, expire and take back credits. Each movement has a key and happens once.

Whoever moves credits of a workspace locks its balance first, so movements stand in one order: with credit for 50, any
number of simultaneous holds admits 50. Works inside the workspace, or with the platform's role.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from datetime import datetime

from django.conf import settings
from django.db import transaction
from django.db.models import F
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from apps.billing import alerts, entitlements, rules
from apps.billing.models import Balance, CreditEntry, CreditGrant
from apps.lib import clock
from apps.lib.errors import Exhausted, Forbidden, Invalid


class NotEnoughCredits(Exhausted):
    """The workspace's credits do not cover this run."""

    code = "not_enough_credits"


def welcome(*, schema: str, by: int) -> None:
    """Grant a new workspace its starting credits."""
    grant(
        by=by, workspace=schema, credits=settings.STARTING_CREDITS, key=f"welcome:{schema}", source="welcome",
        note="starting grant",
    )  # fmt: skip


def grant(
    *, by: int | None, workspace: str, credits: int, key: str, source: str = "goodwill", note: str = "",
    expires_at: datetime | None = None, invoice: str = "",
) -> bool:  # fmt: skip
    """Give credits to a workspace; tell whether this key was new.

    source: one of rules.SOURCES, which says when they are burned. expires_at: until when they can be held; None: for
    good. invoice: what of Stripe's was paid for them. Raises ValueError for less than one credit or an unknown source.
    """
    if credits <= 0:
        raise ValueError("a grant is a positive number of credits")
    with transaction.atomic():
        Balance.objects.get_or_create(workspace=workspace)
        _lock(workspace)
        if CreditEntry.objects.filter(key=f"{workspace}:{key}").exists():
            return False
        _give(workspace, "grant", key, credits, source=source, expires_at=expires_at, by=by, note=note, invoice=invoice)
        return True


def hold(*, by: int, workspace: str, run: str, credits: int, round: int = 1) -> None:
    """Set credits aside for a run, of the grants that are burned first.

    Whatever costs anything begins here. Raises Unpaid, and NotEnoughCredits with what is there and what is missing.
    """
    entitlements.demand(workspace)
    with transaction.atomic(savepoint=False):
        usable = _current(workspace)
        there = sum(size for _part, size in usable)
        if there < credits:
            raise NotEnoughCredits(
                ngettext(
                    "This run needs up to %(needed)d credit and the workspace has %(there)d. "
                    "Lower the source cap or the depth, or add credits.",
                    "This run needs up to %(needed)d credits and the workspace has %(there)d. "
                    "Lower the source cap or the depth, or add credits.",
                    credits,
                ) % {"needed": credits, "there": there},
                needed=credits, there=there,
            )  # fmt: skip
        parts = _taken(usable, credits)
        # A second hold of the same round breaks the key of its first part, and with it the caller's transaction.
        _move(workspace, "hold", f"hold:{run}:{round}", [(part, "", size) for part, size in parts], run=run, by=by)
        alerts.watch(workspace)


def settle(*, workspace: str, run: str, used: int, steps: Mapping[str, int] | None = None) -> int:
    """Charge what a run used since its last settlement, release the rest of what it holds; return the charge.

    used: the run's total so far, in credits. steps: the same by step, for a line each; they need not add up to it.
    Settling twice changes nothing. A run never pays more than it holds.
    """
    with transaction.atomic():
        _lock(workspace)
        entries = list(CreditEntry.objects.filter(workspace=workspace, run=run).select_related("grant").order_by("id"))
        held = _held(entries)
        if not held:
            return 0
        paid = sum(entry.credits for entry in entries if entry.kind == "charge")
        charge = max(0, min(used - paid, sum(held.values())))
        round_ = sum(entry.kind == "hold" and entry.key.endswith(":0") for entry in entries)
        lines = _by_step(charge, steps or {}, entries)
        charged = list(_spread(_taken(held.items(), charge), lines))
        _move(workspace, "charge", f"charge:{run}:{round_}", charged, run=run)
        for part, _step, size in charged:
            held[part] -= size
        freed = [(part, "", size) for part, size in held.items() if size]
        _move(workspace, "release", f"release:{run}:{round_}", freed, run=run)
        _expire_due(workspace)
        alerts.watch(workspace)
        return charge


def refund(*, by: int | None, workspace: str, run: str, note: str, credits: int | None = None) -> int:
    """Give back what a run was charged, or so many credits of it; return how many.

    They come back as a grant of their own that lasts as long as the longest of those they were taken from, and at
    least `rules.REFUND_LASTS`. What was refunded before is not refunded again.
    """
    with transaction.atomic():
        _lock(workspace)
        entries = list(CreditEntry.objects.filter(workspace=workspace, run=run).select_related("grant"))
        charges = [entry for entry in entries if entry.kind == "charge"]
        back = [entry for entry in entries if entry.kind == "refund"]
        due = sum(entry.credits for entry in charges) - sum(entry.credits for entry in back)
        size = due if credits is None else min(credits, due)
        if size <= 0:
            return 0
        ends = [entry.grant.expires_at for entry in charges]
        until = None if None in ends else max([*(end for end in ends if end), clock.now() + rules.REFUND_LASTS])
        _give(workspace, "refund", f"refund:{run}:{len(back)}", size, source="refund", expires_at=until, by=by,
              note=note, run=run)  # fmt: skip
        return size


def take_back(*, by: int, approved_by: int, workspace: str, credits: int, key: str, note: str) -> bool:
    """Correct a balance downwards; tell whether this key was new. Two people of the platform stand behind it.

    Raises: Forbidden (one person alone), Invalid (not so many credits are available; held ones are not touched).
    """
    if by == approved_by:
        raise Forbidden(_("You asked for this, so somebody else decides it."))
    with transaction.atomic():
        usable = _current(workspace)
        there = sum(size for _part, size in usable)
        if CreditEntry.objects.filter(key__startswith=f"{workspace}:adjust:{key}:").exists():
            return False
        if not 0 < credits <= there:
            said = ngettext(
                "Only %(there)d credit is available there.", "Only %(there)d credits are available there.", there
            )
            raise Invalid(said % {"there": there})
        parts = [(part, "", size) for part, size in _taken(usable, credits)]
        _move(workspace, "adjust", f"adjust:{key}", parts, by=approved_by, note=note)
        return True


def return_bought(*, workspace: str, grants: Iterable[int], credits: int, key: str, note: str) -> int:
    """Take up to so many credits in all out of some grants, as their money went back; return how many more went.

    credits: the total under this key, so that a repetition, or a second part of the money, takes the difference. Only
    what is available goes: what is held or spent stays.
    """
    with transaction.atomic():
        _lock(workspace)
        begins = f"adjust:{key}"
        before = CreditEntry.objects.filter(key__startswith=f"{workspace}:{begins}:")
        taken = sum(before.values_list("credits", flat=True))
        rows = CreditGrant.objects.filter(pk__in=grants, workspace=workspace, left__gt=0)
        usable = [(part, part.left) for part in sorted(rows, key=_order)]
        parts = [(part, "", size) for part, size in _taken(usable, credits - taken)]
        _move(workspace, "adjust", f"{begins}:{taken}", parts, note=note)
        return sum(size for _part, _step, size in parts)


def expire_due(*, workspace: str) -> int:
    """Expire what is left of grants whose time is over; return how many credits that were. Safe to repeat."""
    with transaction.atomic():
        _lock(workspace)
        return _expire_due(workspace)


def expire_everywhere() -> None:
    """Expire what is due in every workspace, so that what pages show is what can be used.

    A chore of the scheduler, which has the platform's role.
    """
    due = CreditGrant.objects.filter(left__gt=0, expires_at__lte=clock.now())
    for workspace in due.order_by().values_list("workspace", flat=True).distinct():
        expire_due(workspace=workspace)


def _lock(workspace: str) -> Balance | None:
    return Balance.objects.select_for_update().filter(workspace=workspace).first()


def _current(workspace: str) -> list[tuple[CreditGrant, int]]:
    """Lock the balance, expire what is due, and return the grants that have credits, first burned first."""
    _lock(workspace)
    grants = sorted(CreditGrant.objects.filter(workspace=workspace, left__gt=0), key=_order)
    due = _due(grants)
    _expire(due)
    return [(each, each.left) for each in grants if each not in due]


def _order(part: CreditGrant) -> tuple[int, datetime, int]:
    return rules.burn_order(part.source, part.expires_at, part.pk)


def _taken(parts: Iterable[tuple[CreditGrant, int]], credits: int) -> list[tuple[CreditGrant, int]]:
    """Take credits of parts in their order, until there are enough."""
    taken = []
    for part, there in parts:
        if credits <= 0:
            break
        taken.append((part, min(there, credits)))
        credits -= there
    return taken


def _held(entries: Iterable[CreditEntry]) -> dict[CreditGrant, int]:
    """Return what a run holds of each grant, first burned first."""
    found: dict[CreditGrant, int] = {}
    for entry in entries:
        sign = {"hold": 1, "charge": -1, "release": -1}.get(entry.kind, 0)
        found[entry.grant] = found.get(entry.grant, 0) + sign * entry.credits
    return {part: found[part] for part in sorted(found, key=_order) if found[part]}


def _by_step(charge: int, steps: Mapping[str, int], entries: Iterable[CreditEntry]) -> list[tuple[str, int]]:
    """Split a charge by step: what each used beyond what it was charged before; a rest belongs to none."""
    paid: dict[str, int] = {}
    for entry in entries:
        if entry.kind == "charge":
            paid[entry.step] = paid.get(entry.step, 0) + entry.credits
    lines = []
    for step, credits in steps.items():
        size = max(0, min(credits - paid.get(step, 0), charge))
        lines.append((step, size))
        charge -= size
    return [(step, size) for step, size in [*lines, ("", charge)] if size]


def _spread(
    parts: list[tuple[CreditGrant, int]], lines: list[tuple[str, int]]
) -> Iterator[tuple[CreditGrant, str, int]]:
    """Match grants with steps, both in order; they add up to the same."""
    left = list(parts)
    for step, credits in lines:
        while credits:
            part, there = left.pop(0)
            size = min(there, credits)
            yield part, step, size
            credits -= size
            if there > size:
                left.insert(0, (part, there - size))


def _give(
    workspace: str, kind: str, key: str, credits: int, *, source: str, expires_at: datetime | None, note: str,
    by: int | None, run: str = "", invoice: str = "",
) -> None:  # fmt: skip
    if source not in rules.SOURCES:
        raise ValueError(f"{source} is no source of credits")
    part = CreditGrant.objects.create(
        workspace=workspace, source=source, credits=credits, left=credits, expires_at=expires_at, note=note,
        invoice=invoice,
    )  # fmt: skip
    CreditEntry.objects.create(
        workspace=workspace, key=f"{workspace}:{key}", kind=kind, credits=credits, grant=part, run=run, by=by, note=note
    )
    Balance.objects.filter(workspace=workspace).update(available=F("available") + credits)


def _move(
    workspace: str, kind: str, key: str, parts: list[tuple[CreditGrant, str, int]], *, run: str = "",
    by: int | None = None, note: str = "",
) -> None:  # fmt: skip
    """Write one movement for each part, and move the balance and the grants with them."""
    CreditEntry.objects.bulk_create(
        CreditEntry(
            workspace=workspace, key=f"{workspace}:{key}:{number}", kind=kind, credits=size, grant=part, step=step,
            run=run, by=by, note=note,
        )
        for number, (part, step, size) in enumerate(parts)
    )  # fmt: skip
    source, target = rules.ACCOUNTS[kind]
    available = (target == "available") - (source == "available")
    held = (target == "held") - (source == "held")
    for part, _step, size in parts if available else ():
        CreditGrant.objects.filter(pk=part.pk).update(left=F("left") + available * size)
    total = sum(size for _part, _step, size in parts)
    Balance.objects.filter(workspace=workspace).update(
        available=F("available") + available * total, held=F("held") + held * total
    )


def _expire_due(workspace: str) -> int:
    return _expire(_due(CreditGrant.objects.filter(workspace=workspace, left__gt=0)))


def _due(grants: Iterable[CreditGrant]) -> list[CreditGrant]:
    now = clock.now()
    return sorted((each for each in grants if each.expires_at and each.expires_at <= now), key=lambda each: each.pk)


def _expire(due: list[CreditGrant]) -> int:
    parts = [(each, "", each.left) for each in due]
    if parts:
        # A grant may expire more than once: what a run gives back later goes the same way.
        first = due[0]
        key = f"expire:{first.pk}:{first.entries.filter(kind='expire').count()}"
        _move(first.workspace, "expire", key, parts)
    return sum(size for _part, _step, size in parts)
