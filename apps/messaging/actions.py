"""Tell people, mark what they read, keep what they want."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from dataclasses import asdict
from datetime import datetime

from django.db import transaction
from django.utils.translation import gettext as _

from apps.accounts import queries as accounts
from apps.accounts import tenancy
from apps.accounts.actions.contents import Part, as_json
from apps.accounts.queries import Member
from apps.agenda import actions as agenda
from apps.lib import clock
from apps.lib.errors import NotFound
from apps.messaging import queries, rules
from apps.messaging.models import Notice, Preference
from apps.observability import audit


def tell(
    *, by: int | None, workspace: str, people: Iterable[int], kind: str, run: str, approval: str = "",
    at: datetime, expires_at: datetime | None = None, mark: int = 0, monitor: str = "",
    ways: Collection[str] = rules.CHANNELS,
) -> None:  # fmt: skip
    """Tell people of one thing, each by the ways they want, inside the transaction of what happened.

    by: who caused it (they are not told of what they did themselves). expires_at: until when a mail's link is good.
    mark: how much of a budget or of the month's credits is taken, in per cent; of retention, the days to come.
    monitor: what a notice of a monitor is about. ways: the channels it may take at all.
    """
    for person in dict.fromkeys(people):
        if person == by:
            continue
        said = _said(workspace, person)
        notice = Notice.objects.create(
            workspace=workspace, person=person, kind=kind, run=run, approval=approval, by=by, mark=mark,
            created_at=at,
            # Who wants no notice on the page has none to read; the row still says that they were told by mail.
            read_at=None if "page" in ways and rules.wants(kind, "page", said) else at,
        )  # fmt: skip
        if "mail" in ways and rules.wants(kind, "mail", said):
            agenda.post(
                kind="mail", key=f"notice:{notice.pk}", workspace=workspace, person=person,
                payload={
                    "kind": kind, "run": run, "approval": approval, "by": by, "mark": mark,
                    "monitor": monitor, "expires_at": expires_at.isoformat() if expires_at else "",
                },
            )  # fmt: skip


def _said(workspace: str, person: int) -> dict[tuple[str, str], bool]:
    rows = Preference.objects.filter(workspace=workspace, person=person)
    return {(row.kind, row.channel): row.wanted for row in rows}


def mark_read(*, by: int, workspace: str, notice: int | None = None) -> int:
    """Mark one notice of a person, or all of them, as read; return how many were not."""
    rows = Notice.objects.filter(workspace=workspace, person=by, read_at=None)
    rows = rows if notice is None else rows.filter(pk=notice)
    return rows.update(read_at=clock.now())


def prefer(*, by: int, workspace: str, wanted: Mapping[tuple[str, str], bool]) -> None:
    """Keep which kinds a person wants by which channel; wanted: an answer for each (kind, channel)."""
    with transaction.atomic():
        for (kind, channel), answer in wanted.items():
            Preference.objects.update_or_create(
                workspace=workspace, person=by, kind=kind, channel=channel, defaults={"wanted": answer}
            )  # fmt: skip


def archive_parts(*, member: Member, own: bool) -> list[Part]:
    """Return what belongs into a copy to take away: what a person was told, and what they want to be told."""
    return [Part("notices.json", lambda: _told(member))] if own else []


def _told(member: Member) -> bytes:
    rows = Notice.objects.filter(workspace=member.schema, person=member.person).order_by("created_at")
    told = list(rows.values("kind", "run", "approval", "mark", "created_at", "read_at"))
    return as_json({"notices": told, "wanted": [asdict(row) for row in queries.preferences(member)]})


def forget(*, person: int, email: str) -> None:
    """Erase what a person was told and wanted to be told, and every mail to them. The platform's role is on."""
    for model in (Notice, Preference):
        model.objects.filter(person=person).delete()
    agenda.forget_addressee(person=person, email=email)


def open_runs(*, by: int, slug: str, reason: str) -> list[queries.StaffRun]:
    """Return the newest runs of a workspace for a member of staff, and keep that they looked and why.

    Works with the platform's role. Raises NotFound.
    """
    space = accounts.workspace_of_slug(slug)
    if space is None:
        raise NotFound(_("There is no such workspace."))
    with transaction.atomic():
        audit.record(by=by, did="staff.opened_runs", to=space.slug, reason=reason, workspace=space.schema)
    with tenancy.in_workspace(space.schema):
        return queries.staff_runs()
