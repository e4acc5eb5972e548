"""Delegation tokens: who they speak for, what they can't be turned into, and when they stop."""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings
from joserfc.jwk import ECKey

from apps.accounts import tenancy
from apps.accounts.models import Membership, User, Workspace
from apps.lib import clock, signing
from apps.lib.errors import Invalid, NotFound, ProductError
from apps.observability.models import AuditEntry
from apps.policy.gate import client, service
from apps.policy.identity import delegation, keys
from apps.policy.models import Grant
from apps.runtime import leases, statements
from tests.conftest import Cast
from tests.engine import workflows

SCOPES = frozenset({"model", "library", "search"})


def pem() -> str:
    """Return a fresh ES256 key."""
    return ECKey.generate_key("P-256").as_pem(private=True).decode()


@pytest.fixture
def held(committed: Cast, monkeypatch: pytest.MonkeyPatch) -> dict[str, Any]:
    """A claimed task of a run of bob's, what a worker asks for it, and a key of the gate."""
    monkeypatch.setattr(settings, "TOKEN_KEY", pem())
    with tenancy.in_workspace(committed.acme):
        run = workflows.admit("fan", person=committed.bob)
        delegation.lend(
            run=run, person=committed.bob, scopes=SCOPES, mode="mock", credits=5, plan_hash="", agent_version="1"
        )
        from apps.runtime.models import Task

        task = Task.objects.get(run=run, key="first").pk
        claim = statements.claim(run=run, task=task, now=clock.now(), lease=leases.length(), mode="inline")
    return {"cast": committed, "run": run, "ask": {"workspace": committed.acme, "task": task, "epoch": claim.epoch}}


def token(held: dict[str, Any], role: str = "analyst") -> str:
    return delegation.exchange(secret=settings.WORKLOAD_SECRET, role=role, **held["ask"])


def claims_of(text: str) -> dict[str, Any]:
    return signing.read(text, signing.keys(settings.TOKEN_KEY))


def stands(text: str) -> delegation.Principal:
    return delegation.standing(delegation.verify(text))


def encoded(value: Any) -> str:
    return base64.urlsafe_b64encode(json.dumps(value).encode()).rstrip(b"=").decode()


def test_a_token_says_person_agent_and_for_how_long(held: dict[str, Any]) -> None:
    text = token(held)
    claims = claims_of(text)
    assert claims["sub"] == f"user:{held['cast'].bob}" and claims["act"] == {"sub": "agent:analyst"}
    assert claims["exp"] - claims["iat"] == settings.TOKEN_SECONDS <= 600
    assert claims["scopes"] == sorted(SCOPES) and claims["jti"] and claims["aud"] == "footnote-gate"
    header = json.loads(base64.urlsafe_b64decode(text.split(".")[0] + "=="))
    assert header["alg"] == "ES256" and header["kid"] == next(iter(signing.keys(settings.TOKEN_KEY)))
    assert stands(text).scopes == SCOPES


def forgeries(good: str) -> Iterator[tuple[str, str]]:
    """Yield ways to make a token that was never issued."""
    head, body, seal = good.split(".")
    header, claims = (json.loads(base64.urlsafe_b64decode(part + "==")) for part in (head, body))
    more = encoded(claims | {"scopes": ["model", "library", "search", "fetch"]})
    yield "other claims under the same signature", f"{head}.{more}.{seal}"
    yield "no algorithm", f"{encoded({'alg': 'none', 'kid': header['kid']})}.{more}."
    yield "no algorithm, the old signature", f"{encoded({'alg': 'none', 'kid': header['kid']})}.{body}.{seal}"
    public = json.dumps(signing.public(signing.keys(settings.TOKEN_KEY))[0]).encode()
    for secret in (public, signing.keys(settings.TOKEN_KEY)[header["kid"]].as_pem(private=False), b""):
        start = f"{encoded({'alg': 'HS256', 'kid': header['kid']})}.{more}"
        mac = hmac.new(secret, start.encode(), hashlib.sha256).digest()
        yield "the public key as a secret", f"{start}.{base64.urlsafe_b64encode(mac).rstrip(b'=').decode()}"
    yield "another key", signing.sign(claims, pem=pem())
    other = signing.sign(claims, pem=pem()).split(".")
    yield "another key under our name", f"{encoded(header)}.{other[1]}.{other[2]}"
    own = ECKey.generate_key("P-256")
    yield "a key in the header", f"{encoded(header | {'jwk': own.as_dict(private=False)})}.{more}.{seal}"
    yield "a key's name that is a path", f"{encoded(header | {'kid': '../../etc/passwd'})}.{body}.{seal}"
    yield "no key's name", f"{encoded({'alg': 'ES256'})}.{body}.{seal}"
    yield "a critical extension", f"{encoded(header | {'crit': ['x'], 'x': 1})}.{body}.{seal}"
    for text in ("", ".", "..", "a.b.c", "x" * 100_000, f"{head}.{body}", f"{good}.{seal}", "é.é.é", f"{good} "):
        yield "rubbish", text


