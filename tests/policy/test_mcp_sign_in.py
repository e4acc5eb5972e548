"""Signing in at servers of tools (OAuth 2.1 with PKCE): the whole way over real HTTP, and every way it goes wrong."""

from __future__ import annotations

import logging
import os
from datetime import timedelta
from typing import Any
from urllib.parse import parse_qs, parse_qsl, urlencode, urlsplit

import pytest
from django.db import connection
from django.db.utils import ProgrammingError
from django.test import Client

from apps.accounts import tenancy
from apps.accounts.actions import workspaces
from apps.agenda.models import Outbox
from apps.lib import clock, signing
from apps.lib.errors import Invalid, NotFound
from apps.policy.gate import sign_ins as gate
from apps.policy.identity import credentials
from apps.policy.models import AgentSetting, Credential, ToolServer, ToolSignIn
from apps.policy.registry import servers, switches
from apps.runtime import outbox
from tests.conftest import Cast
from tests.engine import rig as rigs
from tests.policy.signing_in import PAGE, back_from, forget, origin, page, row, said, sent_off, sign_in
from tests.policy.test_mcp import HEIGHT, seen
from tests.policy.test_registry import ask, claimed
from tests.policy.test_tools_page import browser
from tests.servers.oauth import Authority, Guarded

# --- The whole way ---------------------------------------------------------------------------------------------


def test_a_server_that_asks_is_shown_as_such_and_offers_nothing(
    asking: tuple[Cast, str], door: tuple[str, Guarded, Authority]
) -> None:
    cast, server = asking
    found = row(cast, server)
    assert (found.auth, found.credential, found.error, found.tools) == ("oauth", "", "", {})
    text = page(browser(cast, cast.alice))
    assert "gauges asks you to sign in" in text and door[2].origin in text and f"/servers/{server}/connect" in text
    assert f"/servers/{server}/connect" not in page(browser(cast, cast.bob))
    assert door[2].clients == {}, "a look registers nobody"


def test_a_person_signs_in_and_the_tools_answer(asking: tuple[Cast, str], door: tuple[str, Guarded, Authority]) -> None:
    cast, server = asking
    url, guard, authority = door
    client = sign_in(cast, server)
    asked = authority.asked[0][1]
    assert asked["code_challenge_method"] == "S256" and asked["resource"] == url and asked["scope"] == "gauges"
    assert asked["redirect_uri"] == f"{origin(cast)}{PAGE}/servers/{server}/callback"
    given = authority.grants("authorization_code")[0]
    assert given["resource"] == url and len(given["code_verifier"]) >= 43
    text = page(client)
    assert "signed in at" in text and "dam_height" in text and "gauges asks you to sign in" not in text
    with tenancy.in_workspace(cast.acme):
        switches.enable(by=cast.alice, name=HEIGHT, seen=seen(cast, HEIGHT))
        AgentSetting.objects.create(role="analyst", tools=[HEIGHT])
    reply = ask(claimed(cast, "analyst"), HEIGHT, {"dam": "harrow"})
    assert reply.state == "done" and reply.result["structured"] == {"metres": 61}, reply
    assert set(guard.calls) == {"harrow"}
    assert said(cast)[-3:] == ["sign_in_begun", "sign_in_returned", "signed_in"]


def test_no_token_code_or_verifier_stands_where_people_or_agents_read(
    signed: tuple[Cast, str, str], door: tuple[str, Guarded, Authority], caplog: pytest.LogCaptureFixture
) -> None:
    cast, server, token = signed
    authority = door[2]
    with caplog.at_level(logging.DEBUG):
        authority.lives = 1
        sign_in(cast, server)
        ask(token, HEIGHT, {"dam": "elm"}, name="one")
        authority.no = "invalid_grant"
        ask(token, HEIGHT, {"dam": "elm"}, name="two")
    hidden = authority.secrets | {form["code_verifier"] for form in authority.grants("authorization_code")}
    hidden |= {form["state"] for path, form in authority.asked if path == "/authorize"}
    assert len(hidden) > 12
    # The browser of this test is httpx; what goes out of the gate here is httpx2.
    told = [each for each in caplog.records if each.name.partition(".")[0] not in {"httpx", "httpcore"}]
    assert any(each.name.startswith("httpcore2") for each in told)
    read = [*(each.getMessage() for each in told), page(browser(cast, cast.alice))]
    read.append(page(browser(cast, cast.alice), f"{PAGE}/servers/{server}/sign-in"))
    with tenancy.in_workspace(cast.acme, gate=True), connection.cursor() as cursor:
        for table in ("policy_call", "policy_toolserver", "policy_toolsignin", "policy_credential", "agenda_outbox",
                      "observability_auditentry"):  # fmt: skip
            cursor.execute(f'SELECT row_to_json(t)::text FROM "{table}" t')
            found = [each[0] for each in cursor.fetchall()]
            assert found or table == "policy_credential", table
            read += found
    for secret in hidden:
        assert not [text for text in read if secret in text], secret[:4]


