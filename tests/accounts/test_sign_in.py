"""Ways in: password, code by mail, app and recovery code; limits; nothing tells whether an address has an account."""

from __future__ import annotations

import re
import time

import pytest
from allauth.account.models import EmailAddress
from allauth.mfa.totp.internal import auth as totp
from django.core import mail
from django.test import Client, override_settings

from apps.accounts import queries, tenancy
from apps.accounts.adapters import AccountAdapter
from tests.accounts.conftest import apex, email_of, request_of, text
from tests.conftest import PASSWORD, Cast

LOCMEM = override_settings(EMAIL_BACKEND="django.core.mail.backends.locmem.EmailBackend")

NEWER = "a longer horse battery"


def confirm(person: int) -> None:
    """Confirm a person's address."""
    with tenancy.as_platform("a test confirms an address"):
        EmailAddress.objects.update_or_create(
            user_id=person, email=email_of(person), defaults={"verified": True, "primary": True}
        )


def is_in(browser: Client) -> bool:
    return browser.get("/workspaces").status_code == 200


@LOCMEM
def test_a_new_person_signs_up_at_once_and_is_reminded_until_the_address_is_confirmed(db: None) -> None:
    nora = apex()
    answer = nora.post("/signup/", {"email": "nora@example.test", "password1": PASSWORD})
    assert answer["Location"] == "/new"
    page = nora.get("/workspaces")
    assert "Confirm nora@example.test: open the link that we sent" in text(page)
    assert 'name="action_send"' in page.content.decode()
    link = re.search(r"http://localhost\S*(/confirm-email/\S+/)", mail.outbox[0].body)
    assert link is not None
    assert nora.post(link[1]).status_code == 302
    assert "open the link that we sent" not in text(nora.get("/workspaces"))
    person = queries.person_of_email("nora@example.test")
    assert person is not None and queries.is_confirmed(person)


@LOCMEM
def test_a_code_by_mail_signs_in_once_and_only_with_the_right_digits(cast: Cast) -> None:
    alice = apex()
    assert alice.post("/login/code/", {"email": email_of(cast.alice)})["Location"] == "/login/code/confirm/"
    code = re.search(r"^\s*([A-Z0-9]{2,}-?[A-Z0-9]+)\s*$", mail.outbox[0].body, re.M)
    assert code is not None, mail.outbox[0].body
    wrong = alice.post("/login/code/confirm/", {"code": "WRONG-1"})
    assert "This code is not right." in text(wrong) and not is_in(alice)
    assert alice.post("/login/code/confirm/", {"code": code[1]}).status_code == 302
    assert is_in(alice)
    other = apex()
    other.post("/login/code/confirm/", {"code": code[1]})
    assert not is_in(other)


@LOCMEM
@pytest.mark.parametrize(("path", "field"), [("/login/code/", "email"), ("/password/reset/", "email")])
def test_code_and_reset_tell_nobody_whether_an_address_has_an_account(cast: Cast, path: str, field: str) -> None:
    known, unknown = apex(), apex()
    pages = []
    for browser, address in ((known, email_of(cast.alice)), (unknown, "nobody@example.test")):
        answer = browser.post(path, {field: address}, follow=True)
        body = re.sub(r'value="[^"]{20,}"', "", answer.content.decode()).replace(address, "ADDRESS")
        pages.append((answer.status_code, answer.redirect_chain, body))
    assert pages[0] == pages[1]
    assert [message.to for message in mail.outbox] == [[email_of(cast.alice)]]


@LOCMEM
def test_a_reset_link_works_once_and_signs_every_other_browser_out(cast: Cast) -> None:
    elsewhere = apex(cast.alice, password=True)
    apex().post("/password/reset/", {"email": email_of(cast.alice)})
    link = re.search(r"http://localhost\S*(/password/reset/key/\S+)", mail.outbox[0].body)
    assert link is not None
    alice = apex()
    form = alice.get(link[1], follow=True)
    path = form.redirect_chain[-1][0]
    assert alice.post(path, {"password1": "short"}).status_code == 200
    assert alice.post(path, {"password1": NEWER, "password2": NEWER}).status_code == 302
    assert not is_in(elsewhere)
    assert "This link no longer works" in text(apex().get(link[1], follow=True))
    assert apex().post("/login/", {"login": email_of(cast.alice), "password": PASSWORD}).status_code == 200
    again = apex()
    again.post("/login/", {"login": email_of(cast.alice), "password": NEWER})
    assert is_in(again)


