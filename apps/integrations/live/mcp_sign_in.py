"""Sign-ins at servers of tools: who signs people in, the client's registration, codes and refresh tokens.

Messages are made and read by the MCP library; the way they take is ours. Each address is looked up and judged anew,
for it comes from somebody else's metadata.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from typing import Any, TypeVar
from urllib.parse import urlencode, urlsplit

import anyio
import httpx2
from mcp.client.auth import PKCEParameters
from mcp.client.auth import utils as oauth
from mcp.client.auth.exceptions import OAuthFlowError, OAuthRegistrationError, OAuthTokenError
from mcp.client.auth.oauth2 import OAuthContext, check_registration_usable
from mcp.shared.auth import (
    OAuthClientInformationFull,
    OAuthClientMetadata,
    OAuthMetadata,
    OAuthToken,
    ProtectedResourceMetadata,
)
from mcp.shared.auth_utils import check_resource_allowed, resource_url_from_server_url
from pydantic import ValidationError

from apps.integrations.contracts.mcp import Server
from apps.integrations.contracts.outcomes import AdapterError, Late, Refused, Unreachable, Unusable
from apps.integrations.contracts.sign_in import Begun, Challenge, Client, Realm, SignInRefused, Tokens
from apps.integrations.live.mcp_client import Guarded, told, way_out
from apps.lib import http, text

SECONDS, MOST_BYTES, MOST_TOKEN = 10.0, 200_000, 16_000
METHODS = ("client_secret_basic", "client_secret_post", "none")
T = TypeVar("T")
Ask = Callable[[httpx2.AsyncClient], Awaitable[T]]


class Walled(Guarded):
    """Goes wherever metadata leads, by the rules of a fetch, and over https."""

    def __init__(self, loopback_hosts: tuple[str, ...]) -> None:
        super().__init__(Server("", max_bytes=MOST_BYTES), host="", address="", inner=way_out())
        self.loopback_hosts = loopback_hosts

    async def where(self, url: httpx2.URL) -> tuple[str, str]:
        """Return host and address of what is asked. Raises Refused, Unreachable."""
        try:
            demand_address(str(url), self.loopback_hosts)
            return await anyio.to_thread.run_sync(self._place, str(url), abandon_on_cancel=True)
        except AdapterError as error:
            raise self.fail(error) from error
        except http.Forbidden as error:
            refused = Refused(f"The sign-in of this server leads to a forbidden address: {error.sentence}")
            raise self.fail(refused) from error
        except http.HttpError as error:
            raise self.fail(Unreachable(error.sentence)) from error

    def _place(self, url: str) -> tuple[str, str]:
        return http.place(url, loopback_hosts=self.loopback_hosts)

    def objection(self, response: httpx2.Response) -> AdapterError | None:
        """Say why an answer is not read, or None: 401 and 403 are answers here."""
        if response.status_code in http.REDIRECTS:
            return Refused("The authorization server answered with a redirect, which is not followed.")
        if response.headers.get("content-encoding", "identity") != "identity":
            return Unusable("The authorization server packed its answer, which was not asked for.")
        return None


def demand_address(url: str, loopback_hosts: tuple[str, ...] = ()) -> None:
    """Raise Refused for an address of a sign-in that is not https (but at the loopback hosts) or holds a password."""
    parts = urlsplit(url)
    if parts.scheme != "https" and not (parts.scheme == "http" and parts.netloc in loopback_hosts):
        raise Refused("An address of this server's sign-in does not begin with https://.")
    if not parts.hostname or parts.username is not None or parts.fragment or not url.isprintable():
        raise Refused("An address of this server's sign-in can't be taken.")


class McpSignInHost:
    """Authorization servers of servers of tools; loopback_hosts are `host:port` that may be reached all the same."""

    def __init__(self, *, loopback_hosts: tuple[str, ...] = ()) -> None:
        self._loopback_hosts = loopback_hosts

    def discover(self, url: str, challenge: Challenge) -> Realm:
        """See SignInHost. RFC 9728 first, then RFC 8414 or OpenID's own place."""

        async def ask(web: httpx2.AsyncClient) -> Realm:
            described = await _described(web, url, challenge)
            found = await _metadata(web, str(described.authorization_servers[0]))
            return self._realm(url, challenge, described, found)

        return self._asked(ask)

    def _realm(
        self, url: str, challenge: Challenge, described: ProtectedResourceMetadata, found: OAuthMetadata
    ) -> Realm:  # fmt: skip
        scope = oauth.get_client_metadata_scopes(
            challenge.scope or None, described, found, ["authorization_code", "refresh_token"]
        )
        authorize, token = str(found.authorization_endpoint), str(found.token_endpoint)
        register, revoke = str(found.registration_endpoint or ""), str(found.revocation_endpoint or "")
        for each in filter(None, (authorize, token, register)):
            demand_address(each, self._loopback_hosts)
        if "S256" not in (found.code_challenge_methods_supported or ()):
            raise Refused("The authorization server does not promise PKCE with S256; nobody is sent there without it.")
        # What is left out means one method, by RFC 8414.
        methods = found.token_endpoint_auth_methods_supported or ["client_secret_basic"]
        return Realm(
            str(found.issuer), authorize, token, register, _resource(url, described), scope or "", tuple(methods),
            bool(found.authorization_response_iss_parameter_supported), revoke if self._may(revoke) else "",
        )  # fmt: skip

    def begin(self, realm: Realm, redirect: str) -> Begun:
        """See SignInHost."""
        if not realm.register:
            raise Refused("The authorization server lets no program register by itself (RFC 7591). Ask whoever runs "
                          "the server for an access token and store it as a credential.")  # fmt: skip

        async def ask(web: httpx2.AsyncClient) -> Client:
            return await _registered(web, realm, redirect)

        client, pkce = self._asked(ask), PKCEParameters.generate()
        query = {
            "response_type": "code", "client_id": client.id, "redirect_uri": redirect, "resource": realm.resource,
            "code_challenge": pkce.code_challenge, "code_challenge_method": "S256",
        }  # fmt: skip
        if realm.scope:
            query["scope"] = realm.scope
        if "offline_access" in realm.scope.split():
            query["prompt"] = "consent"
        sign = "&" if urlsplit(realm.authorize).query else "?"
        return Begun(realm.authorize + sign + urlencode(query), pkce.code_verifier, client, realm)

    def exchange(self, begun: Begun, *, redirect: str, code: str, issuer: str) -> Tokens:
        """See SignInHost. Another issuer than the one that was asked gets nothing (RFC 9207)."""
        if (issuer or begun.realm.promises_issuer) and issuer != begun.realm.issuer:
            raise SignInRefused("The answer came from another authorization server than the one that was asked.")
        given = {"grant_type": "authorization_code", "code": code, "redirect_uri": redirect,
                 "code_verifier": begun.verifier}  # fmt: skip
        return self._asked(lambda web: _tokens(web, begun.realm, begun.client, given))

    def refresh(self, realm: Realm, client: Client, refresh: str) -> Tokens:
        """See SignInHost. A server that gives no new refresh token lets the old one stand."""
        given = {"grant_type": "refresh_token", "refresh_token": refresh}
        return self._asked(lambda web: _tokens(web, realm, client, given, kept=refresh))

    def revoke(self, realm: Realm, client: Client, token: str, kind: str) -> None:
        """See SignInHost. RFC 7009: whoever does not know the token any more says yes too."""
        if realm.revoke:
            self._asked(lambda web: _given_back(web, realm, client, token, kind))

    def _may(self, address: str) -> bool:
        try:
            demand_address(address, self._loopback_hosts)
        except Refused:
            return False
        return True

    def _asked(self, ask: Ask[T]) -> T:
        guard = Walled(self._loopback_hosts)
        try:
            return anyio.run(_session, guard, ask)
        except TimeoutError as error:
            raise Late(f"The authorization server did not answer within {SECONDS:g} seconds.") from error
        except (OAuthFlowError, OAuthRegistrationError, OAuthTokenError, ValidationError) as error:
            # Not its own words: they hold what was sent and answered.
            raise Unusable(f"The authorization server's answer can't be used ({type(error).__name__}).") from error
        except Exception as error:
            raise told(error, guard) from error


