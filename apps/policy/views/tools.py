"""The tools that agents may use here: what each may touch and costs, on or off; servers of tools."""

from __future__ import annotations

import difflib
import json
import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django import forms
from django.contrib import messages
from django.http import HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext
from django.views.decorators.http import require_POST, require_safe

from apps.accounts import queries as accounts
from apps.accounts.permissions import require
from apps.accounts.queries import Member
from apps.accounts.requests import MemberRequest
from apps.accounts.views import layout
from apps.lib import clock
from apps.lib.errors import Conflict, Invalid
from apps.policy.identity import credentials
from apps.policy.registry import listing, servers, switches, wording
from apps.policy.registry.definitions import Rate, Tool
from apps.policy.registry.listing import Listed, ListedServer

MOST_LINES = 200
LIMITS = {
    1: gettext_lazy("at most %(n)d a second"), 60: gettext_lazy("at most %(n)d a minute"),
    3600: gettext_lazy("at most %(n)d an hour"), 86_400: gettext_lazy("at most %(n)d a day"),
}  # fmt: skip
OPERATIONS = {"delete": gettext_lazy("deleting")}
REACH = {
    "none": gettext_lazy("stays in the workspace"), "provider": gettext_lazy("reaches its provider"),
    "public_web": gettext_lazy("reaches the public web"), "deny_all": gettext_lazy("no network at all"),
    "server": gettext_lazy("reaches its server"),
}  # fmt: skip
EFFECTS = {"read": gettext_lazy("reads"), "write": gettext_lazy("writes"), "delete": gettext_lazy("deletes")}


@dataclass(frozen=True, slots=True)
class ToolLine:
    """A line of the table; changes: the difference between what was approved and what is offered."""

    name: str
    own: str
    version: str
    summary: str
    effect: str
    changes_things: bool
    scope: str
    reach: str
    touches: str
    undo: str
    price: str
    limit: str
    plans: str
    asks: str
    state: str
    seen: str
    note: str
    by: str
    at: datetime | None
    enabled: bool
    changes: tuple[tuple[str, str], ...]


@dataclass(frozen=True, slots=True)
class ServerBlock:
    """A server and its tools, for `tools_server.html`."""

    server: ListedServer
    lines: tuple[ToolLine, ...]
    credential: str


class ServerForm(forms.Form):
    """A server to add."""

    name = forms.CharField(
        label=gettext_lazy("Name"), max_length=30,
        help_text=gettext_lazy("Small letters, digits and hyphens. Its tools are called name.tool."),
    )  # fmt: skip
    url = forms.CharField(
        label=gettext_lazy("Address"), max_length=500,
        widget=forms.TextInput(attrs={"inputmode": "url", "spellcheck": "false", "class": "ltr"}),
        help_text=gettext_lazy("Where it answers over streamable HTTP, such as https://tools.example.com/mcp."),
    )  # fmt: skip
    credential = forms.ChoiceField(label=gettext_lazy("Credential"), required=False)

    def __init__(self, given: Any = None) -> None:
        super().__init__(given)
        field = self.fields["credential"]
        assert isinstance(field, forms.ChoiceField)
        field.choices = [("", _("none")), *((each.id, each.name) for each in credentials.listed())]


def link(*, member: Member) -> layout.SettingsPage | None:
    """Whoever may read may see what agents may use."""
    return layout.SettingsPage("policy:tools", _("Tools"), _("Control")) if member.may("read") else None


@require_safe
@require("read")
def tools(request: MemberRequest) -> HttpResponse:
    """Every tool and every server."""
    return _page(request)


def _page(request: MemberRequest, *, form: ServerForm | None = None, status: int = 200) -> HttpResponse:
    today = clock.now().date()
    shipped, added = listing.shipped(today=today), listing.of_servers(today=today)
    every = [*shipped, *(tool for server in added for tool in server.tools)]
    people = accounts.names(each.by for each in every if each.by)
    may_change = request.member.may("settings")
    named = {each.id: each.name for each in credentials.listed()} if may_change else {}
    context = {
        "lines": [_line(each, people) for each in shipped],
        "blocks": [
            ServerBlock(each, tuple(_line(tool, people) for tool in each.tools), named.get(each.credential, ""))
            for each in added
        ],
        "changed": [each.tool.name for each in every if each.state == "changed"],
        "may_change": may_change,
        "form": form or (ServerForm() if may_change else None),
    }
    return layout.show(request, "policy/tools.html", context, status)


def _line(listed: Listed, people: Mapping[int, str]) -> ToolLine:
    tool, said = listed.tool, wording.of(listed.tool)
    return ToolLine(
        name=tool.name, own=tool.name.partition(".")[2] or tool.name, version=tool.version,
        summary=visible(tool.summary), effect=str(EFFECTS[tool.effect]), changes_things=tool.effect != "read",
        scope=tool.scope,
        reach=str(REACH[tool.network]), touches=said.touches, undo=said.undo, price=_price(tool),
        limit=_limit(tool.rate), plans=_(" or ").join(sorted(tool.plans)) if tool.plans else "", asks=_asks(tool),
        state=listed.state, seen=tool.hash, note=_note(tool), by=people.get(listed.by or 0, ""), at=listed.at,
        enabled=listed.enabled,
        changes=_changes(listed.approved, tool.definition) if listed.approved is not None else (),
    )  # fmt: skip