def test_no_forged_token_speaks_for_anybody(held: dict[str, Any]) -> None:
    tried = list(forgeries(token(held)))
    assert len(tried) > 18
    for how, text in tried:
        with pytest.raises(signing.BadToken):
            delegation.verify(text)
            raise AssertionError(how)


@pytest.mark.parametrize(
    "change",
    [{"aud": "footnote-audit"}, {"aud": ["footnote-gate"]}, {"aud": None}, {"iss": "elsewhere"}, {"jti": ""},
     {"exp": None}, {"exp": "2090-01-01"}, {"exp": 9e18}, {"exp": True}, {"act": None}, {"act": {"sub": 1, "act": 2}},
     {"sub": "user:x"}, {"scopes": None}, {"workspace": None, "sub": None}, {"epoch": "x"}],
    ids=str,
)  # fmt: skip
def test_a_token_of_ours_that_was_issued_for_something_else_is_refused(held: dict[str, Any], change: dict) -> None:
    claims = claims_of(token(held)) | change
    with pytest.raises(signing.BadToken):
        delegation.verify(signing.sign(claims, pem=settings.TOKEN_KEY))


def test_a_token_ends_at_its_time(held: dict[str, Any], monkeypatch: pytest.MonkeyPatch) -> None:
    text, now = token(held), clock.now()
    monkeypatch.setattr(clock, "now", lambda: now + timedelta(seconds=settings.TOKEN_SECONDS - 2))
    assert delegation.verify(text).agent == "analyst"
    monkeypatch.setattr(clock, "now", lambda: now + timedelta(seconds=settings.TOKEN_SECONDS + 1))
    with pytest.raises(signing.BadToken, match="run out"):
        delegation.verify(text)


def test_a_sub_agent_gets_less_and_never_more(held: dict[str, Any]) -> None:
    secret, above = settings.WORKLOAD_SECRET, token(held)
    below = delegation.narrow(secret=secret, token=above, role="scraper", scopes=["library"])
    claims, parent = claims_of(below), claims_of(above)
    assert claims["sub"] == parent["sub"] and claims["act"] == {"sub": "agent:scraper", "act": {"sub": "agent:analyst"}}
    assert claims["exp"] <= parent["exp"] and claims["jti"] != parent["jti"]
    found = stands(below)
    assert (found.agent, found.chain, found.scopes) == ("scraper", ("analyst",), {"library"})
    for scopes in (["library", "model"], ["model"], ["fetch"], [], ["LIBRARY"]):
        with pytest.raises(Invalid):
            delegation.narrow(secret=secret, token=below, role="x", scopes=scopes)
    with pytest.raises(signing.BadToken):
        delegation.narrow(secret="guessed", token=above, role="x", scopes=["library"])
    for number in range(2):
        below = delegation.narrow(secret=secret, token=below, role=f"deep{number}", scopes=["library"])
    assert stands(below).chain == ("deep0", "scraper", "analyst")
    with pytest.raises(Invalid, match="deep"):
        delegation.narrow(secret=secret, token=below, role="deeper", scopes=["library"])
    for role in ("", "x" * 41, "a b", "é", "a\n"):
        with pytest.raises(Invalid):
            delegation.narrow(secret=secret, token=above, role=role, scopes=["library"])


def test_a_sub_agents_token_ends_with_its_agents(held: dict[str, Any], monkeypatch: pytest.MonkeyPatch) -> None:
    above, now = token(held), clock.now()
    monkeypatch.setattr(clock, "now", lambda: now + timedelta(seconds=10))
    below = delegation.narrow(secret=settings.WORKLOAD_SECRET, token=above, role="s", scopes=["model"])
    assert claims_of(below)["exp"] == claims_of(above)["exp"]