def test_the_members_role_can_not_read_what_is_sealed(asking: tuple[Cast, str]) -> None:
    cast, server = asking
    sent_off(browser(cast, cast.alice), server)
    with tenancy.in_workspace(cast.acme):
        assert ToolSignIn.objects.values_list("stage", flat=True).get() == "ready"
        with pytest.raises(ProgrammingError, match="permission denied"):
            list(ToolSignIn.objects.values_list("begun"))


def test_the_credential_of_a_sign_in_is_in_no_list_and_for_no_hand(signed: tuple[Cast, str, str]) -> None:
    cast, server, _token = signed
    with tenancy.in_workspace(cast.acme):
        id = ToolServer.objects.get(pk=server).credential
        assert Credential.objects.filter(pk=id, kind="sign_in").exists() and credentials.listed() == []
        for act in (
            lambda: credentials.rotate(by=1, credential=id, secret="x"),
            lambda: credentials.allow(by=1, credential=id, tools=["web_search"]),
            lambda: credentials.delete(by=1, credential=id),
            lambda: servers.add(by=1, name="thief", url="https://x.test/mcp", credential=id),
        ):
            with pytest.raises((Invalid, NotFound), match="no such credential"):
                act()


# --- Coming back -----------------------------------------------------------------------------------------------


def other_state(path: str, **more: str) -> str:
    place, _mark, query = path.partition("?")
    return f"{place}?{urlencode({**dict(parse_qsl(query)), **more})}"


def test_a_wrong_state_is_refused_and_the_right_one_still_works(
    asking: tuple[Cast, str], door: tuple[str, Guarded, Authority]
) -> None:
    cast, server = asking
    client = browser(cast, cast.alice)
    back = back_from(sent_off(client, server))
    for wrong in (other_state(back, state="guessed"), other_state(back, state=""), back.partition("?")[0]):
        assert client.get(wrong)["Location"] == PAGE
        assert "was not begun here" in page(client)
    assert door[2].grants("authorization_code") == []
    assert client.get(back)["Location"].endswith("/sign-in")
    outbox.drain()
    assert row(cast, server).credential


def test_the_same_answer_counts_once(
    asking: tuple[Cast, str], door: tuple[str, Guarded, Authority], settings: Any
) -> None:
    cast, server = asking
    client = browser(cast, cast.alice)
    back = back_from(sent_off(client, server))
    held = dict(client.session)
    client.get(back)
    assert client.get(back)["Location"] == PAGE, "the session forgot it"
    session = client.session
    session.update(held)
    session.save()
    assert client.get(back)["Location"] == PAGE and "used already" in page(client)
    outbox.drain()
    parcel = Outbox.objects.filter(kind="sign_in", workspace=cast.acme).order_by("-pk").first()
    with tenancy.in_workspace(cast.acme):
        id = ToolSignIn.objects.values_list("pk", flat=True).get()
    assert parcel is not None
    body = {"parcel": parcel.pk, "workspace": cast.acme, "sign_in": id}
    assert gate.step(settings.WORKLOAD_SECRET, body) == {"done": False}
    Outbox.objects.filter(pk=parcel.pk).update(sent_at=None, leased_until=None)
    gate.step(settings.WORKLOAD_SECRET, body)
    assert len(door[2].grants("authorization_code")) == 1, "a row that is handed over twice is exchanged once"
    with pytest.raises(signing.BadToken):
        gate.step("guessed", body)


def test_a_code_that_was_used_is_refused_by_the_server_and_said(
    asking: tuple[Cast, str], door: tuple[str, Guarded, Authority]
) -> None:
    cast, server = asking
    client = browser(cast, cast.alice)
    back = back_from(sent_off(client, server))
    door[2].codes.clear()
    client.get(back)
    outbox.drain()
    text = page(client, f"{PAGE}/servers/{server}/sign-in")
    assert "Nobody is signed in" in text and "invalid_grant: this code is unknown or was used" in text
    assert row(cast, server).credential == "" and said(cast)[-1] == "sign_in_failed"


def test_a_code_for_another_challenge_is_refused(
    asking: tuple[Cast, str], door: tuple[str, Guarded, Authority]
) -> None:
    cast, server = asking
    client = browser(cast, cast.alice)
    back = back_from(sent_off(client, server))
    (asked,) = door[2].codes.values()
    asked["code_challenge"] = "another"
    client.get(back)
    outbox.drain()
    assert "the verifier does not fit" in page(client, f"{PAGE}/servers/{server}/sign-in")
    assert row(cast, server).credential == ""


