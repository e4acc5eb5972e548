"""Servers of tools (MCP) that a workspace added: add, look at, remove, and note what was found.

The web process writes what it wants done; the gate looks, by the fetch rules (`gate/looks.py`).
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Any
from urllib.parse import urlsplit

from django.conf import settings
from django.db import transaction
from django.utils.translation import gettext as _

from apps.accounts import tenancy
from apps.agenda import actions as agenda
from apps.lib import clock, ids
from apps.lib.errors import Conflict, Invalid, NotFound
from apps.observability import audit
from apps.policy import rules
from apps.policy.identity import credentials
from apps.policy.models import Credential, ToolServer, ToolSetting, ToolSignIn
from apps.policy.registry import schemas

KIND = "look"  # of a row of the outbox
MOST_SERVERS = 20
MOST_TOOLS = 64
MOST_WORDS = 4_000
AGAIN = timedelta(minutes=2)
_NAME = re.compile(r"[a-z][a-z0-9-]{1,29}\Z")
# Names stand in addresses of pages: no slash, no empty part.
_TOOL = re.compile(r"(?=.{1,64}\Z)[A-Za-z][A-Za-z0-9_-]*(\.[A-Za-z0-9_-]+)*\Z")


@dataclass(frozen=True, slots=True)
class ServerRow:
    """A server as the gate asks it. credential: the id of a stored secret, or empty.

    auth: none, bearer, or oauth: the credential holds the tokens of a sign-in; empty, somebody has to sign in.
    """

    id: str
    name: str
    url: str
    credential: str
    auth: str = "none"


def add(*, by: int, name: str, url: str, credential: str = "") -> str:
    """Add a server and ask the gate to look at it; return its id.

    credential: the id of a stored secret that is shown as a bearer token; empty where the server asks for none.
    Raises: Invalid (each with what to do), Conflict (the name is taken).
    """
    name, url = name.strip().lower(), url.strip()
    if not _NAME.match(name):
        raise Invalid(_("Use 2 to 30 small letters, digits or hyphens for the name, and begin with a letter."))
    demand_address(url)
    if credential and not Credential.objects.filter(pk=credential, kind="secret").exists():
        raise Invalid(_("There is no such credential. Store it on the page of credentials first."))
    with transaction.atomic():
        if ToolServer.objects.filter(name=name).exists():
            raise Conflict(_("A server called “%(name)s” is there already.") % {"name": name})
        if ToolServer.objects.count() >= MOST_SERVERS:
            raise Conflict(_("A workspace has at most %(n)s servers. Remove one first.") % {"n": MOST_SERVERS})
        row = ToolServer.objects.create(
            id=ids.new("srv"), name=name, url=url, auth="bearer" if credential else "none", credential=credential,
            added_by=by, added_at=clock.now(),
        )  # fmt: skip
        audit.record(by=by, did="tool_server.added", to=row.pk, reason=f"{name} {url}", workspace=tenancy.current())
        _ask(row)
    return row.pk


def demand_address(url: str) -> None:
    """Raise Invalid unless a server may be at this address: https, or a loopback address that settings name."""
    try:
        parts = urlsplit(url)
        host, _port = parts.hostname or "", parts.port
    except ValueError as error:
        raise Invalid(_("This is not an address. It begins with https://.")) from error
    if not parts.scheme or parts.scheme in {"stdio", "file"} or not parts.netloc:
        raise Invalid(_("Give the address of a server that answers over https. A program that is started here (stdio) "
                        "is not taken: it would run beside other workspaces."))  # fmt: skip
    if len(url) > 500 or not url.isprintable() or " " in url or not host:
        raise Invalid(_("This is not an address. It begins with https://."))
    if parts.username is not None or parts.password is not None:
        raise Invalid(_("Leave user and password out of the address: store the secret as a credential."))
    if parts.fragment:
        raise Invalid(_("Leave the part behind # out of the address."))
    if parts.scheme != "https" and parts.netloc not in settings.MCP_LOOPBACK_HOSTS:
        raise Invalid(_("Only addresses that begin with https:// are taken."))


def look_again(*, by: int, id: str) -> None:
    """Ask the gate to look at a server; while it is asked already, nothing changes. Raises NotFound."""
    with transaction.atomic():
        row = _locked(id)
        if is_asked(row.asked_at, row.looked_at):
            return
        _ask(row)
        audit.record(by=by, did="tool_server.look_asked", to=row.pk, reason=row.name, workspace=tenancy.current())


def is_asked(asked_at: Any, looked_at: Any) -> bool:
    """Tell whether the gate was asked to look and has not answered yet, for the time that this takes at most."""
    if asked_at is None or (looked_at is not None and looked_at >= asked_at):
        return False
    return bool(clock.now() - asked_at < AGAIN)


def remove(*, by: int, id: str) -> None:
    """Remove a server; its tools can't be called from the next call on. Raises NotFound."""
    with transaction.atomic():
        row = _locked(id)
        own = ToolSetting.objects.filter(name__startswith=f"{row.name}.")
        enabled = list(own.filter(enabled=True).values_list("name", flat=True))
        own.delete()
        ToolSignIn.objects.filter(server=id).only("pk").delete()
        credentials.erase_sign_in(row.credential)
        row.delete()
        audit.record(
            by=by, did="tool_server.removed", to=id, workspace=tenancy.current(),
            reason=f"{row.name} {row.url}; enabled: {', '.join(enabled) or 'none'}",
        )  # fmt: skip


