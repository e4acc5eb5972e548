"""Tokens of sign-ins at servers of tools: opened in the gate, shown to their server, kept fresh.

A token is renewed under a lock on its row, so that two calls that find it out of date renew it once: a refresh token
may be good for one use, and a second use can end the whole sign-in.
"""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass
from typing import Any

from django.db import transaction

from apps.integrations import providers
from apps.integrations.contracts.outcomes import Refused
from apps.integrations.contracts.sign_in import Client, Realm, SignInRefused, Tokens
from apps.lib import clock
from apps.lib.errors import ProductError
from apps.policy.identity import credentials
from apps.policy.registry import sign_ins
from apps.policy.registry.servers import ServerRow

ASKS = "This server asks somebody to sign in. An owner or admin connects it on the page of tools."
# A token that ends this soon is renewed before the call; one whose end nobody named counts until it is refused.
SPARE_SECONDS = 30


@dataclass(frozen=True, slots=True)
class Held:
    """What is sealed of a sign-in. until: seconds of the epoch, None where the server did not say."""

    access: str
    refresh: str
    until: float | None
    client: Client
    realm: Realm

    def is_good(self, stale: str) -> bool:
        """Tell whether the token may be shown: it is not the one that was just refused, and does not end now."""
        fresh = self.until is None or self.until > clock.now().timestamp() + SPARE_SECONDS
        return fresh and self.access != stale


def access(server: ServerRow, *, tool: str, stale: str = "") -> str:
    """Return a token that a server may be shown now, renewed where it is out of date.

    stale: a token that the server has just refused. Raises: Refused (nobody is signed in any more), Unreachable, Late.
    """
    if not server.credential:
        raise Refused(ASKS)
    held = _open(server, tool)
    if held.is_good(stale):
        return held.access
    with transaction.atomic():
        if not credentials.hold_sign_in(server.credential):
            raise Refused(ASKS)
        held = _open(server, tool)
        if held.is_good(stale):  # another call renewed it while this one waited
            return held.access
        try:
            return _renewed(server, held)
        except SignInRefused as error:
            sentence = error.sentence
            ended = f"The sign-in ended. {sentence}"
            sign_ins.note_ended(server=server.id, credential=server.credential, sentence=ended)
    raise Refused(f"{ASKS} The last sign-in ended: {sentence}")


def _renewed(server: ServerRow, held: Held) -> str:
    if not held.refresh:
        raise SignInRefused("Its token ran out, and the authorization server gave none to renew it with.")
    tokens = providers.sign_in_host().refresh(held.realm, held.client, held.refresh)
    secret = sealed(tokens, held.client, held.realm)
    sign_ins.note_renewed(server=server.id, credential=server.credential, secret=secret)
    return tokens.access


def sealed(tokens: Tokens, who: Client, where: Realm) -> str:
    """Return what is to be sealed of a sign-in, as text."""
    until = None if tokens.seconds is None else clock.now().timestamp() + tokens.seconds
    return json.dumps(asdict(Held(tokens.access, tokens.refresh, until, who, where)))


def _open(server: ServerRow, tool: str) -> Held:
    try:
        kept = json.loads(credentials.open_for(tool=tool, credential=server.credential))
    except ProductError as error:
        raise Refused(f"The sign-in of this server can't be used: {error.sentence}") from error
    return _held(kept)


def ended(credential: str) -> Held | None:
    """Return the tokens of a sign-in that has ended, to give them back; None where they are gone."""
    kept = credentials.open_ended(credential)
    return None if kept is None else _held(json.loads(kept))


def _held(kept: dict[str, Any]) -> Held:
    return Held(kept["access"], kept["refresh"], kept["until"], Client(**kept["client"]), realm(kept["realm"]))


def realm(kept: dict[str, Any]) -> Realm:
    """Return who signs people in, from what was kept of it."""
    return Realm(**{**kept, "methods": tuple(kept["methods"])})
