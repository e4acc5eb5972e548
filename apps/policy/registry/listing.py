"""The tools of a workspace as a page shows them: what is offered today beside what was approved."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass, replace
from datetime import date, datetime
from typing import Any

from apps.accounts import tenancy
from apps.billing import entitlements
from apps.lib import clock
from apps.policy.models import ToolServer, ToolSetting, ToolSignIn
from apps.policy.registry import catalogue, definitions, servers
from apps.policy.registry.definitions import Tool


@dataclass(frozen=True, slots=True)
class Listed:
    """A tool. state: enabled, disabled, changed, gone (nobody offers it), plan, refused (deprecated) or declared.

    approved: the definition that was approved, where today's is another; by: who did, None for Footnote.
    """

    tool: Tool
    state: str
    approved: Mapping[str, Any] | None
    by: int | None
    at: datetime | None
    enabled: bool


@dataclass(frozen=True, slots=True)
class ListedServer:
    """A server with its tools. asked: the gate was asked to look and has not answered yet.

    auth: none, bearer, oauth; with oauth and no credential somebody has to sign in, at issuer. begun: somebody began.
    """

    id: str
    name: str
    url: str
    protocol_version: str
    credential: str
    error: str
    looked_at: datetime | None
    asked: bool
    tools: tuple[Listed, ...]
    left_out: tuple[str, ...]
    auth: str = "none"
    issuer: str = ""
    begun: bool = False

    @property
    def asks(self) -> bool:
        """Whether it asks somebody to sign in."""
        return self.auth == "oauth" and not self.credential

    @property
    def signed_in(self) -> bool:
        """Whether somebody signed in."""
        return self.auth == "oauth" and bool(self.credential)


def shipped(*, today: date) -> list[Listed]:
    """List the tools that Footnote ships, in the order of their file."""
    pinned = ToolSetting.objects.in_bulk(list(catalogue.tools()))
    plan = entitlements.of(tenancy.current())
    rows = [_listed(tool, pinned.get(tool.name), today) for tool in catalogue.tools().values()]
    return [
        row if row.state == "declared" or plan.includes(row.tool.name, row.tool.plans) else replace(row, state="plan")
        for row in rows
    ]


def of_servers(*, today: date) -> list[ListedServer]:
    """List the servers that the workspace added, by name, with what each offers and what of it was approved."""
    pinned: dict[str, dict[str, ToolSetting]] = {}
    for setting in ToolSetting.objects.filter(name__contains=".").order_by("name"):
        pinned.setdefault(setting.name.partition(".")[0], {})[setting.name] = setting
    begun = frozenset(ToolSignIn.objects.values_list("server", flat=True))
    return [_server(row, pinned.get(row.name, {}), today, begun) for row in ToolServer.objects.order_by("name")]


def server(id: str) -> ListedServer | None:
    """Return one server, or None."""
    row = ToolServer.objects.filter(pk=id).first()
    return _server(row, {}, clock.now().date()) if row else None


def _server(
    row: ToolServer, pinned: Mapping[str, ToolSetting], today: date, begun: Collection[str] = ()
) -> ListedServer:  # fmt: skip
    offered = [
        definitions.of_server(row.name, each["definition"]) for each in row.tools.get("offered", {}).values()
    ]  # fmt: skip
    tools = [_listed(tool, pinned.get(tool.name), today) for tool in sorted(offered, key=lambda tool: tool.name)]
    known = {tool.name for tool in offered}
    for name, setting in pinned.items():
        if name not in known:
            tool = definitions.of_server(row.name, setting.definition)
            tools.append(Listed(tool, "gone", None, setting.by, setting.at, setting.enabled))
    return ListedServer(
        row.pk, row.name, row.url, row.protocol_version, row.credential, row.error, row.looked_at,
        servers.is_asked(row.asked_at, row.looked_at), tuple(tools), tuple(row.tools.get("left_out", ())),
        row.auth, row.issuer, row.pk in begun,
    )  # fmt: skip


def _listed(tool: Tool, setting: ToolSetting | None, today: date) -> Listed:
    if setting is None:
        return Listed(tool, "declared" if tool.declared else "disabled", None, None, None, False)
    changed = setting.definition_hash != tool.hash
    return Listed(
        tool, _state(tool, setting, changed, today), setting.definition if changed else None, setting.by, setting.at,
        setting.enabled,
    )  # fmt: skip


def _state(tool: Tool, setting: ToolSetting, changed: bool, today: date) -> str:
    going = tool.deprecated
    if tool.declared:
        return "declared"
    if going and going.refuse_after and today > going.refuse_after:
        return "refused"
    if setting.enabled:
        return "changed" if changed else "enabled"
    return "disabled"