def test_an_app_is_set_up_and_asked_for_and_a_recovery_code_works_once(cast: Cast) -> None:
    alice = apex(cast.alice, password=True)
    alice.get("/email/")
    assert alice.get("/settings/security/totp/activate/")["Location"] == "/settings/security/", "not confirmed yet"
    confirm(cast.alice)
    assert alice.get("/settings/security/totp/activate/")["Location"].startswith("/reauthenticate/")
    again = alice.post("/reauthenticate/", {"password": PASSWORD, "next": "/settings/security/totp/activate/"})
    assert again["Location"] == "/settings/security/totp/activate/"
    page = alice.get("/settings/security/totp/activate/")
    secret = re.search(r'id="secret" value="(\w+)"', page.content.decode())
    assert secret is not None
    assert "This code is not right." in text(alice.post("/settings/security/totp/activate/", {"code": "000000"}))
    digits = totp.format_hotp_value(totp.hotp_value(secret[1], int(time.time()) // 30))
    assert alice.post("/settings/security/totp/activate/", {"code": digits}).status_code == 302
    codes = re.findall(r"^\d{8}$", _pre(alice.get("/settings/security/recovery-codes/").content.decode()), re.M)
    assert len(codes) == 10
    assert _second_step(cast, "123456") is False
    assert _second_step(cast, codes[0]) is True
    assert _second_step(cast, codes[0]) is False, "a recovery code works once"
    assert "9 codes are left" in text(alice.get("/settings/security/"))


def _pre(page: str) -> str:
    found = re.search(r"<pre[^>]*>(.*?)</pre>", page, re.S)
    return found[1] if found else ""


def _second_step(cast: Cast, code: str) -> bool:
    browser = apex()
    answer = browser.post("/login/", {"login": email_of(cast.alice), "password": PASSWORD})
    assert answer["Location"] == "/settings/security/authenticate/"
    assert not is_in(browser), "a password alone is not enough"
    browser.post("/settings/security/authenticate/", {"code": code})
    return is_in(browser)


@LOCMEM
def test_every_mail_speaks_for_itself_and_names_no_example_site(cast: Cast) -> None:
    apex().post("/signup/", {"email": "nora@example.test", "password1": PASSWORD})
    apex().post("/login/code/", {"email": email_of(cast.alice)})
    apex().post("/password/reset/", {"email": email_of(cast.alice)})
    subjects = [message.subject for message in mail.outbox]
    assert subjects == ["Confirm your address", "Your code for signing in", "Choose a new password"]
    for message in mail.outbox:
        assert "example.com" not in message.body and message.body.count("Research that shows its working.") == 1
        assert re.search(r"http://localhost/|\b[A-Z0-9]{4}-?[A-Z0-9]{4}\b|[A-Z0-9]{6}", message.body), message.body


def test_too_many_tries_are_answered_with_429_and_a_sentence(cast: Cast) -> None:
    answers = [apex().post("/login/", {"login": f"x{n}@example.test", "password": "wrong"}) for n in range(22)]
    assert answers[0].status_code == 200
    assert answers[-1].status_code == 429
    assert "Wait a minute and try again." in text(answers[-1])


def test_staff_have_no_door_of_their_own_that_knows_neither_limits_nor_factors(cast: Cast) -> None:
    for answer in (apex().get("/staff/"), apex().post("/staff/login/", {"username": "a", "password": "b"})):
        assert answer.status_code in {302, 405}
    asked = apex().get("/staff/", follow=True)
    assert asked.redirect_chain[-1][0].startswith("/login/?next=")
    assert apex(cast.alice).get("/staff/", follow=True).status_code in {403, 404}


def test_one_account_is_guarded_from_guesses_whatever_host_is_asked(cast: Cast) -> None:
    for _try in range(5):
        apex().post("/login/", {"login": email_of(cast.alice), "password": "wrong"})
    held = apex().post("/login/", {"login": email_of(cast.alice), "password": PASSWORD})
    assert held.status_code == 200 and "Wait five minutes, or reset the password." in text(held)
    host = Client(headers={"host": cast.acme_host}).post("/login/", {"login": "x", "password": "y"})
    assert host.status_code == 302 and "/enter/" in host["Location"], "there is no second door"


def test_a_forwarded_address_counts_only_behind_known_proxies(cast: Cast) -> None:
    adapter = AccountAdapter()
    forged = request_of("203.0.113.9", forwarded="198.51.100.1, 198.51.100.2")
    assert adapter.get_client_ip(forged) == "203.0.113.9"  # type: ignore[arg-type]
    with override_settings(TRUSTED_PROXIES=1):
        assert adapter.get_client_ip(forged) == "198.51.100.2"  # type: ignore[arg-type]
        assert adapter.get_client_ip(request_of("203.0.113.9")) == "203.0.113.9"  # type: ignore[arg-type]
    with override_settings(TRUSTED_PROXIES=3):
        assert adapter.get_client_ip(forged) == "203.0.113.9"  # type: ignore[arg-type]
    answers = [
        apex().post("/login/", {"login": "x@example.test", "password": "w"}, headers={"x-forwarded-for": f"10.0.0.{n}"})
        for n in range(22)
    ]
    assert answers[-1].status_code == 429, "a made-up address does not escape the limit"
