"""Which tools a workspace lets its agents use, each pinned to the definition that somebody approved.

A definition that changed afterwards is refused until it is approved again: by a person, or, where nobody but Footnote
enabled the tool, by the release that changed it (`manage.py prepare`).
"""

from __future__ import annotations

import logging
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db import transaction
from django.utils.translation import gettext as _

from apps.accounts import tenancy
from apps.billing import entitlements
from apps.lib import clock
from apps.lib.errors import Conflict, Invalid, NotFound, Unavailable
from apps.observability import audit
from apps.policy.models import ToolServer, ToolSetting
from apps.policy.registry import catalogue, definitions
from apps.policy.registry.definitions import Tool
from apps.policy.statements import Setting

log = logging.getLogger(__name__)


class TooOften(Unavailable):
    """A tool was called as often as the workspace may call it for now; the step waits and asks again."""

    code = "rate_limit"


@dataclass(frozen=True, slots=True)
class Refusal:
    """Why a call is not made. `again`: the same call may be made later."""

    outcome: str
    sentence: str
    again: bool = False


# --- What the gate asks ----------------------------------------------------------------------------------------


def resolve(name: str) -> Tool | None:
    """Return a tool by name: a shipped one, or one of a server as this workspace approved it."""
    server, dot, _own = name.partition(".")
    if not dot:
        return catalogue.resolve(name)
    pinned = ToolSetting.objects.filter(name=name).values_list("definition", flat=True).first()
    return definitions.of_server(server, pinned) if pinned else None


def refusal(tool: Tool | None, *, name: str, at: datetime, now: Setting | None) -> Refusal | None:
    """Say why a tool may not be called in this workspace, or None. now: its row there, as `standing.read` found it.

    The ledger counts: the call's own intent row is written, so that calls made at once count one another. At the
    limit two of them may both be refused; more than the limit are never made.
    """
    if tool is None:
        return Refusal("unregistered", f"{name[:120]} is not a registered tool, or nobody here has enabled it.")
    if tool.declared:
        return Refusal("declared", f"{tool.name} can't be called: {tool.declared}")
    if tool.plans is not None and not (plan := entitlements.of(tenancy.current())).includes(tool.name, tool.plans):
        return Refusal("plan", f"The plan {plan.plan} does not include {tool.name}: "
                               f"{' or '.join(sorted(tool.plans))} does.")  # fmt: skip
    if past := _past(tool, at):
        return past
    if now is None or not now.enabled:
        return Refusal("disabled", f"{tool.name} is not enabled in this workspace.")
    if now.pinned != (now.offered if tool.server else tool.hash):
        return Refusal("changed", f"{tool.name} is not what was approved any more. Somebody who may change the "
                                  "settings has to look at the change and approve it.")  # fmt: skip
    if tool.rate and now.recent > tool.rate.calls:
        return Refusal("rate_limit", f"{tool.name} may be called {tool.rate.calls} times in {tool.rate.seconds} s by "
                                     "a workspace; this one has.", again=True)  # fmt: skip
    return None


def _past(tool: Tool, at: datetime) -> Refusal | None:
    going = tool.deprecated
    if going is None or at.date() < going.since:
        return None
    instead = f" Use {going.use}." if going.use else ""
    if going.refuse_after and at.date() > going.refuse_after:
        return Refusal("deprecated", f"{tool.name} is refused since {going.refuse_after.isoformat()}.{instead}")
    until = f" until {going.refuse_after.isoformat()}" if going.refuse_after else ""
    log.warning("%s is deprecated since %s and answers%s.%s", tool.name, going.since.isoformat(), until, instead)
    return None


def counted_from(tool: Tool | None, at: datetime) -> datetime | None:
    """Return from when a tool's calls count against its rate limit; None where it has none."""
    return at - timedelta(seconds=tool.rate.seconds) if tool and tool.rate else None


# --- What a release does ---------------------------------------------------------------------------------------


def begin(*, schema: str, by: int) -> None:
    """Give a new workspace the tools that are enabled from the start. Runs in the transaction that makes it."""
    with tenancy.in_workspace(schema):
        pin_shipped()


def prepare(*, schema: str) -> int:
    """Pin the shipped tools of one workspace to this release's definitions; return how many had changed."""
    with tenancy.in_workspace(schema), transaction.atomic():
        return pin_shipped()


