"""Signing in at a server of tools: OAuth 2.1 with PKCE, as the Model Context Protocol asks for it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol

from apps.integrations.contracts.outcomes import Refused


@dataclass(frozen=True, slots=True)
class Challenge:
    """What a server said beside its 401. metadata: where its own description stands, or empty. scope: or empty."""

    metadata: str = ""
    scope: str = ""


@dataclass(frozen=True, slots=True)
class Realm:
    """Who signs people in for a server, and what for. register: empty where nobody registers by itself."""

    issuer: str
    authorize: str
    token: str
    register: str
    resource: str
    scope: str
    # The token endpoint takes one of these; the first that we know is used.
    methods: tuple[str, ...] = ()
    promises_issuer: bool = False
    # Where a token is given back (RFC 7009), or empty.
    revoke: str = ""


@dataclass(frozen=True, slots=True)
class Client:
    """Who Footnote is at an authorization server. method: how it shows itself at the token endpoint."""

    id: str
    secret: str = ""
    method: str = "none"


@dataclass(frozen=True, slots=True)
class Begun:
    """A sign-in that a person can go on with. address: where to, without `state`. verifier: secret."""

    address: str
    verifier: str
    client: Client
    realm: Realm


@dataclass(frozen=True, slots=True)
class Tokens:
    """What a token endpoint gave. refresh: empty where it gave none. seconds: None where it did not say."""

    access: str
    refresh: str
    seconds: int | None
    scope: str


class SignInNeeded(Refused):
    """The server asks somebody to sign in, or does not take what it was shown any more."""

    code = "sign_in"

    def __init__(self, sentence: str, *, challenge: Challenge) -> None:
        super().__init__(sentence)
        self.challenge = challenge


class SignInRefused(Refused):
    """The authorization server said no: to a code, or to a refresh token."""

    code = "sign_in"


class SignInHost(Protocol):
    """All that is asked goes by the rules of a fetch: https, public addresses, no redirect, one deadline."""

    def discover(self, url: str, challenge: Challenge) -> Realm:
        """Find out who signs people in for a server. Raises: Unreachable, Late, Unusable, Refused."""
        ...

    def begin(self, realm: Realm, redirect: str) -> Begun:
        """Register as a client and make what a person is sent off with. Raises as `discover`."""
        ...

    def exchange(self, begun: Begun, *, redirect: str, code: str, issuer: str) -> Tokens:
        """Exchange a code. issuer: what the answer named, or empty. Raises SignInRefused, and as `discover`."""
        ...

    def refresh(self, realm: Realm, client: Client, refresh: str) -> Tokens:
        """Exchange a refresh token, which may be spent by it. Raises SignInRefused, and as `discover`."""
        ...

    def revoke(self, realm: Realm, client: Client, token: str, kind: str) -> None:
        """Give a token back, where the realm says how. kind: refresh_token or access_token.

        Raises SignInRefused, and as `discover`.
        """
        ...
