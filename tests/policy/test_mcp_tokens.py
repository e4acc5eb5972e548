"""Tokens of sign-ins at servers of tools: kept fresh, once; and metadata that leads astray."""

from __future__ import annotations

import json
import threading
from collections.abc import Callable
from typing import Any
from urllib.parse import urlsplit

import pytest
from django.db import connections

from apps.accounts import tenancy
from apps.integrations.contracts.outcomes import AdapterError, Refused, Unreachable, Unusable
from apps.integrations.contracts.sign_in import Challenge, SignInRefused
from apps.integrations.live.mcp_sign_in import McpSignInHost
from apps.policy.models import Call, Credential, ToolSignIn
from apps.policy.registry import servers
from apps.runtime import outbox
from tests.conftest import Cast
from tests.policy.signing_in import PAGE, back_from, page, row, said, sent_off, sign_in
from tests.policy.test_mcp import HEIGHT
from tests.policy.test_registry import ask
from tests.policy.test_tools_page import browser
from tests.servers.oauth import Authority, Guarded

# --- Tokens ----------------------------------------------------------------------------------------------------


def run_out(authority: Authority) -> None:
    """Let every token that was given out end now, as its server sees it."""
    for token in authority.good:
        authority.good[token] = 0


def two_at_once(act: Callable[[int], Any]) -> list[Any]:
    """Do something twice at the same moment, each with a connection of its own."""
    found: list[Any] = [None, None]
    begin = threading.Barrier(2)

    def go(number: int) -> None:
        begin.wait()
        try:
            found[number] = act(number)
        finally:
            connections.close_all()

    threads = [threading.Thread(target=go, args=(number,)) for number in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(30)
    return found


def expire(cast: Cast, server: str, authority: Authority) -> None:
    """Sign in with tokens that are out of date at once."""
    authority.lives = 1
    sign_in(cast, server)
    authority.lives = 3600
    run_out(authority)


def test_an_expired_token_is_renewed_once_though_two_calls_race(
    signed: tuple[Cast, str, str], door: tuple[str, Guarded, Authority]
) -> None:
    cast, server, token = signed
    authority = door[2]
    expire(cast, server, authority)
    before, authority.slow = len(authority.grants("refresh_token")), 0.7
    replies = two_at_once(lambda number: ask(token, HEIGHT, {"dam": "harrow"}, name=f"race {number}"))
    assert [each.state for each in replies] == ["done", "done"], replies
    assert len(authority.grants("refresh_token")) == before + 1
    run_out(authority)
    assert ask(token, HEIGHT, {"dam": "elm"}, name="later").state == "done", "the newer refresh token was kept"
    assert len(authority.grants("refresh_token")) == before + 2
    assert authority.grants("refresh_token")[-1]["resource"] == door[0] and said(cast)[-1] == "sign_in_renewed"


def test_a_token_that_the_server_takes_no_more_is_renewed_once_and_the_call_made(
    signed: tuple[Cast, str, str], door: tuple[str, Guarded, Authority]
) -> None:
    _cast, _server, token = signed
    run_out(door[2])
    before = len(door[2].grants("refresh_token"))
    assert ask(token, HEIGHT, {"dam": "harrow"}, name="stale").state == "done"
    assert len(door[2].grants("refresh_token")) == before + 1 and door[1].calls == ["harrow"]


def test_a_refused_renewal_asks_people_to_sign_in_again(
    signed: tuple[Cast, str, str], door: tuple[str, Guarded, Authority]
) -> None:
    cast, server, token = signed
    authority = door[2]
    expire(cast, server, authority)
    authority.no = "invalid_grant"
    reply = ask(token, HEIGHT, {"dam": "harrow"}, name="ended")
    assert (reply.state, reply.outcome) == ("failed", "refused") and "asks somebody to sign in" in reply.sentence
    found = row(cast, server)
    assert found.credential == "" and "The sign-in ended. The authorization server said no" in found.error
    with tenancy.in_workspace(cast.acme):
        assert not Credential.objects.filter(kind="sign_in").exists()
    asked = len(authority.asked)
    assert "sign in" in ask(token, HEIGHT, {"dam": "elm"}, name="again").sentence
    assert len(authority.asked) == asked and door[1].calls == [], "nobody is asked for what nobody may use"
    assert "gauges asks you to sign in" in page(browser(cast, cast.alice)) and said(cast)[-1] == "sign_in_ended"
    authority.no = ""
    sign_in(cast, server)
    assert ask(token, HEIGHT, {"dam": "harrow"}, name="anew").state == "done"


def test_an_authority_that_is_down_ends_nothing(
    signed: tuple[Cast, str, str], door: tuple[str, Guarded, Authority]
) -> None:
    cast, server, token = signed
    expire(cast, server, door[2])
    door[2].no = "503"
    assert ask(token, HEIGHT, {"dam": "harrow"}, name="down").outcome == "unreachable"
    assert row(cast, server).credential
    door[2].no = ""
    assert ask(token, HEIGHT, {"dam": "harrow"}, name="up").state == "done"


def test_signing_out_and_removing_erase_the_tokens(
    signed: tuple[Cast, str, str], door: tuple[str, Guarded, Authority]
) -> None:
    cast, server, token = signed
    client = browser(cast, cast.alice)
    assert client.post(f"{PAGE}/servers/{server}/sign-out").status_code == 302
    assert "sign in" in ask(token, HEIGHT, {"dam": "elm"}, name="out").sentence and door[1].calls == []
    sign_in(cast, server)
    with tenancy.in_workspace(cast.acme):
        servers.remove(by=cast.alice, id=server)
        assert not Credential.objects.filter(kind="sign_in").exists() and not ToolSignIn.objects.exists()
        assert Call.objects.filter(tool=HEIGHT).exists()


def test_a_server_that_asks_no_more_needs_nobody(
    asking: tuple[Cast, str], door: tuple[str, Guarded, Authority]
) -> None:
    cast, server = asking
    door[1].open = True
    with tenancy.in_workspace(cast.acme):
        servers.look_again(by=cast.alice, id=server)
    outbox.drain()
    assert row(cast, server).auth == "none" and "dam_height" in row(cast, server).tools["offered"]


# --- Metadata that leads astray --------------------------------------------------------------------------------


def found_by(door: tuple[str, Guarded, Authority], challenge: str = "") -> object:
    url, _guard, authority = door
    loopbacks = (urlsplit(url).netloc, urlsplit(authority.origin).netloc)
    try:
        return McpSignInHost(loopback_hosts=loopbacks).discover(url, Challenge(challenge))
    except AdapterError as error:
        return error


INWARD = ("http://127.0.0.1:9/x", "https://169.254.169.254/x", "https://10.0.0.1/x", "https://[::1]/x")


@pytest.mark.parametrize("inward", INWARD)
def test_metadata_that_leads_inward_is_not_followed(door: tuple[str, Guarded, Authority], inward: str) -> None:
    _url, guard, authority = door
    assert isinstance(found_by(door, inward), Refused)
    guard.describes = {"authorization_servers": [inward]}
    assert isinstance(found_by(door), Refused)
    guard.describes = {}
    for name in ("token_endpoint", "registration_endpoint"):
        authority.says = {name: inward}
        realm = found_by(door)
        if isinstance(realm, AdapterError):
            assert isinstance(realm, Refused)
            continue
        loopbacks = (urlsplit(door[0]).netloc, urlsplit(authority.origin).netloc)
        host = McpSignInHost(loopback_hosts=loopbacks)
        with pytest.raises((Refused, Unreachable)):
            begun = host.begin(realm, "https://acme.example/callback")  # type: ignore[arg-type]
            host.exchange(begun, redirect="https://acme.example/callback", code="c", issuer=authority.origin)
    assert not [form for path, form in authority.asked if path == "/token"]


def test_metadata_of_another_server_is_refused(door: tuple[str, Guarded, Authority]) -> None:
    _url, guard, authority = door
    for describes, says, error, words in (
        ({"resource": "https://bank.example/mcp"}, {}, Refused, "another address"),
        ({"resource": "nonsense"}, {}, Refused, "does not say where"),
        ({"authorization_servers": []}, {}, Refused, "does not say where"),
        ({}, {"issuer": "https://other.example"}, Refused, "speaks for another"),
        ({}, {"code_challenge_methods_supported": ["plain"]}, Refused, "S256"),
        ({}, {"code_challenge_methods_supported": None}, Refused, "S256"),
        ({}, {"authorization_endpoint": "javascript:alert(1)"}, Unusable, "does not say how"),
        ({}, {"authorization_endpoint": "http://plain.example/authorize"}, Refused, "https://"),
        ({}, {"token_endpoint": "https://me:pw@x.example/"}, Refused, "can't be taken"),
    ):  # fmt: skip
        guard.describes, authority.says = describes, says
        found = found_by(door)
        assert type(found) is error and words in found.sentence, (describes, says, found)


def test_an_authority_that_is_wrong_is_told_in_a_sentence(
    asking: tuple[Cast, str], door: tuple[str, Guarded, Authority]
) -> None:
    cast, server = asking
    client = browser(cast, cast.alice)
    for says, words in (
        ({"registration_endpoint": None}, "lets no program register by itself"),
        ({"registration_endpoint": f"{door[2].origin}/nowhere"}, "does not register Footnote: it answered 404"),
        ({"registration_endpoint": f"{door[2].origin}/garbage"}, "answer can't be used"),
        ({"token_endpoint_auth_methods_supported": ["private_key_jwt"]}, "in a way that Footnote does not know"),
    ):
        door[2].says = says
        client.post(f"{PAGE}/servers/{server}/connect")
        outbox.drain()
        assert words in page(client, f"{PAGE}/servers/{server}/sign-in"), says


def test_what_a_token_endpoint_repeats_is_left_out(
    asking: tuple[Cast, str], door: tuple[str, Guarded, Authority]
) -> None:
    cast, server = asking
    client = browser(cast, cast.alice)
    back = back_from(sent_off(client, server))
    door[2].no = "invalid_request"
    client.get(back)
    outbox.drain()
    (form,) = door[2].grants("authorization_code")
    with tenancy.in_workspace(cast.acme):
        sentence = ToolSignIn.objects.values_list("sentence", flat=True).get()
    assert "invalid_request" in sentence and form["code"] not in sentence and form["code_verifier"] not in sentence


def test_a_refusal_at_the_token_endpoint_is_an_error_of_its_own(door: tuple[str, Guarded, Authority]) -> None:
    url, _guard, authority = door
    host = McpSignInHost(loopback_hosts=(urlsplit(url).netloc, urlsplit(authority.origin).netloc))
    begun = host.begin(host.discover(url, Challenge()), "https://acme.example/back")
    with pytest.raises(SignInRefused, match="invalid_grant"):
        host.refresh(begun.realm, begun.client, "rt-unknown")
    assert json.dumps(begun.address)
