"""Choose who is told of the month's credits and of budgets."""

from __future__ import annotations

from collections.abc import Collection
from typing import Any

from django.db import transaction
from django.utils.translation import gettext as _

from apps.accounts import queries as accounts
from apps.accounts import rules as accounts_rules
from apps.billing import alerts
from apps.billing.models import AlertSetting
from apps.lib import clock
from apps.lib.errors import Invalid
from apps.observability import audit


def choose(*, by: int, workspace: str, roles: Collection[str], people: Collection[int]) -> bool:
    """Keep who is told, by role and by name; tell whether that was a change.

    Raises Invalid for nobody at all, an unknown role, and somebody who is no member.
    """
    if not roles and not people:
        raise Invalid(_("Choose a role or a person: somebody has to be told."))
    if set(roles) - set(accounts_rules.ROLES):
        raise Invalid(_("There is no such role."))
    if set(people) - {row.person for row in accounts.members_of(workspace)}:
        raise Invalid(_("Choose members of this workspace only."))
    chosen: dict[str, list[Any]] = {
        "roles": [each for each in accounts_rules.ROLES if each in roles],
        "people": sorted(set(people)),
    }
    with transaction.atomic():
        before = alerts.told(workspace)
        if before == alerts.Told(tuple(chosen["roles"]), tuple(chosen["people"]), True):
            return False
        AlertSetting.objects.update_or_create(workspace=workspace, defaults={**chosen, "by": by, "at": clock.now()})
        audit.record(by=by, did="alerts.chosen", to="billing", workspace=workspace, reason=_words(chosen))
        return True


def _words(chosen: dict[str, list[Any]]) -> str:
    return f"roles: {', '.join(chosen['roles']) or 'none'}; people: {', '.join(map(str, chosen['people'])) or 'none'}"
