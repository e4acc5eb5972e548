"""Secrets by reference: whoever puts one in can't read it again, and only the gate opens it, for the tools it is for.

Envelope: a key of its own seals each version of a secret; that key is wrapped with the public half of a master key
whose private half only the gate has (HPKE). Both are bound to workspace, credential and version.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from django.db import transaction
from django.db.models import QuerySet

from apps.accounts import tenancy
from apps.lib import clock, ids, sealing
from apps.lib.errors import Conflict, Forbidden, Invalid, NotFound
from apps.observability import audit
from apps.policy.identity import keys
from apps.policy.models import Credential

# A tool by its name, or all tools of a server: `web_search`, `tickets.list`, `tickets.*`.
TOOL = re.compile(r"[a-z0-9][a-z0-9_-]*(\.([\w-]+|\*))*", re.ASCII)
LONGEST_SECRET, LONGEST_SIGN_IN, LONGEST_NAME, MOST_TOOLS = 8_000, 60_000, 80, 50
READABLE = ("id", "name", "version", "tools", "by", "at", "rotated_at", "last_used_at")


class NotForTool(Forbidden):
    """This credential is not for this tool."""

    code = "credential"


@dataclass(frozen=True, slots=True)
class Reference:
    """What everybody may know of a credential."""

    id: str
    name: str
    version: int
    tools: tuple[str, ...]
    by: int
    at: datetime
    rotated_at: datetime | None
    last_used_at: datetime | None


def listed() -> list[Reference]:
    """List the credentials of this workspace by name, without their secrets."""
    return [
        Reference(**{**row, "tools": tuple(row["tools"])})
        for row in _typed().order_by("name", "pk").values(*READABLE)
    ]  # fmt: skip


def add(*, by: int, name: str, secret: str, tools: Sequence[str], reason: str = "") -> str:
    """Seal a secret and return the id by which it is known from now on. Raises Invalid, Conflict."""
    name, tools = _tidy_name(name), _tidy_tools(tools)
    id = ids.new("cred")
    with transaction.atomic():
        if _typed().filter(name=name).exists():
            raise Conflict(f"There is a credential called “{name}” already.")
        Credential.objects.create(id=id, name=name, tools=tools, by=by, at=clock.now(), **_sealed(id, 1, secret))
        _note(by, "credential.added", id, reason or ", ".join(tools))
    return id


def rotate(*, by: int, credential: str, secret: str, reason: str = "") -> int:
    """Put a new secret in the place of the old one, which is gone; return the new version. Raises Invalid, NotFound."""
    with transaction.atomic():
        before = _version(credential)
        version = before + 1
        changed = (
            _typed()
            .filter(pk=credential, version=before)
            .update(version=version, rotated_at=clock.now(), **_sealed(credential, version, secret))
        )
        if not changed:
            raise Conflict("Somebody else has changed this credential at this moment. Look at it again.")
        _note(by, "credential.rotated", credential, reason)
    return version


def allow(*, by: int, credential: str, tools: Sequence[str], reason: str = "") -> None:
    """Set for which tools a credential may be opened. Raises Invalid, NotFound."""
    tools = _tidy_tools(tools)
    with transaction.atomic():
        if not _typed().filter(pk=credential).update(tools=tools):
            raise NotFound("There is no such credential.")
        _note(by, "credential.allowed", credential, reason or ", ".join(tools))


def delete(*, by: int, credential: str, reason: str = "") -> None:
    """Erase a credential with its secret; a tool that names it is refused from the next call on. Raises NotFound."""
    with transaction.atomic():
        # Its id alone is looked at: more than that this role may not read.
        if not _typed().filter(pk=credential).only("pk").delete()[0]:
            raise NotFound("There is no such credential.")
        _note(by, "credential.deleted", credential, reason)


def open_for(*, tool: str, credential: str) -> str:
    """Open a secret for one call of a tool, in the gate. Raises NotFound, NotForTool, BadSeal."""
    row = Credential.objects.filter(pk=credential).first()
    if row is None:
        raise NotFound("The credential that this tool names is gone.")
    if not any(_covers(each, tool) for each in row.tools):
        raise NotForTool(f"The credential “{row.name}” is not for {tool}.")
    secret = _opened(row)
    Credential.objects.filter(pk=row.pk).update(last_used_at=clock.now())
    return secret


def _opened(row: Credential) -> str:
    about = _about(row.pk, row.version)
    key = sealing.unwrap(bytes(row.wrapped), private=keys.master(row.master), about=about)
    return sealing.unseal(bytes(row.sealed), key=key, about=about).decode()


# --- Tokens of a sign-in: the gate is given them and renews them; no page shows or changes them -----------------


def keep_sign_in(*, by: int, server: str, secret: str) -> str:
    """Seal the tokens of a sign-in at a server, in the gate; return the id. Raises Invalid."""
    id = ids.new("cred")
    sealed = _sealed(id, 1, secret, LONGEST_SIGN_IN)
    Credential.objects.create(
        id=id, kind="sign_in", name=server, tools=[f"{server}.*"], by=by, at=clock.now(), **sealed
    )  # fmt: skip
    return id


def hold_sign_in(credential: str) -> bool:
    """Keep others from a sign-in until this transaction ends; False where it is gone."""
    rows = Credential.objects.select_for_update().filter(pk=credential, kind="sign_in")
    return rows.values_list("pk", flat=True).first() is not None


def renew_sign_in(*, credential: str, secret: str) -> None:
    """Put new tokens in the place of the old ones, in the gate, inside the transaction that holds the sign-in."""
    version = 1 + Credential.objects.values_list("version", flat=True).get(pk=credential)
    Credential.objects.filter(pk=credential).update(
        version=version, rotated_at=clock.now(), **_sealed(credential, version, secret, LONGEST_SIGN_IN)
    )


def erase_sign_in(credential: str) -> None:
    """Erase the tokens of a sign-in; a server's other credentials stay."""
    Credential.objects.filter(pk=credential, kind="sign_in").only("pk").delete()


