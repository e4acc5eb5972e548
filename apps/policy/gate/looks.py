"""Looking at a server of tools leaves through the gate, as principal `system`: the scheduler hands the wish over."""

from __future__ import annotations

import hmac
from dataclasses import asdict
from typing import Any

from django.conf import settings

from apps.accounts import tenancy
from apps.agenda import actions as agenda
from apps.agenda.queries import Parcel
from apps.integrations import providers
from apps.integrations.contracts.mcp import Server
from apps.integrations.contracts.outcomes import AdapterError
from apps.lib import signing
from apps.lib.errors import Invalid
from apps.observability import metrics
from apps.policy.gate import client, hosts
from apps.policy.registry import servers


def ask(*, parcel: Parcel) -> bool:
    """Hand a row of the outbox to the gate, or look here where the gate is this process. Raises GateDown, Invalid."""
    body = {"parcel": parcel.id, "workspace": parcel.workspace, "server": parcel.payload.get("server", "")}
    gate = client.gate()
    if isinstance(gate, client.HttpGate):
        return bool(gate._post("/v1/look", settings.WORKLOAD_SECRET, body)["looked"])
    return bool(look(settings.WORKLOAD_SECRET, body)["looked"])


def look(secret: str, body: dict[str, Any]) -> dict[str, Any]:
    """Look at one server for one row of the outbox, in the gate, and keep what it offers. Raises BadToken, Invalid.

    A server that answers badly is noted as such and not asked again: a person presses for that.
    """
    if not settings.WORKLOAD_SECRET or not hmac.compare_digest(secret.encode(), settings.WORKLOAD_SECRET.encode()):
        raise signing.BadToken("This is not the workload's secret.")
    parcel, workspace, server = body.get("parcel"), body.get("workspace"), body.get("server")
    if not isinstance(parcel, int) or not isinstance(workspace, str) or not isinstance(server, str):
        raise Invalid("The request needs “parcel”, “workspace” and “server”.")
    if not agenda.lease_parcel(id=parcel):
        return {"looked": False}
    with tenancy.in_workspace(workspace, gate=True), metrics.timed("look_seconds"):
        _look(server)
    agenda.mark_sent(id=parcel)
    return {"looked": True}


def _look(id: str) -> None:
    found = servers.find(id=id)
    if found is None:  # removed since
        return
    try:
        bearer = hosts.bearer(tool=found.name, credential=found.credential)
        offer = providers.tool_host().look(Server(found.url, bearer))
    except AdapterError as error:
        servers.note_trouble(id=id, sentence=error.sentence)
        return
    tools = [asdict(tool) for tool in offer.tools]
    servers.note_offer(id=id, protocol_version=offer.protocol_version, tools=tools)
