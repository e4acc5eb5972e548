"""Who a run is shown to, and the links to its report."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.utils.translation import gettext as _

from apps.accounts import queries as accounts
from apps.lib import clock
from apps.lib.errors import NotFound
from apps.memory import queries as memory
from apps.research.models import Inquiry, Report, ShareLink


@dataclass(frozen=True, slots=True)
class About:
    """What the small pages of a run say of it."""

    public_id: str
    question: str
    published: bool
    links: int
    facts: int


@dataclass(frozen=True, slots=True)
class LinkRow:
    id: str
    address: str
    by: str
    created_at: datetime
    expires_at: datetime


def about(run: str) -> About:
    """Return what withdrawing or sharing a run's report would touch. Raises NotFound."""
    row = Inquiry.objects.filter(pk=run).first()
    if row is None:
        raise NotFound(_("There is no such run."))
    published = Report.objects.filter(run=run, state="published").exists()
    return About(run, row.question, published, _live(run).count(), memory.count_facts(run=run))


def sight(run: str) -> dict[str, Any]:
    """Return who may see a run, as a form's first values. Raises NotFound."""
    row = Inquiry.objects.filter(pk=run).first()
    if row is None:
        raise NotFound(_("There is no such run."))
    return {"visibility": row.visibility, "team": row.team, "named": row.named}


def links(run: str, *, address: Callable[[str], str]) -> tuple[LinkRow, ...]:
    """List the links of a run that still work, the newest first."""
    rows = list(_live(run).order_by("-created_at"))
    people = accounts.names(row.created_by for row in rows)
    return tuple(
        LinkRow(row.pk, address(row.pk), people.get(row.created_by, ""), row.created_at, row.expires_at) for row in rows
    )


def _live(run: str) -> Any:
    return ShareLink.objects.filter(run=run, revoked_at=None, expires_at__gt=clock.now())
