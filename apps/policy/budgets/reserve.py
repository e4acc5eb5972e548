"""A run may not spend more credits than it was lent: reserved before a call, given back when it brought nothing."""

from __future__ import annotations

from django.db.models import F

from apps.policy.models import Grant, GrantUse


def reserve(*, run: str, credits: int) -> bool:
    """Set credits of the run's grant aside by one conditional update; tell whether it covered them."""
    GrantUse.objects.get_or_create(run=run)
    limit = Grant.objects.filter(run=run).values_list("credits", flat=True).first() or 0
    return bool(GrantUse.objects.filter(run=run, credits__lte=limit - credits).update(credits=F("credits") + credits))


def settle(*, run: str, reserved: int, spent: int, micro_dollars: int) -> None:
    """Replace what was reserved by what the call cost."""
    GrantUse.objects.filter(run=run).update(
        credits=F("credits") - reserved + spent, micro_dollars=F("micro_dollars") + micro_dollars
    )
