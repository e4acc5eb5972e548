"""An authorization server and a server of tools that asks for its tokens, on 127.0.0.1, by their written rules.

The authorization server is a real one as far as OAuth 2.1 goes: registration, exact redirect address, S256, codes for
one use, refresh tokens that turn over, `resource`. A test turns one of its knobs to make it go wrong.
"""

from __future__ import annotations

import base64
import hashlib
import json
import secrets
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any
from urllib.parse import parse_qs, urlencode, urlsplit

from tests.servers.loopback import Quiet, serving
from tests.servers.mcp import Gauges, serving_app


class Authority:
    """What it was asked, what it gave out, and the knobs: lives (seconds of a token), says (members of metadata that
    differ), no (error that the token endpoint answers), slow (seconds that a refresh takes).
    """

    def __init__(self) -> None:
        self.origin = ""
        self.resource = ""
        self.lives: int | None = 3600
        self.slow = 0.0
        self.no = ""
        self.says: dict[str, Any] = {}
        self.clients: dict[str, dict[str, Any]] = {}
        self.codes: dict[str, dict[str, str]] = {}
        self.good: dict[str, float] = {}
        self.fresh: set[str] = set()
        self.issued: list[str] = []
        self.asked: list[tuple[str, dict[str, str]]] = []
        self.lock = threading.Lock()

    @property
    def secrets(self) -> set[str]:
        """Everything that it gave out and nobody else may read."""
        return set(self.issued)

    def grants(self, kind: str) -> list[dict[str, str]]:
        """Return the forms with which tokens were asked for."""
        return [form for path, form in self.asked if path == "/token" and form.get("grant_type") == kind]

    def handler(self) -> type[Quiet]:
        """Return a handler class bound to this server."""
        authority = self

        class Handler(Quiet):
            def do_GET(self) -> None:
                path = urlsplit(self.path).path
                if path == "/.well-known/oauth-authorization-server":
                    self.answer(200, json.dumps(authority.metadata()).encode())
                elif path == "/authorize":
                    where = authority.authorize({k: v[0] for k, v in parse_qs(urlsplit(self.path).query).items()})
                    self.answer(302 if where else 400, b"", Location=where or "/")
                else:
                    self.answer(404, b"{}")

            def do_POST(self) -> None:
                body = self.body()
                if self.path == "/register":
                    self.answer(201, json.dumps(authority.register(json.loads(body))).encode())
                    return
                if self.path == "/garbage":
                    self.answer(201, b'{"client_id": 7}')
                    return
                if self.path == "/revoke":
                    form = {k: v[0] for k, v in parse_qs(body.decode()).items()}
                    self.answer(authority.revoke(form, self.headers.get("Authorization", "")), b"{}")
                    return
                if self.path != "/token":
                    self.answer(404, b"{}")
                    return
                form = {k: v[0] for k, v in parse_qs(body.decode()).items()}
                shown = self.headers.get("Authorization", "")
                status, answer = authority.token(form, shown)
                self.answer(status, json.dumps(answer).encode(), Cache_Control="no-store")

        return Handler

    def metadata(self) -> dict[str, Any]:
        """RFC 8414."""
        return {
            "issuer": self.origin, "authorization_endpoint": f"{self.origin}/authorize",
            "token_endpoint": f"{self.origin}/token", "registration_endpoint": f"{self.origin}/register",
            "response_types_supported": ["code"], "grant_types_supported": ["authorization_code", "refresh_token"],
            "token_endpoint_auth_methods_supported": ["client_secret_basic"],
            "code_challenge_methods_supported": ["S256"], "authorization_response_iss_parameter_supported": True,
        } | self.says  # fmt: skip

    def register(self, wanted: dict[str, Any]) -> dict[str, Any]:
        """RFC 7591."""
        client = wanted | {"client_id": secrets.token_hex(8), "client_secret": secrets.token_urlsafe(24)}
        self.clients[client["client_id"]] = client
        self.issued.append(client["client_secret"])
        return client

    def authorize(self, asked: dict[str, str]) -> str:
        """What a person who says yes is sent back with; empty where the question itself is wrong."""
        self.asked.append(("/authorize", asked))
        client = self.clients.get(asked.get("client_id", ""), {})
        if asked.get("redirect_uri") not in client.get("redirect_uris", ()):
            return ""
        if asked.get("code_challenge_method") != "S256" or asked.get("resource") != self.resource:
            return ""
        code = secrets.token_urlsafe(24)
        self.codes[code] = asked
        self.issued.append(code)
        back = {"code": code, "state": asked["state"], "iss": self.origin}
        return f"{asked['redirect_uri']}?{urlencode(back)}"

    def token(self, form: dict[str, str], shown: str) -> tuple[int, dict[str, Any]]:
        """RFC 6749 with RFC 7636; a code or refresh token that comes twice ends everything it gave."""
        with self.lock:
            self.asked.append(("/token", form))
        time.sleep(self.slow if form.get("grant_type") == "refresh_token" else 0)
        with self.lock:
            if self.no:
                return (503, {}) if self.no == "503" else (400, {"error": self.no, "error_description": str(form)})
            client = self.clients.get(form.get("client_id", ""))
            basic = base64.b64encode(f"{client['client_id']}:{client['client_secret']}".encode()) if client else b""
            if shown != f"Basic {basic.decode()}" or form.get("resource") != self.resource:
                return 401, {"error": "invalid_client"}
            wrong = self._code(form) if form["grant_type"] == "authorization_code" else self._refresh(form)
            return (400, {"error": "invalid_grant", "error_description": wrong}) if wrong else (200, self._given())

    def revoke(self, form: dict[str, str], shown: str) -> int:
        """RFC 7009: what is known and what is not are both gone afterwards."""
        with self.lock:
            self.asked.append(("/revoke", form))
            if self.no:
                return 503 if self.no == "503" else 400
            client = self.clients.get(form.get("client_id", ""))
            basic = base64.b64encode(f"{client['client_id']}:{client['client_secret']}".encode()) if client else b""
            if shown != f"Basic {basic.decode()}":
                return 401
            self.good.pop(form["token"], None)
            self.fresh.discard(form["token"])
            return 200

    def _code(self, form: dict[str, str]) -> str:
        asked = self.codes.pop(form["code"], None)
        if asked is None:
            self.good.clear()
            return "this code is unknown or was used"
        made = base64.urlsafe_b64encode(hashlib.sha256(form["code_verifier"].encode()).digest()).rstrip(b"=").decode()
        if made != asked["code_challenge"]:
            return "the verifier does not fit"
        return "" if form["redirect_uri"] == asked["redirect_uri"] else "another redirect address"

    def _refresh(self, form: dict[str, str]) -> str:
        token = form["refresh_token"]
        if token not in self.fresh:
            self.good.clear()
            self.fresh.clear()
            return "this refresh token is unknown or was used"
        self.fresh.discard(token)
        return ""

    def _given(self) -> dict[str, Any]:
        access, refresh = f"at-{secrets.token_urlsafe(24)}", f"rt-{secrets.token_urlsafe(24)}"
        self.good[access] = time.time() + (3600 if self.lives is None else max(self.lives, 1))
        self.fresh.add(refresh)
        self.issued += [access, refresh]
        given = {"access_token": access, "refresh_token": refresh, "token_type": "bearer"}
        return given if self.lives is None else given | {"expires_in": self.lives}