def test_the_exchange_speaks_the_words_of_its_rfc(held: dict[str, Any]) -> None:
    body = {"grant_type": service.EXCHANGE, "subject_token": token(held), "scope": "library model", "role": "s"}
    answer = service.token(settings.WORKLOAD_SECRET, body)
    assert answer["token_type"] == "Bearer" and stands(answer["access_token"]).scopes == {"library", "model"}
    with pytest.raises(Invalid, match="scope"):
        service.token(settings.WORKLOAD_SECRET, {"grant_type": service.EXCHANGE, "subject_token": "x", "role": "s"})


def leave(held: dict[str, Any]) -> None:
    Membership.objects.filter(user_id=held["cast"].bob, workspace__schema_name=held["cast"].acme).delete()


def demote_to_billing(held: dict[str, Any]) -> None:
    Membership.objects.filter(user_id=held["cast"].bob).update(role="billing")


def lock_out(held: dict[str, Any]) -> None:
    User.objects.filter(pk=held["cast"].bob).update(is_active=False)


def close(held: dict[str, Any]) -> None:
    Workspace.objects.filter(schema_name=held["cast"].acme).update(closed_at=clock.now())


def revoke(held: dict[str, Any]) -> None:
    with tenancy.in_workspace(held["cast"].acme):
        delegation.revoke(by=held["cast"].alice, run=held["run"], reason="It went astray.")


def cancel(held: dict[str, Any]) -> None:
    with tenancy.in_workspace(held["cast"].acme):
        assert statements.cancel(run=held["run"], body={}, now=clock.now())


@pytest.mark.parametrize("way", [leave, demote_to_billing, lock_out, close, revoke, cancel], ids=lambda w: w.__name__)
def test_what_took_the_right_away_takes_the_next_call_and_the_next_token(held: dict[str, Any], way: Any) -> None:
    text = token(held)
    assert stands(text)
    with tenancy.as_platform("a test takes a right away"):
        way(held)
    with pytest.raises(signing.BadToken):
        client.LocalGate().call(token=text, name="n", tool="library_search", arguments={}, version="", number=0)
    with pytest.raises(signing.BadToken):
        token(held)
    with pytest.raises(signing.BadToken):
        delegation.narrow(secret=settings.WORKLOAD_SECRET, token=text, role="s", scopes=["library"])
    with tenancy.as_platform("a test reads the record"):
        said = AuditEntry.objects.filter(workspace=held["cast"].acme, did="token.refused", to=held["run"])
        assert said.exists() or way is cancel, "a lease that is gone is the fence's work and leaves no line"


def test_a_role_that_is_lowered_in_mid_run_narrows_the_next_call(held: dict[str, Any]) -> None:
    text = token(held)
    with tenancy.as_platform("a test lowers a role"):
        Membership.objects.filter(user_id=held["cast"].bob).update(role="viewer")
    assert stands(text).scopes == {"library"} and claims_of(token(held))["scopes"] == ["library"]
    with tenancy.as_platform("a test raises a role"):
        Membership.objects.filter(user_id=held["cast"].bob).update(role="owner")
    assert stands(text).scopes == SCOPES, "never more than the token says"


def test_one_token_is_taken_back_with_what_came_of_it_and_the_others_stay(held: dict[str, Any]) -> None:
    one, two = token(held), token(held)
    below = delegation.narrow(secret=settings.WORKLOAD_SECRET, token=one, role="s", scopes=["library"])
    with tenancy.in_workspace(held["cast"].acme):
        delegation.revoke(by=held["cast"].alice, run=held["run"], token=claims_of(one)["jti"], reason="Lost.")
        with pytest.raises(NotFound):
            delegation.revoke(by=held["cast"].alice, run="run_none", reason="x")
    for text in (one, below):
        with pytest.raises(signing.BadToken, match="taken back"):
            stands(text)
    assert stands(two)


def test_a_run_is_never_lent_more_than_its_person_has(committed: Cast) -> None:
    with tenancy.as_platform("a test lowers a role"):
        Membership.objects.filter(user_id=committed.bob).update(role="viewer")
    with tenancy.in_workspace(committed.acme):
        for person, scopes in ((committed.bob, ["library"]), (committed.charlie, [])):
            run = f"run_{person}"
            delegation.lend(run=run, person=person, scopes=SCOPES, mode="mock", credits=1, plan_hash="",
                            agent_version="1")  # fmt: skip
            assert Grant.objects.get(run=run).scopes == scopes


