"""Sign-ins at servers of tools: begun and brought back by a person, made by the gate in between and at the end.

The web process writes a row and the gate does what must leave (`gate/sign_ins.py`). What each seals is for the gate
alone; `state` lies in the person's session, and the row has its hash.
"""

from __future__ import annotations

import hashlib
import hmac
import json
import secrets
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.db import transaction
from django.utils.translation import gettext as _

from apps.accounts import tenancy
from apps.agenda import actions as agenda
from apps.lib import clock, ids, sealing, text
from apps.lib.errors import Conflict, Invalid, NotFound
from apps.observability import audit
from apps.policy.identity import credentials, keys
from apps.policy.models import ToolServer, ToolSignIn

KIND = "sign_in"  # of a row of the outbox
GOOD_FOR = timedelta(minutes=10)
LONGEST_CODE = 4_000
UNDER_WAY = ("asked", "ready", "returned", "spent")


@dataclass(frozen=True, slots=True)
class SignIn:
    """A sign-in as a page shows it. stage: see ToolSignIn; `late` where its ten minutes are over."""

    id: str
    server: str
    stage: str
    issuer: str
    address: str
    sentence: str
    by: int
    at: datetime


@dataclass(frozen=True, slots=True)
class Taken:
    """A sign-in as the gate goes on with it."""

    id: str
    server: str
    redirect: str
    by: int
    begun: dict[str, Any]
    code: str
    issuer: str


# --- What a person does ----------------------------------------------------------------------------------------


def begin(*, by: int, server: str, redirect: str) -> tuple[str, str]:
    """Begin to sign in at a server; return the sign-in's id, and the state that the person's session keeps.

    redirect: the exact address to come back to. One that was under way there is dropped. Raises: NotFound, Conflict.
    """
    state, id = secrets.token_urlsafe(32), ids.new("sgn")
    with transaction.atomic():
        row = _locked(server)
        if row.auth != "oauth":
            raise Conflict(_("This server does not ask anybody to sign in. Look at it again."))
        ToolSignIn.objects.filter(server=server).only("pk").delete()
        ToolSignIn.objects.create(
            id=id, server=server, state=_hashed(state), redirect=redirect, by=by, at=clock.now()
        )  # fmt: skip
        _post(id)
        _note(by, "tool_server.sign_in_begun", row.pk, row.name)
    return id, state


def come_back(
    *, by: int, server: str, id: str, state: str, code: str = "", issuer: str = "", error: str = ""
) -> None:  # fmt: skip
    """Hand what the authorization server sent a person back with to the gate; works once. Raises Invalid, Conflict.

    state: what came back; id: of the sign-in that the person's session holds. error: why there is no code.
    """
    with transaction.atomic():
        rows = ToolSignIn.objects.select_for_update().filter(pk=id, server=server, by=by)
        held, stage, at = rows.values_list("state", "stage", "at").first() or ("", "", clock.now())
        if not hmac.compare_digest(held, _hashed(state)):
            raise Invalid(_("This sign-in was not begun here. Press Connect and begin anew."))
        if stage != "ready":
            raise Conflict(_("This sign-in was used already. Press Connect and begin anew."))
        if clock.now() - at > GOOD_FOR:
            raise Conflict(_("This sign-in took longer than ten minutes. Press Connect and begin anew."))
        if error or not 0 < len(code) <= LONGEST_CODE or len(issuer) > 500:
            _fail(id, _refusal(error))
            _note(by, "tool_server.sign_in_refused", server, _refusal(error))
            return
        body = json.dumps({"code": code, "issuer": issuer}).encode()
        sealed = sealing.wrap(body, public=keys.sealing_key(), about=_about(id, "code"))
        ToolSignIn.objects.filter(pk=id).update(stage="returned", code=sealed)
        _post(id)
        _note(by, "tool_server.sign_in_returned", server, "")


def sign_out(*, by: int, server: str) -> None:
    """Erase the tokens of a server; its tools are refused until somebody signs in. Raises NotFound, Conflict."""
    with transaction.atomic():
        row = _locked(server)
        if row.auth != "oauth" or not row.credential:
            raise Conflict(_("Nobody is signed in at this server."))
        credentials.erase_sign_in(row.credential)
        ToolServer.objects.filter(pk=server).update(credential="", error="")
        _note(by, "tool_server.signed_out", server, row.name)


def end_of(*, person: int, by: int) -> int:
    """End every sign-in of somebody who has left, and those they had begun; return how many servers lost theirs.

    From the next call on nobody may use the tokens. The gate gives them back where the server says how, and erases
    them. Runs inside the caller's transaction.
    """
    ToolSignIn.objects.filter(by=person).only("pk").delete()
    own = credentials.sign_ins_of(person)
    rows = list(ToolServer.objects.select_for_update().filter(auth="oauth", credential__in=own).order_by("pk"))
    for row in rows:
        row.error = _("The sign-in ended: whoever had signed in has left the workspace.")
        _note(by, "tool_server.sign_in_ended", row.pk, row.name)
        ToolServer.objects.filter(pk=row.pk).update(credential="", error=row.error)
    for credential in own:
        credentials.end_sign_in(credential)
        _post("", ended=credential)
    return len(rows)