class Guarded(Gauges):
    """The server of tools behind a door: no token of the authority, no answer."""

    def __init__(self, authority: Authority) -> None:
        super().__init__()
        self.authority = authority
        self.describes: dict[str, Any] = {}
        self.challenge = ""
        self.open = False

    def app(self) -> Any:
        """Return the server as an ASGI application."""
        inner = super().app()

        async def outer(scope: Any, receive: Any, send: Any) -> None:
            path = scope.get("path", "")
            if scope["type"] == "http" and path.startswith("/.well-known/oauth-protected-resource"):
                await _send(send, 200, self.described())
                return
            token = dict(scope.get("headers", ())).get(b"authorization", b"").decode().removeprefix("Bearer ")
            known = self.authority.good.get(token, 0) > time.time()
            if scope["type"] == "http" and not known and not self.open:
                where = self.challenge or f"{self.at}/.well-known/oauth-protected-resource/mcp"
                await _send(send, 401, {}, f'Bearer resource_metadata="{where}", scope="gauges"')
                return
            await inner(scope, receive, send)

        return outer

    @property
    def at(self) -> str:
        """Its origin."""
        return self.authority.resource.removesuffix("/mcp")

    def described(self) -> dict[str, Any]:
        """RFC 9728."""
        own = {"resource": self.authority.resource, "authorization_servers": [self.authority.origin]}
        return own | self.describes


async def _send(send: Any, status: int, body: dict[str, Any], challenge: str = "") -> None:
    headers = [(b"content-type", b"application/json")]
    headers += [(b"www-authenticate", challenge.encode())] if challenge else []
    await send({"type": "http.response.start", "status": status, "headers": headers})
    await send({"type": "http.response.body", "body": json.dumps(body).encode()})


@contextmanager
def guarded() -> Iterator[tuple[str, Guarded, Authority]]:
    """Serve both; yields the address of the tools, their server, and the authority."""
    authority = Authority()
    server = Guarded(authority)
    with serving(authority.handler()) as origin, serving_app(server.app()) as url:
        authority.origin, authority.resource = origin, url
        yield url, server, authority