def _price(tool: Tool) -> str:
    prices = [tool.credits_by] if isinstance(tool.credits_by, int) else list(tool.credits_by.values())
    least, most = min(prices), max(prices)
    if least != most:
        return _("%(least)d to %(most)d credits") % {"least": least, "most": most}
    return ngettext("%(n)d credit", "%(n)d credits", most) % {"n": most} if most else _("free")


def _limit(rate: Rate | None) -> str:
    return str(LIMITS[rate.seconds]) % {"n": rate.calls} if rate else ""


def _asks(tool: Tool) -> str:
    if tool.approval is None:
        return ""
    who = _("an owner or admin") if tool.approval.approvers in {"oversee", "settings"} else _("an approver")
    when = _(" or ").join(
        str(OPERATIONS.get(value, value)) for values in tool.approval.when.values() for value in values
    )
    if when:
        return _("%(operation)s waits for %(who)s") % {"operation": when, "who": who}
    return _("each call waits for %(who)s") % {"who": who}


def _note(tool: Tool) -> str:
    if tool.declared:
        return tool.declared
    going = tool.deprecated
    if going is None:
        return ""
    words = {"since": going.since, "until": going.refuse_after, "use": going.use}
    said = _("Deprecated since %(since)s.") % words
    if going.refuse_after:
        said += " " + _("It is refused after %(until)s.") % words
    return said + (" " + _("Use %(use)s.") % words if going.use else "")


def _changes(before: Mapping[str, Any], after: Mapping[str, Any]) -> tuple[tuple[str, str], ...]:
    """Return the difference of two definitions as lines: (add, remove or same) and text."""
    old, new = (json.dumps(each, indent=2, sort_keys=True, ensure_ascii=False).split("\n") for each in (before, after))
    kinds = {"+": "add", "-": "remove", " ": "same"}
    lines = list(difflib.unified_diff(old, new, n=2, lineterm=""))[2:]
    found = [(kinds[line[0]], visible(line[1:])) for line in lines if line[:1] in kinds]
    return tuple(found[:MOST_LINES])


def visible(text: str) -> str:
    """Return a text in which nothing hides: marks without a shape and those that turn the order are written out.

    >>> visible("say\\u202e no")
    'say‹U+202E› no'
    """
    return "".join(
        f"‹U+{ord(char):04X}›" if unicodedata.category(char) in {"Cf", "Cc", "Co", "Cn", "Cs"} and char not in "\n\t"
        else char for char in text
    )  # fmt: skip


@require_POST
@require("settings")
def enable_tool(request: MemberRequest, tool: str, seen: str) -> HttpResponse:
    """Let agents use it, as it was seen."""
    switches.enable(by=request.member.person, name=tool, seen=seen)
    messages.success(
        request, _("%(tool)s is enabled, from the next call on.") % {"tool": tool},
        extra_tags=reverse("policy:disable_tool", args=[tool]),
    )  # fmt: skip
    return HttpResponseRedirect(reverse("policy:tools"))


@require_POST
@require("settings")
def approve_tool(request: MemberRequest, tool: str, seen: str) -> HttpResponse:
    """Approve its changed definition, as it was seen."""
    switches.approve(by=request.member.person, name=tool, seen=seen)
    messages.success(request, _("The change of %(tool)s is approved.") % {"tool": tool})
    return HttpResponseRedirect(reverse("policy:tools"))


@require_POST
@require("settings")
def disable_tool(request: MemberRequest, tool: str) -> HttpResponse:
    """Keep agents from using it."""
    switches.disable(by=request.member.person, name=tool)
    found = switches.offered(tool)
    undo = reverse("policy:enable_tool", args=[tool, found.hash]) if found else ""
    messages.success(request, _("%(tool)s is disabled: the next call is refused.") % {"tool": tool}, extra_tags=undo)
    return HttpResponseRedirect(reverse("policy:tools"))


@require_POST
@require("settings")
def add_server(request: MemberRequest) -> HttpResponse:
    """Add a server; what does not fit is said at its field."""
    form = ServerForm(request.POST)
    if form.is_valid():
        try:
            servers.add(by=request.member.person, **form.cleaned_data)
        except (Invalid, Conflict) as error:
            form.add_error(None, error.sentence)
        else:
            messages.success(request, _("Added. The gate looks at what it offers; nothing is enabled by that."))
            return HttpResponseRedirect(reverse("policy:tools"))
    return _page(request, form=form, status=422)


@require_POST
@require("settings")
def look_at_server(request: MemberRequest, server: str) -> HttpResponse:
    """Ask the gate to look at a server again."""
    servers.look_again(by=request.member.person, id=server)
    return HttpResponseRedirect(reverse("policy:tools") + f"#server-{server}")


@require_POST
@require("settings")
def remove_server(request: MemberRequest, server: str) -> HttpResponse:
    """Remove a server with its tools; the form asks whether it is meant."""
    if request.POST.get("sure") != "yes":
        raise Invalid(_("Tick the box to remove the server and its tools."))
    servers.remove(by=request.member.person, id=server)
    messages.success(request, _("The server and its tools are removed."))
    return HttpResponseRedirect(reverse("policy:tools"))