def test_an_answer_of_another_authority_is_refused_before_anything_is_sent(
    asking: tuple[Cast, str], door: tuple[str, Guarded, Authority]
) -> None:
    cast, server = asking
    for change in ({"iss": "https://evil.example"}, {"iss": ""}):
        client = browser(cast, cast.alice)
        client.get(other_state(back_from(sent_off(client, server)), **change))
        outbox.drain()
        assert "another authorization server" in page(client, f"{PAGE}/servers/{server}/sign-in")
    assert door[2].grants("authorization_code") == []


def test_ten_minutes_are_all_there_is(asking: tuple[Cast, str], door: tuple[str, Guarded, Authority]) -> None:
    cast, server = asking
    client = browser(cast, cast.alice)
    back = back_from(sent_off(client, server))
    with tenancy.in_workspace(cast.acme):
        ToolSignIn.objects.update(at=clock.now() - timedelta(minutes=11))
    assert "longer than ten minutes" in page(client, f"{PAGE}/servers/{server}/sign-in")
    client.get(back)
    assert "longer than ten minutes" in page(client)
    client = browser(cast, cast.alice)
    client.get(back_from(sent_off(client, server)))
    with tenancy.in_workspace(cast.acme):
        ToolSignIn.objects.update(at=clock.now() - timedelta(minutes=11))
    outbox.drain()
    assert door[2].grants("authorization_code") == [] and row(cast, server).credential == ""


def test_a_person_who_says_no_reads_so(asking: tuple[Cast, str], door: tuple[str, Guarded, Authority]) -> None:
    cast, server = asking
    for error, says in (("access_denied", "Access was denied"), ("server_error<b>", "error: server_error<b>")):
        client = browser(cast, cast.alice)
        state = parse_qs(urlsplit(sent_off(client, server)).query)["state"][0]
        path = f"{PAGE}/servers/{server}/callback?{urlencode({'error': error, 'state': state})}"
        assert client.get(path).status_code == 302
        assert says in page(client, f"{PAGE}/servers/{server}/sign-in")
        assert b"<b>" not in client.get(f"{PAGE}/servers/{server}/sign-in").content
    assert said(cast)[-1] == "sign_in_refused"


def test_nobody_else_may_bring_it_back(asking: tuple[Cast, str], door: tuple[str, Guarded, Authority]) -> None:
    cast, server = asking
    client = browser(cast, cast.alice)
    address = sent_off(client, server)
    back = back_from(address)
    viewer = workspaces.join(
        by=cast.alice, schema=cast.acme, email=f"views-{cast.alice}@example.test", role="viewer"
    )  # fmt: skip
    admin = workspaces.join(by=cast.alice, schema=cast.acme, email=f"adm-{cast.alice}@example.test", role="admin")
    assert browser(cast, viewer).get(back).status_code == 403
    assert browser(cast, cast.bob).get(back).status_code == 403
    assert browser(cast, cast.charlie).get(back).status_code in (302, 403, 404)
    assert Client(headers={"host": cast.acme_host}).get(back).status_code in (302, 403)
    other = browser(cast, admin)
    assert "Somebody else is signing in" in page(other, f"{PAGE}/servers/{server}/sign-in")
    assert other.get(back)["Location"] == PAGE and "was not begun here" in page(other)
    session = other.session
    session["tool_sign_in"] = client.session["tool_sign_in"]
    session.save()
    assert other.get(back)["Location"] == PAGE, "not even with the first one's state in their session"
    with tenancy.in_workspace(cast.acme):
        assert ToolSignIn.objects.values_list("stage", flat=True).get() == "ready"
    assert client.post(f"{PAGE}/servers/srv_none/connect").status_code == 404
    assert browser(cast, cast.bob).post(f"{PAGE}/servers/{server}/connect").status_code == 403
    assert browser(cast, cast.alice, csrf=True).post(f"{PAGE}/servers/{server}/connect").status_code == 403


def test_the_gate_as_a_process_of_its_own_signs_in_too(
    asking: tuple[Cast, str], door: tuple[str, Guarded, Authority], settings: Any
) -> None:
    cast, server = asking
    gate_alone = rigs.Gate(os.environ | {
        "DJANGO_SETTINGS_MODULE": "config.settings.test", "FOOTNOTE_BLOB_ROOT": str(settings.BLOB_ROOT),
        "FOOTNOTE_MCP_LOOPBACK_HOSTS": ",".join(settings.MCP_LOOPBACK_HOSTS), "FOOTNOTE_PROCESS": "gate",
    })  # fmt: skip
    gate_alone.start()
    try:
        settings.GATE_URL = gate_alone.url
        settings.MCP_LOOPBACK_HOSTS = []
        forget()
        sign_in(cast, server)
    finally:
        gate_alone.kill()
    assert row(cast, server).credential and "dam_height" in row(cast, server).tools["offered"]
