"""Switches that are off: a tool, an agent, the whole workspace, the whole platform."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db import transaction
from django.db.models import Q, QuerySet
from django.utils.formats import date_format
from django.utils.timezone import localtime
from django.utils.translation import gettext as _

from apps.accounts import queries as accounts
from apps.accounts import tenancy
from apps.agenda import queries as agenda
from apps.lib import clock
from apps.lib.errors import Conflict, Invalid
from apps.observability import audit
from apps.policy.models import Pause

# From the widest to the narrowest: the widest that stands is the one a run is told of.
KINDS = ("platform", "workspace", "agent", "tool")


@dataclass(frozen=True, slots=True)
class Paused:
    """What is switched off: kind (one of KINDS), its name, by whom, why, since when."""

    kind: str
    name: str
    reason: str
    by: int
    at: datetime

    def sentence(self) -> str:
        """Say who paused what, when and why."""
        who = accounts.names([self.by]).get(self.by, "Somebody")
        if self.kind == "platform":
            what, who = "every agent on this platform", "Platform staff"
        else:
            what = "every agent in this workspace" if self.kind == "workspace" else f"the {self.kind} {self.name}"
        return f"{who} paused {what} on {self.at:%Y-%m-%d at %H:%M} UTC: {self.reason}"


def rows(tool: str, agents: Collection[str]) -> QuerySet[Pause]:
    """Select the pauses of this workspace that stop a call of a tool by an agent, or by whom it acts for."""
    return Pause.objects.filter(
        Q(kind="workspace") | Q(kind="tool", name=tool) | Q(kind="agent", name__in=list(agents))
    )


def standing(tool: str, agent: str) -> Paused | None:
    """Return the widest pause that stops an agent from calling a tool now, or None."""
    fields = ("kind", "name", "reason", "by", "at")
    return widest([Paused(*row) for row in rows(tool, [agent]).values_list(*fields)])


def widest(found: list[Paused]) -> Paused | None:
    """Return the platform's pause where it stands, else the widest of those that were found."""
    if row := agenda.platform_pause():
        return Paused("platform", "", row.reason, row.by, row.at)
    return min(found, key=lambda one: KINDS.index(one.kind), default=None)


def listing() -> list[Paused]:
    """List every pause of this workspace, the newest first."""
    return [Paused(row.kind, row.name, row.reason, row.by, row.at) for row in Pause.objects.order_by("-at")]


def pause(*, by: int, kind: str, name: str, reason: str) -> None:
    """Switch a tool, an agent or the workspace off, from the next call on in every gate.

    name: empty for the workspace. Raises: Invalid (no such kind, no name, no reason), Conflict (it is off already).
    """
    reason = reason.strip()[:500]
    _check(kind, name, reason)
    with transaction.atomic():
        given: dict[str, Any] = {"reason": reason, "by": by, "at": clock.now()}
        row, new = Pause.objects.get_or_create(kind=kind, name=name, defaults=given)
        if not new:
            raise Conflict(
                _("This was paused already, on %(at)s.") % {"at": date_format(localtime(row.at), _("j M Y, H:i"))}
            )
        _note(by, "pause.set", kind, name, reason)


def resume(*, by: int, kind: str, name: str, reason: str) -> None:
    """Switch it on again. Raises: Invalid (no such kind, no reason), Conflict (it is on already)."""
    reason = reason.strip()[:500]
    _check(kind, name, reason)
    with transaction.atomic():
        gone, _kinds = Pause.objects.filter(kind=kind, name=name).delete()
        if not gone:
            raise Conflict(_("This is not paused any more."))
        _note(by, "pause.ended", kind, name, reason)


def _check(kind: str, name: str, reason: str) -> None:
    if kind not in KINDS[1:] or bool(name) != (kind != "workspace") or len(name) > 120:
        raise Invalid(_("Choose a tool, an agent or the workspace."))
    if not reason:
        raise Invalid(_("Say why. Whoever's run stops reads it."))


def _note(by: int, did: str, kind: str, name: str, reason: str) -> None:
    audit.record(by=by, did=did, to=f"{kind} {name}".strip(), reason=reason, workspace=tenancy.current())
