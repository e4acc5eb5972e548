"""What the scheduler does beside ringing: send what must leave, and the chores of upper rooms."""

from __future__ import annotations

import logging
from collections.abc import Callable
from typing import Any

from apps.accounts import tenancy
from apps.agenda import actions as agenda
from apps.agenda import queries
from apps.lib import clock, ports
from apps.lib.errors import Invalid
from apps.policy.gate import looks
from apps.policy.gate import sign_ins as signing_in
from apps.policy.registry import servers, sign_ins

log = logging.getLogger(__name__)
BATCH = 50
CHORE_SECONDS = 30
# Kind of a row → what sends it, called as `send(parcel=…)`; it notes in the row that it was sent, or raises.
send_mail = ports.declare("runtime.send_mail")
SENDERS: dict[str, Callable[..., Any]] = {
    "mail": send_mail, servers.KIND: looks.ask, sign_ins.KIND: signing_in.ask,
}  # fmt: skip
# Called without arguments each CHORE_SECONDS, while the scheduler's lock is held; the platform's role is on.
chores = ports.declare("runtime.chores", many=True)


def drain(*, limit: int = BATCH) -> int:
    """Send what the outbox holds, the longest due first; return how many were handed to a sender.

    A row that could not be sent waits longer each time; what it says is kept. One row never holds up another.
    """
    sent = 0
    for parcel in queries.parcels(at=clock.now(), limit=limit):
        try:
            SENDERS[parcel.kind](parcel=parcel)
        except Exception as error:
            log.warning("outbox row %s was not sent: %s", parcel.id, error)
            tenancy.close()
            agenda.put_off(id=parcel.id, error=f"{type(error).__name__}: {error}", final=isinstance(error, Invalid))
        else:
            sent += 1
    return sent


def do_chores() -> None:
    """Do the chores of all rooms; one that fails is logged and does not keep the others from theirs."""
    for name, chore in chores.bound.items():
        try:
            chore()
        except Exception:
            log.exception("the chore %s failed", name)
            tenancy.close()