def pin_shipped() -> int:
    """Pin what nobody but Footnote enabled to its definition today, and add what is new; return how many changed.

    What a person enabled stays as they approved it.
    """
    rows = ToolSetting.objects.select_for_update().in_bulk(list(catalogue.tools()))
    changed, new = 0, []
    for tool in catalogue.tools().values():
        row = rows.get(tool.name)
        if row is None:
            enabled = tool.enabled_by_default and not tool.declared
            new.append(_pin(ToolSetting(name=tool.name, enabled=enabled), tool, by=None))
        elif row.by is None and row.definition_hash != tool.hash:
            before = row.definition_hash
            _pin(row, tool, by=None).save()
            _audit(None, "tool.pinned", tool, f"by a release: {before[:12]} → {tool.hash[:12]}")
            changed += 1
    ToolSetting.objects.bulk_create(new)
    return changed


# --- What a person does ----------------------------------------------------------------------------------------


def enable(*, by: int, name: str, seen: str, reason: str = "") -> None:
    """Let agents use a tool, as its definition is now; `seen` is the hash of the one that the person looked at.

    Raises: NotFound, Conflict (another definition than was seen), Invalid (it can't be called at all).
    """
    with transaction.atomic():
        row, tool = _locked(name)
        _demand_seen(tool, seen)
        if tool.declared:
            raise Invalid(_("This tool can't be enabled: %(why)s") % {"why": tool.declared})
        if row.enabled and row.definition_hash == tool.hash:
            return
        news = row.definition_hash != tool.hash
        row.enabled = True
        _pin(row, tool, by=by).save()
        _audit(by, "tool.enabled", tool, reason or (f"definition {tool.hash[:12]}" if news else ""))


def approve(*, by: int, name: str, seen: str, reason: str = "") -> None:
    """Approve a tool's changed definition; whether it is enabled stays as it is. Raises: NotFound, Conflict."""
    with transaction.atomic():
        row, tool = _locked(name)
        _demand_seen(tool, seen)
        if row.definition_hash == tool.hash:
            return
        before = row.definition_hash
        _pin(row, tool, by=by).save()
        _audit(by, "tool.approved", tool, f"{before[:12]} → {tool.hash[:12]} {reason}".strip())


def disable(*, by: int, name: str, reason: str = "") -> None:
    """Keep agents from using a tool, from their next call on. Raises NotFound."""
    with transaction.atomic():
        row = ToolSetting.objects.select_for_update().filter(name=name).first()
        if row is None:
            raise NotFound(_("There is no such tool."))
        if not row.enabled:
            return
        row.enabled, row.by, row.at = False, by, clock.now()
        row.save(update_fields=["enabled", "by", "at"])
        audit.record(by=by, did="tool.disabled", to=name, reason=reason, workspace=tenancy.current())


def _locked(name: str) -> tuple[ToolSetting, Tool]:
    tool = offered(name)
    if tool is None:
        raise NotFound(_("There is no such tool."))
    row = ToolSetting.objects.select_for_update().filter(name=name).first()
    return row or ToolSetting(name=name, definition_hash=""), tool


def offered(name: str) -> Tool | None:
    """Return a tool as it is offered today, whether or not anybody approved it; None where nobody offers it."""
    server, dot, own = name.partition(".")
    if not dot:
        return catalogue.resolve(name)
    tools = ToolServer.objects.filter(name=server).values_list("tools", flat=True).first() or {}
    found = tools.get("offered", {}).get(own)
    return definitions.of_server(server, found["definition"]) if found else None


def _demand_seen(tool: Tool, seen: str) -> None:
    if seen != tool.hash:
        raise Conflict(_("The definition of %(tool)s has changed since you saw it. Look at it again.") % {
            "tool": tool.name})  # fmt: skip


def _pin(row: ToolSetting, tool: Tool, *, by: int | None) -> ToolSetting:
    row.version, row.definition_hash, row.definition = tool.version, tool.hash, dict(tool.definition)
    row.by, row.at = by, clock.now()
    return row


def _audit(by: int | None, did: str, tool: Tool, reason: str) -> None:
    audit.record(by=by, did=did, to=tool.name, reason=reason, workspace=tenancy.current())
