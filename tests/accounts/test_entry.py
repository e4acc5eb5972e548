"""Doors and choices: the funnel, redirects that stay at home, language, theme, buttons of other accounts, odd names."""

from __future__ import annotations

import os
import re
import subprocess
import sys

import pytest
from django.conf import settings
from django.contrib.auth import get_user_model
from django.test import Client

from apps.accounts import queries, tenancy
from apps.accounts.actions import profile, workspaces
from tests.accounts.conftest import Browser, apex, email_of, text
from tests.conftest import PASSWORD, Cast

ELSEWHERE = (
    "https://evil.test/", "//evil.test", "/\\evil.test", "\\\\evil.test", "http:evil.test", "javascript:alert(1)",
    "/\t/evil.test", " https://evil.test", "https:/evil.test", "http://localhost.evil.test/", "http://globex.localhost/",
)  # fmt: skip
NAUGHTY = (
    "<script>alert(1)</script>", "'; DROP TABLE accounts_user; --", "{{ 7|add:7 }}{% debug %}", "\u202emoc.live",
    "Z\u0351\u036b\u0343A\u0334\u0335\u031c", "👩\u200d👩\u200d👧🏳️\u200d🌈", "田中さん", "مرحبا", "\x00null",
    "a\nb\rc\u2028d", "%s%n%(x)s", "../../etc/passwd", "' OR 1=1", "\ufeffBOM", "½²٣", "=HYPERLINK(1)", "x" * 5_000,
)  # fmt: skip


@pytest.mark.parametrize(("path", "to"), [("research", "/research"), ("admin", "/research"), ("billing", "/billing")])
def test_pages_of_a_workspace_on_the_apex_lead_to_sign_in_and_then_there(cast: Cast, path: str, to: str) -> None:
    nobody = apex()
    asked = nobody.get(f"/{path}", follow=True)
    assert asked.redirect_chain[-1][0].startswith("/login/?next=")
    target = re.search(r'name="next" value="([^"]+)"', asked.content.decode())
    assert target is not None
    form = {"login": email_of(cast.alice), "password": PASSWORD, "next": target[1].replace("&amp;", "&")}
    chooser = nobody.post("/login/", form, follow=True)
    assert "Your workspaces" in text(chooser)
    assert f"/enter/{cast.acme_host.split('.')[0]}?to=%2F{to[1:]}" in chooser.content.decode()


def test_admin_on_a_workspace_is_its_research(cast: Cast) -> None:
    answer = Browser(cast.alice).on(cast.acme_host).get("/admin")
    assert (answer.status_code, answer["Location"]) == (302, "/research")


@pytest.mark.parametrize("to", ELSEWHERE)
def test_no_redirect_leads_off_the_site(cast: Cast, to: str) -> None:
    form = {"login": email_of(cast.alice), "password": PASSWORD, "next": to}
    assert apex().post("/login/", form)["Location"] == "/workspaces"
    assert apex(cast.alice).get("/login/", {"next": to})["Location"] == "/workspaces"
    browser = apex(cast.alice)
    entered = browser.get(f"/enter/{cast.acme_host.split('.')[0]}", {"to": to})["Location"]
    assert entered.startswith(f"http://{cast.acme_host}") and entered.endswith("to=%2Fresearch")
    ticket = re.search(r"ticket=([^&]+)", entered)
    assert ticket is not None
    arrived = Client(headers={"host": cast.acme_host}).get("/hand-off", {"ticket": ticket[1], "to": to})
    assert arrived["Location"] == "/research"
    assert "evil" not in text(browser.get("/workspaces", {"to": to}))
    assert "evil" not in browser.post("/language", {"language": "de", "next": to})["Location"]
    assert browser.post("/logout/", {"next": to})["Location"] == "/login/"


def language_of(page: object) -> str:
    found = re.search(r'<html lang="(\w+)"', page.content.decode())  # type: ignore[attr-defined]
    assert found is not None
    return found[1]


def test_the_language_is_the_persons_then_the_workspaces_then_the_browsers(cast: Cast) -> None:
    browser = Browser(cast.alice)
    host = browser.on(cast.acme_host)
    french = {"accept-language": "fr", "host": cast.acme_host}
    assert language_of(host.get("/settings/teams", headers=french)) == "fr"
    workspaces.change(
        by=cast.alice, schema=cast.acme, name="Acme", language="ja", retention_days=None, fallback_approver=None
    )
    assert language_of(host.get("/settings/teams", headers=french)) == "ja"
    assert host.cookies[settings.LANGUAGE_COOKIE_NAME].value == "ja", "streams read the cookie"
    profile.choose_language(by=cast.alice, language="de")
    assert language_of(host.get("/settings/teams", headers=french)) == "de"
    assert host.cookies[settings.LANGUAGE_COOKIE_NAME].value == "de"
    assert language_of(browser.apex.get("/workspaces", headers={"accept-language": "fr"})) == "de"
    fresh = Browser(cast.alice).on(cast.acme_host)
    assert fresh.cookies[settings.LANGUAGE_COOKIE_NAME].value == "de", "the hand-off brings it"


def test_the_language_form_of_the_top_bar_is_kept_for_the_person(cast: Cast) -> None:
    host = Browser(cast.alice).on(cast.acme_host)
    assert host.post("/language", {"language": "es", "next": "/settings/teams"}).status_code == 302
    assert language_of(Browser(cast.alice).on(cast.acme_host).get("/settings/teams")) == "es"
    host.post("/language", {"language": "tlh", "next": "/settings/teams"})
    assert language_of(host.get("/settings/teams")) == "es"


