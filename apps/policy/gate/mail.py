"""Mail leaves through the gate, as principal `system`: the scheduler hands a rendered message over."""

from __future__ import annotations

import base64
import hmac
from collections.abc import Mapping
from typing import Any

from django.conf import settings
from django.core.mail import EmailMultiAlternatives, get_connection

from apps.agenda import actions as agenda
from apps.lib import signing
from apps.lib.errors import Invalid
from apps.observability import metrics
from apps.policy.gate import client

TEXTS = ("subject", "text", "sender", "message_id")


def send(*, parcel: int, message: Mapping[str, Any]) -> bool:
    """Hand a message of the outbox to the gate, or send it here where the gate is this process.

    parcel: the row's id. message: subject, text, html, sender, to, message_id, headers, attachments.
    Returns False when the row was sent before, or another is sending it. Raises GateDown and what the server says.
    """
    body = {"parcel": parcel, "message": dict(message)}
    gate = client.gate()
    if isinstance(gate, client.HttpGate):
        return bool(gate._post("/v1/mail", settings.WORKLOAD_SECRET, body)["sent"])
    return bool(deliver(settings.WORKLOAD_SECRET, body)["sent"])


def deliver(secret: str, body: dict[str, Any]) -> dict[str, Any]:
    """Send one message of the outbox and note it, in the gate. Raises BadToken, Invalid, and what the server says.

    The gate notes that a row was sent, not the caller: a scheduler that dies after this has no say in it any more.
    A gate that dies between the server's yes and its own note sends once more, under the same Message-ID.
    """
    if not settings.WORKLOAD_SECRET or not hmac.compare_digest(secret.encode(), settings.WORKLOAD_SECRET.encode()):
        raise signing.BadToken("This is not the workload's secret.")
    message, parcel = body.get("message"), body.get("parcel")
    if not isinstance(parcel, int) or not isinstance(message, dict):
        raise Invalid("The request needs “parcel” and “message”.")
    if not all(isinstance(message.get(name), str) for name in TEXTS) or not isinstance(message.get("to"), list):
        raise Invalid("The message needs a subject, a text, a sender, a message id and somebody to go to.")
    if not agenda.lease_parcel(id=parcel):
        return {"sent": False}
    with metrics.timed("mail_seconds"):
        _build(message).send(fail_silently=False)
    agenda.mark_sent(id=parcel)
    return {"sent": True}


def _build(message: Mapping[str, Any]) -> EmailMultiAlternatives:
    built = EmailMultiAlternatives(
        message["subject"], message["text"], message["sender"], message["to"],
        headers={**message.get("headers", {}), "Message-ID": message["message_id"]},
        connection=get_connection(settings.MAIL_BACKEND, timeout=30)
        if settings.MAIL_BACKEND.endswith(".smtp.EmailBackend") else get_connection(settings.MAIL_BACKEND),
    )  # fmt: skip
    if message.get("html"):
        built.attach_alternative(message["html"], "text/html")
    for name, content, kind in message.get("attachments", ()):
        built.attach(name, base64.b64decode(content), kind)
    return built