def _locked(id: str) -> ToolServer:
    row = ToolServer.objects.select_for_update().filter(pk=id).first()
    if row is None:
        raise NotFound(_("There is no such server."))
    return row


def _ask(row: ToolServer) -> None:
    row.asked_at = clock.now()
    row.save(update_fields=["asked_at"])
    agenda.post(kind=KIND, key=ids.new("look"), payload={"server": row.pk}, workspace=tenancy.current())


# --- What the gate asks and notes ------------------------------------------------------------------------------


def find(*, id: str = "", name: str = "") -> ServerRow | None:
    """Return a server by id or by name, or None."""
    rows = ToolServer.objects.filter(pk=id) if id else ToolServer.objects.filter(name=name)
    row = rows.values_list("id", "name", "url", "credential", "auth").first()
    return ServerRow(*row) if row else None


def note_offer(*, id: str, protocol_version: str, tools: Sequence[Mapping[str, Any]]) -> None:
    """Keep what a server offers now: each tool's name, description, input and output; nothing is enabled by it."""
    offered: dict[str, Any] = {}
    left_out: list[str] = []
    for tool in tools:
        problem = _problem(tool) or ("It stands twice." if tool["name"] in offered else "")
        if not problem and len(offered) == MOST_TOOLS:
            problem = f"A server may have {MOST_TOOLS} tools here."
        if problem:
            left_out.append(f"{tool['name'][:64]}: {problem}"[:300])
        else:
            offered[tool["name"]] = _entry(tool)
    ToolServer.objects.filter(pk=id).update(
        tools={"offered": offered, "left_out": left_out[:MOST_TOOLS]}, error="", looked_at=clock.now(),
        protocol_version=protocol_version[:20],
    )  # fmt: skip
    # What answers without having been shown anything asks for no sign-in any more.
    ToolServer.objects.filter(pk=id, auth="oauth", credential="").update(auth="none", issuer="")


def _settled(value: Any) -> Any:
    """Return JSON as the database gives it back: a whole number is no fraction, or its hash would differ."""
    if isinstance(value, dict):
        return {key: _settled(each) for key, each in value.items()}
    if isinstance(value, list):
        return [_settled(each) for each in value]
    return int(value) if isinstance(value, float) and value.is_integer() else value


def _entry(tool: Mapping[str, Any]) -> dict[str, Any]:
    definition = _settled(dict(tool))
    return {"hash": rules.digest(definition), "definition": definition}


def _problem(tool: Mapping[str, Any]) -> str:
    if not _TOOL.match(tool["name"]):
        return "Its name has characters that are not taken."
    if len(tool["description"]) > MOST_WORDS:
        return f"Its description has more than {MOST_WORDS} characters."
    for side in ("input", "output"):
        if tool[side] is None and side == "output":
            continue
        try:
            schemas.demand(tool[side])
        except schemas.BadSchema as error:
            return f"{side}{error.place[:120]}: {error.sentence}"
    return ""


def note_trouble(*, id: str, sentence: str) -> None:
    """Keep that a look at a server brought nothing; what was offered before stays."""
    ToolServer.objects.filter(pk=id).update(error=sentence[:500], looked_at=clock.now())


def note_sign_in(*, id: str, issuer: str) -> None:
    """Keep that a server asks somebody to sign in, and who would sign them in."""
    ToolServer.objects.filter(pk=id, credential="").update(
        auth="oauth", issuer=issuer[:500], error="", looked_at=clock.now()
    )  # fmt: skip


def note_change(*, name: str, tool: str, now: Mapping[str, Any] | None) -> None:
    """Keep what a server offers under a tool's name since it was approved; None where it offers nothing."""
    with transaction.atomic():
        row = ToolServer.objects.select_for_update().filter(name=name).first()
        if row is None:
            return
        offered = dict(row.tools.get("offered", {}))
        offered.pop(tool, None)
        if now is not None and not _problem(now):
            offered[tool] = _entry(now)
        row.tools = {**row.tools, "offered": offered}
        row.save(update_fields=["tools"])