def sign_ins_of(person: int) -> list[str]:
    """List the credentials that hold tokens of a person's sign-ins, those that have ended left out."""
    rows = Credential.objects.filter(kind="sign_in", by=person).exclude(tools=[])
    return list(rows.values_list("pk", flat=True))


def end_sign_in(credential: str) -> None:
    """Keep the tokens of a sign-in from any further call; the gate gives them back, then erases them."""
    Credential.objects.filter(pk=credential, kind="sign_in").update(tools=[], rotated_at=clock.now())


def open_ended(credential: str) -> str | None:
    """Open the tokens of a sign-in that has ended, in the gate, to give them back; None where they are gone."""
    row = Credential.objects.filter(pk=credential, kind="sign_in", tools=[]).first()
    return _opened(row) if row else None


def erase_ended(*, before: datetime) -> int:
    """Erase the tokens of sign-ins that ended before a moment and that nobody could give back; return how many."""
    return Credential.objects.filter(kind="sign_in", tools=[], rotated_at__lt=before).only("pk").delete()[0]


def _typed() -> QuerySet[Credential]:
    return Credential.objects.filter(kind="secret")


def rewrap() -> int:
    """Wrap every key of this workspace anew under the first master key, in the gate; return how many were behind.

    Safe to repeat, and while others rotate or open: what moved on meanwhile is left to the next time.
    """
    first, done = keys.masters()[0], 0
    for row in Credential.objects.exclude(master=sealing.name_of(sealing.public_of(first))):
        about = _about(row.pk, row.version)
        key = sealing.unwrap(bytes(row.wrapped), private=keys.master(row.master), about=about)
        public = sealing.public_of(first)
        done += Credential.objects.filter(pk=row.pk, wrapped=row.wrapped).update(
            wrapped=sealing.wrap(key, public=public, about=about), master=sealing.name_of(public)
        )
    return done


def _sealed(id: str, version: int, secret: str, longest: int = LONGEST_SECRET) -> dict[str, object]:
    if not secret.strip() or len(secret) > longest:
        raise Invalid(f"A secret has 1 to {longest} characters.")
    public, key, about = keys.sealing_key(), sealing.new_key(), _about(id, version)
    return {
        "master": sealing.name_of(public), "wrapped": sealing.wrap(key, public=public, about=about),
        "sealed": sealing.seal(secret.encode(), key=key, about=about),
    }  # fmt: skip


def _about(id: str, version: int) -> bytes:
    return f"{tenancy.current()}|{id}|{version}".encode()


def _covers(allowed: str, tool: str) -> bool:
    """Whether an entry of the list is this tool, or the server that it belongs to."""
    server = allowed.removesuffix(".*")
    return tool == allowed or (server != allowed and (tool == server or tool.startswith(f"{server}.")))


def _version(credential: str) -> int:
    found = _typed().filter(pk=credential).values_list("version", flat=True).first()
    if found is None:
        raise NotFound("There is no such credential.")
    return found


def _tidy_name(name: str) -> str:
    name = " ".join(name.split())
    if not name or len(name) > LONGEST_NAME or not name.isprintable():
        raise Invalid(f"A credential's name has 1 to {LONGEST_NAME} printable characters.")
    return name


def _tidy_tools(tools: Sequence[str]) -> list[str]:
    found = sorted(set(tools))
    if not found or len(found) > MOST_TOOLS:
        raise Invalid(f"Name 1 to {MOST_TOOLS} tools that this credential is for.")
    for each in found:
        if len(each) > 120 or not TOOL.fullmatch(each):
            raise Invalid(f"“{each[:60]}” is not the name of a tool, such as “web_search” or “tickets.*”.")
    return found


def _note(by: int, did: str, credential: str, reason: str) -> None:
    audit.record(workspace=tenancy.current(), by=by, did=did, to=credential, reason=reason)