def latest(server: str) -> SignIn | None:
    """Return the sign-in that was begun last at a server, or None."""
    names = list(SignIn.__dataclass_fields__)
    row = ToolSignIn.objects.filter(server=server).order_by("-at").values(*names).first()
    if row and row["stage"] in UNDER_WAY and clock.now() - row["at"] > GOOD_FOR:
        row["stage"] = "late"
    return SignIn(**row) if row else None


def _refusal(error: str) -> str:
    if error == "access_denied":
        return _("Access was denied: you, or the authorization server, said no.")
    if error:
        return _("The authorization server sent you back with an error: %(error)s") % {"error": text.clean(error)[:200]}
    return _("The authorization server sent you back without a code that can be used.")


def _locked(server: str) -> ToolServer:
    row = ToolServer.objects.select_for_update().filter(pk=server).first()
    if row is None:
        raise NotFound(_("There is no such server."))
    return row


# --- What the gate does ----------------------------------------------------------------------------------------


def asked(id: str) -> tuple[str, str] | None:
    """Return server and redirect of a sign-in that waits for its address, or None."""
    rows = ToolSignIn.objects.filter(pk=id, stage="asked", at__gt=clock.now() - GOOD_FOR)
    return rows.values_list("server", "redirect").first()


def note_ready(*, id: str, address: str, issuer: str, begun: dict[str, Any]) -> None:
    """Keep where the person goes, and, sealed, what the exchange needs."""
    sealed = sealing.wrap(json.dumps(begun).encode(), public=keys.sealing_key(), about=_about(id, "begun"))
    ToolSignIn.objects.filter(pk=id, stage="asked").update(
        stage="ready", address=address, issuer=issuer[:500], begun=sealed
    )  # fmt: skip


def take(id: str) -> Taken | None:
    """Take what was brought back, once: whoever asks again, or too late, gets None. It is erased here."""
    with transaction.atomic():
        rows = ToolSignIn.objects.select_for_update().filter(pk=id, stage="returned", at__gt=clock.now() - GOOD_FOR)
        row = rows.first()
        if row is None or row.begun is None or row.code is None:
            return None
        rows.update(stage="spent", begun=None, code=None)
    begun = json.loads(_opened(bytes(row.begun), _about(id, "begun")))
    code = json.loads(_opened(bytes(row.code), _about(id, "code")))
    return Taken(id, row.server, row.redirect, row.by, begun, code["code"], code["issuer"])


def note_signed_in(*, taken: Taken, server: str, secret: str) -> bool:
    """Keep the tokens of a sign-in, sealed; False where the server was removed meanwhile. server: its name."""
    with transaction.atomic():
        row = ToolServer.objects.select_for_update().filter(pk=taken.server, name=server).first()
        if row is None:
            return False
        credentials.erase_sign_in(row.credential)
        credential = credentials.keep_sign_in(by=taken.by, server=server, secret=secret)
        ToolServer.objects.filter(pk=row.pk).update(auth="oauth", credential=credential, error="")
        ToolSignIn.objects.filter(pk=taken.id).update(stage="done")
        _note(taken.by, "tool_server.signed_in", row.pk, f"{server} {row.url}")
    return True


def note_failed(*, id: str, server: str, by: int | None, sentence: str) -> None:
    """Keep why a sign-in came to nothing."""
    with transaction.atomic():
        _fail(id, sentence)
        _note(by, "tool_server.sign_in_failed", server, sentence)


def note_renewed(*, server: str, credential: str, secret: str) -> None:
    """Keep renewed tokens, inside the transaction that holds them."""
    credentials.renew_sign_in(credential=credential, secret=secret)
    _note(None, "tool_server.sign_in_renewed", server, "")


def note_ended(*, server: str, credential: str, sentence: str) -> None:
    """Erase tokens that the authorization server does not take any more: somebody has to sign in again."""
    credentials.erase_sign_in(credential)
    ToolServer.objects.filter(pk=server, credential=credential).update(credential="", error=sentence[:500])
    _note(None, "tool_server.sign_in_ended", server, sentence)


def note_given_back(*, credential: str, sentence: str) -> None:
    """Erase tokens that were given back; sentence: what went wrong with that, or empty."""
    with transaction.atomic():
        credentials.erase_sign_in(credential)
        did = "tool_server.tokens_kept_elsewhere" if sentence else "tool_server.tokens_given_back"
        _note(None, did, credential, sentence)


def _opened(sealed: bytes, about: bytes) -> bytes:
    """Open with whichever master key sealed it: a key may have been put in front within the ten minutes."""
    last: sealing.BadSeal | None = None
    for private in keys.masters():
        try:
            return sealing.unwrap(sealed, private=private, about=about)
        except sealing.BadSeal as error:
            last = error
    raise last or sealing.BadSeal("The gate has no key.")


def _fail(id: str, sentence: str) -> None:
    ToolSignIn.objects.filter(pk=id).update(stage="failed", sentence=sentence[:500], begun=None, code=None, address="")


def _about(id: str, part: str) -> bytes:
    return f"{tenancy.current()}|{id}|{part}".encode()


def _hashed(state: str) -> str:
    return hashlib.sha256(state.encode()).hexdigest()


def _post(id: str, *, ended: str = "") -> None:
    payload = {"sign_in": id, "ended": ended}
    agenda.post(kind=KIND, key=ids.new("sgn"), payload=payload, workspace=tenancy.current())


def _note(by: int | None, did: str, server: str, reason: str) -> None:
    audit.record(by=by, did=did, to=server, reason=reason[:500], workspace=tenancy.current())