async def _session(guard: Walled, ask: Ask[T]) -> T:
    headers = {"User-Agent": http.AGENT, "Accept-Encoding": "identity", "Accept": "application/json"}
    with anyio.fail_after(SECONDS):
        async with httpx2.AsyncClient(
            transport=guard, headers=headers, timeout=httpx2.Timeout(SECONDS), trust_env=False, follow_redirects=False
        ) as web:
            return await ask(web)


async def _sent(web: httpx2.AsyncClient, request: httpx2.Request) -> httpx2.Response:
    # A request that the library made lacks the client's own headers.
    request.headers.update({name: web.headers[name] for name in ("user-agent", "accept-encoding", "accept")})
    return await web.send(request)


async def _described(web: httpx2.AsyncClient, url: str, challenge: Challenge) -> ProtectedResourceMetadata:
    """Return what a server says of itself. Raises Refused where it says nothing, or speaks for another one."""
    for place in oauth.build_protected_resource_metadata_discovery_urls(challenge.metadata or None, url):
        answer = await _sent(web, oauth.create_oauth_metadata_request(place))
        if found := await oauth.handle_protected_resource_response(answer):
            wanted = resource_url_from_server_url(url)
            if not check_resource_allowed(requested_resource=wanted, configured_resource=str(found.resource)):
                raise Refused("The server describes itself under another address than its own (RFC 9728).")
            return found
    raise Refused("The server asks for a credential and does not say where to sign in. Store its access token as a "
                  "credential, and add the server with it.")  # fmt: skip


