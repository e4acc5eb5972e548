"""A run may not spend more credits than it was lent: reserved before a call, given back when it brought nothing."""

from __future__ import annotations

from django.db.models import F, OuterRef, Subquery
from django.db.models.functions import Coalesce

from apps.policy.models import Grant, GrantUse


def reserve(*, run: str, credits: int) -> bool:
    """Set credits of the run's grant aside by one conditional update; tell whether it covered them."""
    lent = Subquery(Grant.objects.filter(run=OuterRef("run")).values("credits"))
    covered = GrantUse.objects.filter(run=run, credits__lte=Coalesce(lent, 0) - credits)
    if covered.update(credits=F("credits") + credits):
        return True
    # Nothing moved: not covered, or the run's first call. Another gate may be making the row at this moment too.
    GrantUse.objects.get_or_create(run=run)
    return bool(covered.update(credits=F("credits") + credits))


def settle(*, run: str, reserved: int, spent: int, micro_dollars: int) -> None:
    """Replace what was reserved by what the call cost."""
    GrantUse.objects.filter(run=run).update(
        credits=F("credits") - reserved + spent, micro_dollars=F("micro_dollars") + micro_dollars
    )
