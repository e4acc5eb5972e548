"""Where a person is signed in: seen in one list, ended from there, on the apex and on workspace hosts."""

from __future__ import annotations

from datetime import timedelta

from apps.accounts import queries
from apps.accounts.actions import sessions
from apps.lib import clock
from tests.accounts.conftest import Browser, apex, text
from tests.conftest import PASSWORD, Cast


def test_a_browser_and_its_workspaces_stand_in_the_list(cast: Cast) -> None:
    browser = Browser(cast.alice, password=True)
    browser.on(cast.acme_host)
    row = queries.sign_ins_of(cast.alice)[0]
    assert [host.workspace for host in row.hosts] == ["Acme"]
    page = text(browser.apex.get("/settings/sessions"))
    assert "Firefox on Linux" in page and "This browser" in page and "127.0.0.1" in page and "Acme" in page


def test_ending_a_sign_in_elsewhere_ends_its_workspaces_at_the_next_request(cast: Cast) -> None:
    lost, here = Browser(cast.alice), Browser(cast.alice)
    assert lost.on(cast.acme_host).get("/research").status_code == 200
    sign_in = lost.apex.session[sessions.KEY]
    stranger = apex(cast.charlie).post(f"/settings/sessions/{sign_in}/end")
    assert stranger.status_code == 404 and "has ended already" in text(stranger)
    assert here.apex.post(f"/settings/sessions/{sign_in}/end").status_code == 302
    assert "/enter/" in lost.on(cast.acme_host).get("/research")["Location"]
    assert lost.apex.get("/workspaces")["Location"].startswith("/login/")
    assert here.apex.get("/workspaces").status_code == 200
    assert here.apex.post(f"/settings/sessions/{sign_in}/end").status_code == 404


def test_ending_one_workspace_leaves_the_browser_signed_in(cast: Cast) -> None:
    browser = Browser(cast.alice)
    host = browser.on(cast.acme_host)
    below = queries.sign_ins_of(cast.alice)[0].hosts[0].id
    assert browser.apex.post(f"/settings/sessions/{below}/end").status_code == 302
    assert "/enter/" in host.get("/research")["Location"]
    assert browser.apex.get("/workspaces").status_code == 200


def test_signing_out_on_the_apex_signs_out_of_the_workspaces(cast: Cast) -> None:
    browser = Browser(cast.alice)
    host = browser.on(cast.acme_host)
    assert browser.apex.post("/logout/").status_code == 302
    assert host.get("/research").status_code == 302
    assert host.post("/settings/general/leave").status_code == 302
    assert queries.member(cast.acme, cast.alice) is not None
    assert queries.sign_ins_of(cast.alice) == []


def test_everything_else_is_signed_out_at_once(cast: Cast) -> None:
    browsers = [Browser(cast.alice) for _ in range(3)]
    for browser in browsers:
        browser.on(cast.acme_host)
    assert browsers[0].apex.post("/settings/sessions/end-others").status_code == 302
    assert [browser.apex.get("/workspaces").status_code for browser in browsers] == [200, 302, 302]
    assert [browser.on(cast.acme_host).get("/research").status_code for browser in browsers[:1]] == [200]
    assert [b.hosts[cast.acme_host].get("/research").status_code for b in browsers[1:]] == [302, 302]
    assert len(queries.sign_ins_of(cast.alice)) == 1


def test_a_new_password_signs_every_other_browser_out(cast: Cast) -> None:
    here, lost = Browser(cast.alice, password=True), Browser(cast.alice)
    lost.on(cast.acme_host)
    form = {"oldpassword": PASSWORD, "password1": "a longer horse battery", "password2": "a longer horse battery"}
    assert here.apex.post("/password/change/", form).status_code == 302
    assert here.apex.get("/workspaces").status_code == 200
    assert lost.apex.get("/workspaces").status_code == 302
    assert lost.hosts[cast.acme_host].get("/research").status_code == 302
    assert len(queries.sign_ins_of(cast.alice)) == 1


def test_ones_own_sign_in_ends_like_signing_out(cast: Cast) -> None:
    browser = apex(cast.alice)
    answer = browser.post(f"/settings/sessions/{browser.session[sessions.KEY]}/end")
    assert answer["Location"] == "/login/"
    assert browser.get("/workspaces").status_code == 302


def test_a_stream_of_an_ended_sign_in_speaks_for_nobody(cast: Cast) -> None:
    browser = Browser(cast.alice)
    host = browser.on(cast.acme_host)
    cookie = host.cookies["footnote_session"].value
    assert sessions.member_of(host=cast.acme_host, session=cookie) is not None
    sessions.end_others(by=cast.alice)
    assert sessions.member_of(host=cast.acme_host, session=cookie) is None


def test_a_ticket_dies_with_the_sign_in_it_came_from(cast: Cast) -> None:
    browser = apex(cast.alice)
    address = browser.get(f"/enter/{cast.acme_host.split('.')[0]}")["Location"]
    sessions.end_others(by=cast.alice)
    arrived = browser.get("/hand-off?" + address.split("?", 1)[1], headers={"host": cast.acme_host})
    assert arrived.status_code == 403 and "Sign in again." in text(arrived)


def test_a_sign_in_that_nobody_used_leaves_the_list_and_use_is_noted(cast: Cast) -> None:
    sign_in = sessions.begin(by=cast.alice)
    now = clock.now()
    with clock.stopped(now + timedelta(days=10)):
        assert sessions.is_alive(sign_in)
        assert queries.sign_ins_of(cast.alice)[0].seen_at == now + timedelta(days=10)
    with clock.stopped(now + timedelta(days=40)):
        assert queries.sign_ins_of(cast.alice) == []
    for nothing in (None, "1", 0, 10**9):
        assert not sessions.is_alive(nothing)


def test_a_sign_in_costs_a_request_one_query(cast: Cast) -> None:
    from django.db import connection
    from django.test.utils import CaptureQueriesContext

    host = Browser(cast.alice).on(cast.acme_host)
    host.get("/settings/teams")
    with CaptureQueriesContext(connection) as seen:
        host.get("/settings/teams")
    asked = [query["sql"] for query in seen if "accounts_signin" in query["sql"]]
    assert len(asked) == 1 and asked[0].startswith("SELECT"), asked
