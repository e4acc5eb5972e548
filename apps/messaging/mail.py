"""Mail: Django's own goes into the outbox; the outbox goes to the gate."""

from __future__ import annotations

import base64
import hashlib
from collections.abc import Sequence
from datetime import datetime
from email.utils import make_msgid
from typing import Any

from django.conf import settings
from django.contrib.auth import get_user_model
from django.core.mail import EmailMessage, EmailMultiAlternatives
from django.core.mail.backends.base import BaseEmailBackend

from apps.accounts import queries as accounts
from apps.accounts import tenancy
from apps.accounts.views import addresses
from apps.agenda import actions as agenda
from apps.agenda.queries import Parcel
from apps.lib import clock
from apps.lib.errors import Invalid
from apps.messaging import cards, queries
from apps.monitors import queries as monitors
from apps.policy import queries as policy
from apps.policy.gate import mail as gate
from apps.research.queries import inbox
from apps.runtime import queries as runtime


class OutboxBackend(BaseEmailBackend):
    """EMAIL_BACKEND: whatever Django or a library sends is written to the outbox, in the caller's transaction."""

    def send_messages(self, email_messages: Sequence[EmailMessage]) -> int:
        """Write messages down; return how many."""
        schema = tenancy.current()
        workspace = "" if schema == tenancy.PUBLIC else schema
        for message in email_messages:
            agenda.post(
                kind="mail", key=make_msgid(), workspace=workspace, address=", ".join(message.recipients())[:254],
                payload={"message": _pack(message)},
            )  # fmt: skip
        return len(email_messages)


def _pack(message: EmailMessage) -> dict[str, Any]:
    html = ""
    if isinstance(message, EmailMultiAlternatives):
        html = next((str(content) for content, kind in message.alternatives if kind == "text/html"), "")
    attachments = []
    for part in message.attachments:
        name, content, kind = part
        body = content if isinstance(content, bytes) else str(content).encode()
        attachments.append([name, base64.b64encode(body).decode(), kind])
    return {
        "subject": str(message.subject), "text": str(message.body), "html": html, "to": message.recipients(),
        "sender": message.from_email or settings.DEFAULT_FROM_EMAIL,
        "headers": {str(k): str(v) for k, v in message.extra_headers.items() if str(k).lower() != "message-id"},
        "attachments": attachments,
    }  # fmt: skip


def message_id(key: str) -> str:
    """Return the Message-ID of a row: the same one at each try, so that a mailbox can fold a repeated mail."""
    return f"<{hashlib.sha256(key.encode()).hexdigest()[:32]}@{settings.APEX_HOST}>"


def send(*, parcel: Parcel) -> None:
    """Hand one row of the outbox to the gate. Raises GateDown, Invalid (nobody to send to), what the server says."""
    message = parcel.payload.get("message") or _compose(parcel)
    gate.send(parcel=parcel.id, message={**message, "message_id": message_id(parcel.key)})


def _compose(parcel: Parcel) -> dict[str, Any]:
    person = get_user_model().objects.filter(pk=parcel.person or 0, is_active=True).first()
    space = accounts.workspace_of_schema(parcel.workspace)
    if person is None or space is None or accounts.member(parcel.workspace, person.pk) is None:
        raise Invalid("Nobody to send this to: the person has left, or the workspace is closed.")
    with tenancy.in_workspace(parcel.workspace):
        facts = _facts(parcel, person.pk, space)
    language = person.language or accounts.settings_of(space.schema).language or settings.LANGUAGE_CODE
    card = cards.compose(facts, language)
    return {
        "subject": card.subject, "text": card.text, "html": card.html, "to": [person.email],
        "sender": settings.DEFAULT_FROM_EMAIL,
        "headers": {
            "Auto-Submitted": "auto-generated", "X-Footnote-Kind": facts.kind,
            "List-Unsubscribe": f"<{facts.origin}/settings/notifications>",
        },
    }  # fmt: skip


def _watched(parcel: Parcel, person: int, space: accounts.WorkspaceRow) -> cards.Facts:
    """What a monitor tells: the claims that changed, old and new, or why it is held."""
    payload = parcel.payload
    about = monitors.told(run=payload["run"], monitor=payload["monitor"])
    if about is None:
        raise Invalid("The monitor was deleted.")
    return cards.Facts(
        kind=payload["kind"], question=about.question, workspace=space.name, origin=addresses.origin(space.slug),
        run=payload["run"], approval="", person=person, reason=about.reason, path=f"/monitors/{about.monitor}",
        mark=len(about.changes),
        changes=tuple((row.old, row.new) for row in about.changes[: cards.MOST_CHANGES]),
    )  # fmt: skip


def _facts(parcel: Parcel, person: int, space: accounts.WorkspaceRow) -> cards.Facts:
    payload = parcel.payload
    if payload["kind"] in ("changed", "held"):
        return _watched(parcel, person, space)
    if payload["kind"] in queries.PLACES:
        member = accounts.member(parcel.workspace, person)
        # A row that an earlier release wrote names no mark: the lowest there was is true of it.
        mark = payload.get("mark", 75)
        return cards.Facts(
            kind=payload["kind"], question=space.name, workspace=space.name, origin=addresses.origin(space.slug),
            run="", approval="", person=person, mark=mark,
            path=(queries.place(member, payload["kind"]) if member else "") or "/notices",
        )  # fmt: skip
    about = inbox.subject(payload["run"])
    if about is None or about.deleted:
        raise Invalid("The run was deleted.")
    by = payload.get("by")
    error = runtime.run(payload["run"]).error or {}
    approval = policy.approval(payload["approval"]) if payload["approval"] else None
    until = payload.get("expires_at")
    return cards.Facts(
        kind=payload["kind"], question=about.question, workspace=space.name, origin=addresses.origin(space.slug),
        run=payload["run"], approval=payload["approval"], person=person,
        by=accounts.names([by]).get(by, "") if by else "",
        reason=str(error.get("sentence") or error.get("reason") or "") if payload["kind"] in {"fails", "rejected"}
        else "", expires_at=approval.expires_at if approval else datetime.fromisoformat(until) if until
        else clock.now(),
    )  # fmt: skip