def test_a_profile_is_saved_and_the_cookies_follow_on_each_host(cast: Cast) -> None:
    alice = apex(cast.alice)
    answer = alice.post("/settings/profile", {"name": " Alice  Liddell ", "language": "fr", "theme": "dark"})
    assert answer.status_code == 302
    assert (answer.cookies["theme"].value, answer.cookies[settings.LANGUAGE_COOKIE_NAME].value) == ("dark", "fr")
    assert 'data-theme="dark"' in alice.get("/settings/profile").content.decode()
    host = Browser(cast.alice).on(cast.acme_host)
    assert (host.cookies["theme"].value, host.cookies[settings.LANGUAGE_COOKIE_NAME].value) == ("dark", "fr")
    assert queries.names([cast.alice]) == {cast.alice: "Alice Liddell"}
    for wrong in ({"theme": "purple"}, {"language": "xx"}, {"name": "x" * 200}):
        assert alice.post("/settings/profile", {"name": "A", "language": "", "theme": ""} | wrong).status_code == 422


@pytest.mark.sample(5)
@pytest.mark.parametrize("name", NAUGHTY, ids=range(len(NAUGHTY)))
def test_an_odd_name_is_taken_or_refused_and_never_breaks_a_page(cast: Cast, name: str) -> None:
    browser = Browser(cast.alice)
    host = browser.on(cast.acme_host)
    forms = [
        (browser.apex, "/settings/profile", {"name": name, "language": "", "theme": ""}),
        (host, "/settings/general/change", {"name": name, "language": ""}),
        (host, "/settings/teams/new", {"name": name, "people": name}),
        (host, "/settings/teams/new", {"name": name, "people": str(cast.alice)}),
        (host, "/settings/members/invite", {"email": name, "role": name}),
        (host, "/settings/members/invite", {"email": "odd@example.test", "role": "viewer"}),
        (host, "/settings/general/close", {"name": name + "?"}),
        (host, "/settings/general/transfer", {"to": name}),
        (browser.apex, "/new", {"name": name, "slug": name}),
        (apex(), "/login/", {"login": name, "password": name}),
        (apex(), "/login/code/", {"email": name}),
        (apex(), "/signup/", {"email": name, "password1": name}),
    ]  # fmt: skip
    for client, path, form in forms:
        assert client.post(path, form).status_code in {200, 302, 404, 409, 422}, path
    pages = [(host, f"/settings/{part}") for part in ("general", "members", "teams")]
    for client, path in [*pages, (browser.apex, "/workspaces"), (browser.apex, "/settings/profile")]:
        page = client.get(path)
        assert page.status_code == 200, path
        assert "<script>alert" not in page.content.decode() and "1414" not in text(page), path
    assert apex().get(f"/join/{name[:200]}").status_code == 404


def test_a_number_beyond_all_numbers_is_not_found(cast: Cast) -> None:
    browser, huge = Browser(cast.alice), "9" * 40
    host = browser.on(cast.acme_host)
    forms = {
        "/settings/general/transfer": {"to": huge}, f"/settings/members/{huge}/remove": {},
        f"/settings/members/{huge}/role": {"role": "viewer"}, f"/settings/teams/{huge}/remove": {},
        f"/settings/teams/{huge}/change": {"name": "x", f"team-{huge}-name": "x"},
    }  # fmt: skip
    for path, form in forms.items():
        assert host.post(path, form).status_code == 404, path
    assert browser.apex.post(f"/settings/sessions/{huge}/end").status_code == 404
    general = {"name": "Acme", "language": "", "retention_days": huge, "fallback_approver": huge}
    assert host.post("/settings/general/change", general).status_code == 422


def test_an_address_that_begins_as_a_name_is_not_taken_for_one(cast: Cast) -> None:
    with tenancy.as_platform("a person without a name"):
        get_user_model().objects.filter(pk=cast.alice).update(name="")
    assert email_of(cast.alice) in text(Browser(cast.alice).on(cast.acme_host).get("/settings/members"))


SHOWN = """
import django; django.setup()
from django.test import Client
page = Client(headers={"host": "localhost"}).get("/login/")
print(page.status_code, sorted(n for n in ("Google", "GitHub", "Microsoft", "Our Keys") if n in page.content.decode()))
print(page.headers["Content-Security-Policy"])
"""
KEYS = {f"{name}_CLIENT_{part}": "x" for name in ("GOOGLE", "GITHUB", "MICROSOFT", "OIDC") for part in ("ID", "SECRET")}


@pytest.mark.sample(1)
@pytest.mark.parametrize(
    ("keys", "expected"),
    [
        ({}, "200 []"),
        ({"GOOGLE_CLIENT_ID": "x"}, "200 []"),
        ({"GITHUB_CLIENT_ID": "x", "GITHUB_CLIENT_SECRET": "x"}, "200 ['GitHub']"),
        (KEYS | {"OIDC_SERVER_URL": "https://id.example.test/realm", "OIDC_NAME": "Our Keys"},
         "200 ['GitHub', 'Google', 'Microsoft', 'Our Keys']"),
    ],
    ids=["none", "half", "one", "all"],
)  # fmt: skip
def test_a_button_for_accounts_elsewhere_stands_there_only_with_keys(
    db: None, keys: dict[str, str], expected: str
) -> None:
    plain = {
        name: value for name, value in os.environ.items() if "_CLIENT_" not in name and not name.startswith("OIDC")
    }
    ran = subprocess.run(
        [sys.executable, "-c", SHOWN], env=plain | keys, capture_output=True, text=True, check=True, timeout=60
    )
    shown, policy = ran.stdout.strip().splitlines()[-2:]
    assert shown == expected
    assert ("https://id.example.test" in policy) == ("OIDC_NAME" in keys), "a form may go on to the provider"
    assert ("https://github.com" in policy) == ("GITHUB_CLIENT_SECRET" in keys)
