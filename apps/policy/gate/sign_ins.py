"""Signing in at servers of tools, in the gate: where a person goes, the code they bring back, and the end of it.

A row of the outbox asks for each step, as for a look.
"""

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
from apps.integrations.contracts.outcomes import AdapterError, Refused
from apps.integrations.contracts.sign_in import Begun, Challenge, Client, SignInNeeded
from apps.lib import signing
from apps.lib.errors import Invalid
from apps.observability import metrics
from apps.policy.gate import client, looks, tokens
from apps.policy.registry import servers, sign_ins
from apps.policy.registry.servers import ServerRow


def ask(*, parcel: Parcel) -> bool:
    """Hand a row of the outbox to the gate, or do it here where the gate is this process. Raises GateDown, Invalid."""
    body = {"parcel": parcel.id, "workspace": parcel.workspace, **parcel.payload}
    gate = client.gate()
    if isinstance(gate, client.HttpGate):
        return bool(gate._post("/v1/sign-in", settings.WORKLOAD_SECRET, body)["done"])
    return bool(step(settings.WORKLOAD_SECRET, body)["done"])


def step(secret: str, body: dict[str, Any]) -> dict[str, Any]:
    """Do the next step of a sign-in for one row of the outbox, in the gate. Raises BadToken, Invalid.

    What goes wrong is noted as a sentence that the person reads, and not tried again.
    """
    if not settings.WORKLOAD_SECRET or not hmac.compare_digest(secret.encode(), settings.WORKLOAD_SECRET.encode()):
        raise signing.BadToken("This is not the workload's secret.")
    parcel, workspace, id = body.get("parcel"), body.get("workspace"), body.get("sign_in")
    if not isinstance(parcel, int) or not isinstance(workspace, str) or not isinstance(id, str):
        raise Invalid("The request needs “parcel”, “workspace” and “sign_in”.")
    ended = body.get("ended", "")
    if not isinstance(ended, str):
        raise Invalid("“ended” is the id of a credential.")
    if not agenda.lease_parcel(id=parcel):
        return {"done": False}
    with tenancy.in_workspace(workspace, gate=True), metrics.timed("sign_in_seconds"):
        if ended:
            _give_back(ended)
        elif waiting := sign_ins.asked(id):
            _prepare(id, *waiting)
        elif taken := sign_ins.take(id):
            _exchange(taken)
    agenda.mark_sent(id=parcel)
    return {"done": True}


def _prepare(id: str, server: str, redirect: str) -> None:
    found = servers.find(id=server)
    if found is None:  # removed since
        return
    try:
        challenge = _challenge(found)
        host = providers.sign_in_host()
        begun = host.begin(host.discover(found.url, challenge), redirect)
    except AdapterError as error:
        sign_ins.note_failed(id=id, server=server, by=None, sentence=error.sentence)
        return
    kept = {"verifier": begun.verifier, "client": asdict(begun.client), "realm": asdict(begun.realm)}
    sign_ins.note_ready(id=id, address=begun.address, issuer=begun.realm.issuer, begun=kept)


def _challenge(server: ServerRow) -> Challenge:
    """Ask a server without anything to show, as it stands now, for what it wants. Raises Refused where it does not."""
    try:
        providers.tool_host().look(Server(server.url))
    except SignInNeeded as error:
        return error.challenge
    raise Refused("The server does not ask anybody to sign in any more. Look at it again.")


def _exchange(taken: sign_ins.Taken) -> None:
    found = servers.find(id=taken.server)
    if found is None:
        return
    begun = Begun("", taken.begun["verifier"], Client(**taken.begun["client"]), tokens.realm(taken.begun["realm"]))
    try:
        given = providers.sign_in_host().exchange(begun, redirect=taken.redirect, code=taken.code, issuer=taken.issuer)
    except AdapterError as error:
        sign_ins.note_failed(id=taken.id, server=taken.server, by=taken.by, sentence=error.sentence)
        return
    if sign_ins.note_signed_in(taken=taken, server=found.name, secret=tokens.sealed(given, begun.client, begun.realm)):
        looks.look_now(taken.server)


def _give_back(credential: str) -> None:
    """Give the tokens of a sign-in that has ended back, as far as that goes, and erase them whatever came of it."""
    held = tokens.ended(credential)
    if held is None:
        return
    try:
        if not held.realm.revoke:
            raise Refused("The authorization server does not say how a token is given back.")
        for token, kind in ((held.refresh, "refresh_token"), (held.access, "access_token")):
            if token:
                providers.sign_in_host().revoke(held.realm, held.client, token, kind)
        sentence = ""
    except AdapterError as error:
        sentence = error.sentence
    sign_ins.note_given_back(credential=credential, sentence=sentence)