def test_keys_rotate_while_tokens_of_the_old_one_are_about(
    held: dict[str, Any], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    old, new, file = pem(), pem(), tmp_path / "keys.pem"
    monkeypatch.setattr(settings, "TOKEN_KEY", str(file))
    file.write_text(old)
    before = token(held)
    file.write_text(old + new)  # all gates know the new one, none signs with it yet
    assert stands(before)
    file.write_text(new + old + "\n")  # now it signs
    after = token(held)
    assert stands(before) and stands(after) and before.split(".")[0] != after.split(".")[0]
    assert len(keys.as_jwks()["keys"]) == 2 + len(settings.CREDENTIAL_KEYS)
    file.write_text(new)  # ten minutes later the old one goes
    assert stands(after)
    with pytest.raises(signing.BadToken):
        stands(before)


RUBBISH = "-----BEGIN RUBBISH-----\nx\n-----END RUBBISH-----"


@pytest.mark.parametrize("text", [RUBBISH, "-----BEGIN", "/nowhere/keys.pem"])
def test_keys_that_are_none_are_said_and_do_not_pass_for_a_token(text: str) -> None:
    with pytest.raises(Invalid):
        signing.keys(text)


def test_the_published_keys_hold_no_private_half(held: dict[str, Any], tmp_path: Path, monkeypatch: Any) -> None:
    monkeypatch.setattr(settings, "PUBLIC_KEYS", tmp_path / "public-keys.json")
    assert keys.published() == {"keys": []}
    keys.publish()
    text = settings.PUBLIC_KEYS.read_text()
    assert not {'"d"', "PRIVATE"} & set(text.split()) and settings.CREDENTIAL_KEYS[0] not in text
    assert all("d" not in key for key in keys.published()["keys"])
    ring = signing.read_jwks(text)
    assert signing.read(token(held), ring)["run"] == held["run"]
    settings.PUBLIC_KEYS.write_text("rubbish, and longer than before")
    with pytest.raises(ProductError):
        keys.published()


def test_the_apex_and_the_gate_show_the_same_signing_keys(
    held: dict[str, Any], tmp_path: Path, monkeypatch: Any
) -> None:
    from django.test import Client

    monkeypatch.setattr(settings, "PUBLIC_KEYS", tmp_path / "public-keys.json")
    keys.publish()
    answer = Client(headers={"host": "localhost"}).get("/.well-known/jwks.json")
    assert answer.status_code == 200 and answer["Content-Type"] == "application/jwk-set+json"
    said: list[str] = []
    body = b"".join(
        service.application(
            {"PATH_INFO": "/.well-known/jwks.json", "REQUEST_METHOD": "GET"}, lambda status, _h: said.append(status)
        )
    )
    assert said[0].startswith("200")
    assert [k for k in json.loads(body)["keys"] if k["use"] == "sig"] == answer.json()["keys"]
    elsewhere = Client(headers={"host": held["cast"].acme_host}).get("/.well-known/jwks.json")
    assert elsewhere.status_code == 302, "a workspace's host knows nothing of it and asks who is there"


def test_a_tools_token_lives_five_minutes_at_most_and_opens_nothing_here(
    held: dict[str, Any], monkeypatch: Any
) -> None:
    monkeypatch.setattr(settings, "ISSUED_TOKEN_SECONDS", 86_400)
    below = delegation.narrow(secret=settings.WORKLOAD_SECRET, token=token(held), role="s", scopes=["model"])
    principal = stands(below)
    text = delegation.issue_for(principal, tool="tickets.search", audience="https://tickets.example.test")
    claims = claims_of(text)
    assert claims["exp"] - claims["iat"] == 300 and claims["tool"] == "tickets.search"
    assert claims["act"] == {"sub": "agent:s", "act": {"sub": "agent:analyst"}}
    with pytest.raises(signing.BadToken):
        delegation.verify(text)
    for audience in ("", "footnote-gate"):
        with pytest.raises(Invalid):
            delegation.issue_for(principal, tool="x", audience=audience)
