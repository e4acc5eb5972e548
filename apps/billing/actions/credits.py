"""Grant, hold, charge and release credits. Each movement has a key and happens once.

The balance moves by one conditional UPDATE: with credit for 50, any number of simultaneous holds admits 50.
"""

from __future__ import annotations

from django.conf import settings
from django.db import transaction
from django.db.models import F
from django.utils.translation import gettext as _

from apps.billing.models import Balance, CreditEntry
from apps.lib.errors import Exhausted


class NotEnoughCredits(Exhausted):
    """The workspace's credits do not cover this run."""

    code = "not_enough_credits"


def welcome(*, schema: str, by: int) -> None:
    """Grant a new workspace its starting credits."""
    grant(by=by, workspace=schema, credits=settings.STARTING_CREDITS, key=f"welcome:{schema}", note="starting grant")


def grant(*, by: int | None, workspace: str, credits: int, key: str, note: str = "") -> bool:
    """Add credits to a workspace; tell whether this key was new."""
    if credits <= 0:
        raise ValueError("a grant is a positive number of credits")
    with transaction.atomic():
        Balance.objects.get_or_create(workspace=workspace)
        if not _enter(workspace, key, "grant", credits, by=by, note=note):
            return False
        Balance.objects.filter(workspace=workspace).update(available=F("available") + credits)
    return True


def hold(*, by: int, workspace: str, run: str, credits: int, round: int = 1) -> None:
    """Set credits aside for a run. Raises NotEnoughCredits with what is there and what is missing."""
    with transaction.atomic():
        moved = Balance.objects.filter(workspace=workspace, available__gte=credits).update(
            available=F("available") - credits, held=F("held") + credits
        )
        if not moved:
            there = Balance.objects.filter(workspace=workspace).values_list("available", flat=True).first() or 0
            raise NotEnoughCredits(
                _("This run needs up to %(needed)d credits and the workspace has %(there)d. "
                  "Lower the source cap or the depth, or add credits.") % {"needed": credits, "there": there},
                needed=credits, there=there,
            )  # fmt: skip
        # A second hold of the same round breaks the key, and with it the caller's transaction.
        CreditEntry.objects.create(
            key=f"{workspace}:hold:{run}:{round}", workspace=workspace, kind="hold", credits=credits, run=run, by=by
        )


def settle(*, workspace: str, run: str, used: int) -> int:
    """Charge what a run used since its last settlement, release the rest of what it holds; return the charge.

    `used` is the run's total so far. Settling twice changes nothing. A run never pays more than it holds.
    """
    with transaction.atomic():
        Balance.objects.select_for_update().filter(workspace=workspace).first()
        entries = list(CreditEntry.objects.filter(workspace=workspace, run=run))
        total = {kind: sum(e.credits for e in entries if e.kind == kind) for kind in ("hold", "charge", "release")}
        held = total["hold"] - total["charge"] - total["release"]
        if held == 0:
            return 0
        round_ = sum(1 for e in entries if e.kind == "hold")
        charge = max(0, min(used - total["charge"], held))
        if charge:
            _enter(workspace, f"charge:{run}:{round_}", "charge", charge, run=run)
        if held - charge:
            _enter(workspace, f"release:{run}:{round_}", "release", held - charge, run=run)
        Balance.objects.filter(workspace=workspace).update(
            held=F("held") - held, available=F("available") + held - charge
        )
        return charge


def _enter(workspace: str, key: str, kind: str, credits: int, **more: object) -> bool:
    _entry, new = CreditEntry.objects.get_or_create(
        key=f"{workspace}:{key}", defaults={"workspace": workspace, "kind": kind, "credits": credits, **more}
    )
    return new