async def _metadata(web: httpx2.AsyncClient, issuer: str) -> OAuthMetadata:
    for place in oauth.build_oauth_authorization_server_metadata_discovery_urls(issuer, issuer):
        goes_on, found = await oauth.handle_auth_metadata_response(
            await _sent(web, oauth.create_oauth_metadata_request(place))
        )
        if found:
            if not oauth.issuers_match(str(found.issuer), issuer):
                raise Refused("The authorization server speaks for another one than the server names (RFC 8414).")
            return found
        if not goes_on:
            raise Unreachable("The authorization server could not say how to sign in.")
    raise Unusable("The authorization server does not say how to sign in (RFC 8414).")


def _resource(url: str, described: ProtectedResourceMetadata) -> str:
    """Return what tokens are asked for: the server's own name for itself, of which its address is a part."""
    return str(described.resource) or resource_url_from_server_url(url)


async def _registered(web: httpx2.AsyncClient, realm: Realm, redirect: str) -> Client:
    method = next((each for each in METHODS if each in realm.methods), None)
    if method is None:
        raise Refused("The authorization server wants to be shown a key in a way that Footnote does not know.")
    wanted = OAuthClientMetadata.model_validate({
        "redirect_uris": [redirect], "client_name": "Footnote", "token_endpoint_auth_method": method,
        "application_type": "web" if redirect.startswith("https:") else "native", "scope": realm.scope or None,
    })  # fmt: skip
    request = httpx2.Request("POST", realm.register, json=wanted.model_dump(mode="json", exclude_none=True))
    answer = await _sent(web, request)
    if answer.status_code >= 500:
        raise Unreachable(f"The authorization server could not register Footnote ({answer.status_code}).")
    if answer.status_code not in (200, 201):
        raise Refused(f"The authorization server does not register Footnote: {await _reason(answer)}")
    found = await oauth.handle_registration_response(answer)
    check_registration_usable(found)
    if len(found.client_id) > 2_000 or len(found.client_secret or "") > 2_000:
        raise Unusable("The authorization server's answer is larger than allowed.")
    method = found.token_endpoint_auth_method or ("client_secret_basic" if found.client_secret else "none")
    return Client(found.client_id, found.client_secret or "", method)


async def _tokens(
    web: httpx2.AsyncClient, realm: Realm, client: Client, given: Mapping[str, str], kept: str = ""
) -> Tokens:  # fmt: skip
    form, headers = _shown(client, {**given, "client_id": client.id, "resource": realm.resource})
    answer = await _sent(web, httpx2.Request("POST", realm.token, data=form, headers=headers))
    if answer.status_code in (400, 401, 403):
        raise SignInRefused(f"The authorization server said no: {await _reason(answer, {**form, 's': client.secret})}")
    if answer.status_code not in (200, 201):
        raise Unreachable(f"The authorization server could not answer ({answer.status_code}).")
    found: OAuthToken = await oauth.handle_token_response_scopes(answer)
    for each in (found.access_token, found.refresh_token or "-"):
        if not each or len(each) > MOST_TOKEN or not (each.isascii() and each.isprintable()):
            raise Unusable("The authorization server gave a token that can't be used.")
    seconds = None if found.expires_in is None else max(0, found.expires_in)
    return Tokens(found.access_token, found.refresh_token or kept, seconds, (found.scope or realm.scope)[:1_000])


async def _given_back(web: httpx2.AsyncClient, realm: Realm, client: Client, token: str, kind: str) -> None:
    form, headers = _shown(client, {"token": token, "token_type_hint": kind, "client_id": client.id})
    answer = await _sent(web, httpx2.Request("POST", realm.revoke, data=form, headers=headers))
    if answer.status_code in (400, 401, 403):
        raise SignInRefused(f"The authorization server said no: {await _reason(answer, {**form, 's': client.secret})}")
    if answer.status_code != 200:
        raise Unreachable(f"The authorization server could not answer ({answer.status_code}).")


def _shown(client: Client, form: dict[str, str]) -> tuple[dict[str, str], dict[str, str]]:
    """Return form and headers of a question to a token endpoint, as this client shows itself there."""
    nothing: Any = None
    context = OAuthContext("", nothing, nothing, None, None)
    context.client_info = OAuthClientInformationFull(
        client_id=client.id, client_secret=client.secret or None, token_endpoint_auth_method=client.method
    )
    form, headers = context.prepare_token_auth(form, {})
    return form, {**headers, "Content-Type": "application/x-www-form-urlencoded"}


async def _reason(answer: httpx2.Response, sent: Mapping[str, str] | None = None) -> str:
    """Return an answer's own reason, short and harmless: RFC 6749 names two members. What was sent is not repeated."""
    try:
        body = answer.json() if await answer.aread() else {}
    except ValueError:
        body = {}
    named = body if isinstance(body, dict) else {}
    said = ": ".join(str(named[name]) for name in ("error", "error_description") if named.get(name))
    for secret in (sent or {}).values():
        said = said.replace(secret, "…") if len(secret) > 7 else said
    return text.clean(said)[:200] or f"it answered {answer.status_code}"
