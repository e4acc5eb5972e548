"""Browsers for the people of the cast, and a member of acme for each role."""

from __future__ import annotations

import html
import re
from collections.abc import Iterator

import pytest
from django.conf import settings
from django.contrib.auth import get_user_model
from django.core.cache import cache
from django.http import HttpResponse
from django.test import Client
from django.test.client import RequestFactory

from apps.accounts import rules, tenancy
from apps.accounts.actions import workspaces
from tests.conftest import PASSWORD, Cast

AGENT = "Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0"


@pytest.fixture(autouse=True)
def fresh_limits() -> Iterator[None]:
    """Rate limits count in Redis, which no transaction rolls back."""
    cache.clear()
    yield
    cache.clear()


@pytest.fixture
def people(cast: Cast) -> dict[str, int]:
    """Return role → a member of acme with it; alice owns, bob researches."""
    found = {rules.OWNER: cast.alice}
    with tenancy.as_platform("whose address is bob's"):
        bob = get_user_model().objects.get(memberships__workspace__schema_name=cast.acme, name="Bob")
    found[rules.RESEARCHER] = bob.pk
    for role in set(rules.ROLES) - set(found):
        found[role] = workspaces.join(
            by=cast.alice, schema=cast.acme, email=f"{role}@example.test", role=role, name=role.title(),
            password=PASSWORD,
        )  # fmt: skip
    return found


def email_of(person: int) -> str:
    """Return a person's address."""
    with tenancy.as_platform("a test asks for an address"):
        return get_user_model().objects.get(pk=person).email


def apex(person: int | None = None, *, password: bool = False, **more: object) -> Client:
    """Return a browser on the apex, signed in or not; with `password` through the form."""
    client = Client(headers={"host": settings.APEX_HOST, "user-agent": AGENT}, **more)  # type: ignore[arg-type]
    if person is not None and password:
        response = client.post("/login/", {"login": email_of(person), "password": PASSWORD})
        assert response.status_code == 302, text(response)
    elif person is not None:
        with tenancy.as_platform("a test signs in"):
            client.force_login(get_user_model().objects.get(pk=person))
    return client


class Browser:
    """A person's browser: one jar of cookies for each host, as cookies are host-only."""

    def __init__(self, person: int | None = None, *, password: bool = False) -> None:
        self.apex = apex(person, password=password)
        self.hosts: dict[str, Client] = {}

    def on(self, host: str) -> Client:
        """Return the part of the browser that is signed in on a workspace's host."""
        if host not in self.hosts:
            answer = self.apex.get(f"/enter/{host.split('.')[0]}")
            assert answer.status_code == 302, answer.status_code
            self.hosts[host] = Client(headers={"host": host, "user-agent": AGENT})
            arrived = self.hosts[host].get(re.sub(r"^https?://[^/]+", "", answer["Location"]))
            assert arrived.status_code == 302, arrived.status_code
        return self.hosts[host]


def text(response: HttpResponse) -> str:
    """Return a page as its reader sees it."""
    plain = re.sub(r"<(script|style|svg)\b.*?</\1>|<[^>]+>", " ", response.content.decode(), flags=re.S)
    return " ".join(html.unescape(plain).split())


def request_of(address: str = "127.0.0.1", forwarded: str = "") -> object:
    """Return a bare request from an address."""
    headers = {"x-forwarded-for": forwarded} if forwarded else {}
    return RequestFactory().get("/login/", REMOTE_ADDR=address, headers=headers)
