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
from apps.integrations.contracts.outcomes import AdapterError
from apps.integrations.contracts.sign_in import SignInNeeded
from apps.lib import signing
from apps.lib.errors import Invalid
from apps.observability import metrics
from apps.policy.gate import client, hosts
from apps.policy.registry import servers
from apps.policy.registry.servers import ServerRow


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
        look_now(server)
    agenda.mark_sent(id=parcel)
    return {"looked": True}


def look_now(id: str) -> None:
    """Ask a server what it offers and keep it; or that it asks somebody to sign in, or what went wrong."""
    found = servers.find(id=id)
    if found is None:  # removed since
        return
    try:
        offer = hosts.asked(found, tool=found.name, ask=providers.tool_host().look)
    except SignInNeeded as error:
        _note_sign_in(found, error)
        return
    except AdapterError as error:
        servers.note_trouble(id=id, sentence=error.sentence)
        return
    tools = [asdict(tool) for tool in offer.tools]
    servers.note_offer(id=id, protocol_version=offer.protocol_version, tools=tools)


def _note_sign_in(found: ServerRow, needed: SignInNeeded) -> None:
    """Keep that a server asks for a sign-in, provided that it says who signs people in."""
    if found.credential:
        servers.note_trouble(id=found.id, sentence=needed.sentence)
        return
    try:
        realm = providers.sign_in_host().discover(found.url, needed.challenge)
    except AdapterError as error:
        servers.note_trouble(id=found.id, sentence=error.sentence)
    else:
        servers.note_sign_in(id=found.id, issuer=realm.issuer)
