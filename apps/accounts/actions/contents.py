"""What accounts puts into a copy to take away: the person, the workspace, its people, its record."""

from __future__ import annotations

import json
import zipfile
from collections.abc import Callable, Iterator
from dataclasses import asdict, dataclass
from typing import Any

from allauth.account.models import EmailAddress
from allauth.mfa.models import Authenticator
from allauth.socialaccount.models import SocialAccount
from django.utils.translation import gettext as _

from apps.accounts import queries, tenancy
from apps.accounts.actions import record
from apps.accounts.models import Invitation, Membership, SignIn, User
from apps.accounts.queries import Member
from apps.lib import clock
from apps.lib.errors import NotFound
from apps.observability.queries import Wanted

FORMAT = "footnote-archive/1"
# Stands behind the name of what could not be written, in a file that says why.
MISSING = ".missing.txt"


@dataclass(frozen=True, slots=True)
class Part:
    """One file of an archive. make: gives its bytes, in the workspace it belongs to; a ProductError is noted there."""

    path: str
    make: Callable[[], bytes]


def as_json(value: Any) -> bytes:
    """Return a value as indented UTF-8 JSON; times by ISO 8601."""
    return (json.dumps(value, ensure_ascii=False, indent=2, default=str) + "\n").encode(errors="replace")


def as_lines(rows: Iterator[Any] | list[Any]) -> bytes:
    """Return values as UTF-8 JSON lines."""
    return "".join(json.dumps(row, ensure_ascii=False, default=str) + "\n" for row in rows).encode(errors="replace")


def readme(about: str) -> Part:
    """Return the file that says what the others are."""
    text = _(
        "A copy of %(about)s, made by Footnote at %(at)s (UTC), in the format %(format)s.\n\n"
        "manifest.json lists every file with its size and its CRC-32. Times are UTC, by ISO 8601. Text is UTF-8. A "
        "file that ends in .missing.txt says why the one before that ending could not be written; everything else is "
        "complete. The format is described in Footnote's documentation, under “Export”."
    ) % {"about": about, "at": clock.now().isoformat(timespec="minutes"), "format": FORMAT}  # fmt: skip
    return Part("README.txt", (text + "\n").encode)


def manifest(file: zipfile.ZipFile) -> dict[str, Any]:
    """Return the list of what stands in an archive."""
    files = [{"path": row.filename, "bytes": row.file_size, "crc32": f"{row.CRC:08x}"} for row in file.infolist()]
    return {"format": FORMAT, "made_at": clock.now(), "files": files}


def account(person: int) -> bytes:
    """Return everything that accounts knows about a person. Raises NotFound."""
    with tenancy.as_platform("a person takes what is theirs"):
        user = User.objects.filter(pk=person).first()
        if user is None:
            raise NotFound("There is no such person.")
        told = {
            "format": FORMAT, "id": user.pk, "email": user.email, "name": user.name, "language": user.language,
            "theme": user.theme, "joined_at": user.date_joined, "last_sign_in_at": user.last_login,
            "leaves_at": user.leaves_at,
            "addresses": _rows(EmailAddress, user, "email", "verified", "primary"),
            "second_factors": _rows(Authenticator, user, "type", "created_at", "last_used_at"),
            "accounts_elsewhere": _rows(SocialAccount, user, "provider", "uid", "date_joined"),
            "sign_ins": list(_sign_ins(user)), "workspaces": list(_places(user)),
            "invitations_sent": list(Invitation.objects.filter(invited_by=user).values(
                "workspace__name", "email", "role", "created_at", "accepted_at", "revoked_at")),
        }  # fmt: skip
    return as_json(told)


def _rows(model: Any, user: User, *names: str) -> list[dict[str, Any]]:
    return list(model.objects.filter(user=user).values(*names))


def _sign_ins(user: User) -> Iterator[dict[str, Any]]:
    rows = SignIn.objects.filter(user=user).order_by("created_at")
    yield from map(dict, rows.values("address", "agent", "created_at", "seen_at", "ended_at", "workspace__name"))


def _places(user: User) -> Iterator[dict[str, Any]]:
    rows = Membership.objects.filter(user=user).order_by("created_at")
    names = ("workspace__name", "workspace__slug", "role", "created_at", "workspace__closed_at")
    yield from map(dict, rows.values(*names))


def of_workspace(member: Member, *, own: bool) -> list[Part]:
    """Return what accounts knows of a workspace; own: only what this member did there."""
    wanted = Wanted(person=member.person) if own else Wanted()
    parts = [Part("record.jsonl", lambda: "".join(record.whole(member, wanted)).encode(errors="replace"))]
    return parts if own else [Part("workspace.json", lambda: _workspace(member)), *parts]


def _workspace(member: Member) -> bytes:
    setup = queries.settings_of(member.schema)
    people = [{"id": row.person, "name": row.name, "email": row.email, "role": row.role}
              for row in queries.members_of(member.schema)]  # fmt: skip
    return as_json({
        "format": FORMAT, "name": setup.name, "address": setup.slug, "language": setup.language,
        "created_at": setup.created_at, "retention_days": setup.retention_days,
        "fallback_approver": setup.fallback_approver, "people": people,
        "teams": [asdict(row) for row in queries.teams_of(member.schema)],
        "invitations": [asdict(row) for row in queries.invitations_of(member.schema)],
    })  # fmt: skip
