"""A workspace with runs in every state that a page shows, really committed, and browsers for its people."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace

import pytest
from django.contrib.auth import get_user_model
from django.test import Client

from apps.accounts import tenancy
from apps.accounts.actions import workspaces
from apps.billing.actions import credits
from apps.library.actions import documents as library
from apps.library.actions.documents import Upload
from apps.policy.registry import catalogue
from apps.policy.registry.definitions import Rate
from apps.research.actions import runs
from apps.runtime import actions as runtime
from tests.conftest import Cast, make_cast, numbers

DAM = b"# The Harrow dam\n\nThe Harrow dam was opened on 4 May 1974. It holds 12.5 million cubic metres of water.\n"
NEWS = b"# Marl Courier\n\nThe Harrow dam, opened in 1974, holds 13.1 million cubic metres of water.\n"
QUESTION = "When was the Harrow dam opened and how much water does it hold?"


@dataclass(frozen=True)
class House:
    """acme with its people: alice owns, bob researches, vera reads, paula pays; charlie is a stranger."""

    cast: Cast
    people: dict[str, int]
    documents: tuple[str, ...]
    planned: str  # waits for its plan to be accepted
    drafted: str  # waits for its draft to be approved
    published: str

    @property
    def slug(self) -> str:
        """The address of acme."""
        return self.cast.acme_host.partition(".")[0]

    def mail(self, person: str) -> str:
        """Return a person's e-mail address."""
        return f"{person}-{self.slug.removeprefix('acme-')}@example.test"

    def start(self, *points: str) -> str:
        """Start a run by bob that stops for a person at these points."""
        with tenancy.in_workspace(self.cast.acme):
            request = runs.Request(question=QUESTION, documents=self.documents, approval_points=points)
            run = runs.start(by=self.people["bob"], request=request)
            runtime.drive()
        return run


@pytest.fixture(scope="package")
def many_reports() -> Iterator[None]:
    """These tests publish more in a minute than a workspace may."""
    tools = catalogue.tools()
    own = tools["document_write"]
    tools["document_write"] = replace(own, rate=Rate(100_000, 60))
    yield
    tools["document_write"] = own


@pytest.fixture(scope="package")
def house(
    django_db_setup: None, django_db_blocker: pytest.FixtureRequest, many_reports: None
) -> Iterator[House]:  # fmt: skip
    """Prepare it once for these tests; a test that changes a run starts one of its own."""
    with django_db_blocker.unblock():
        name = f"web{next(numbers)}"
        cast = make_cast(name)
        people = {"alice": cast.alice, "bob": cast.bob, "charlie": cast.charlie}
        for person, role in (("vera", "viewer"), ("paula", "billing")):
            email = f"{person}-{name}@example.test"
            people[person] = workspaces.join(
                by=cast.alice, schema=cast.acme, email=email, role=role, name=person.title()
            )  # fmt: skip
        with tenancy.in_workspace(cast.acme):
            uploads = [Upload("dam.md", DAM), Upload("news.md", NEWS)]
            added, _rejected = library.add(by=cast.bob, uploads=uploads)
        bare = House(cast, people, tuple(row.version for row in added), "", "", "")
        made = House(
            cast, people, bare.documents, bare.start("plan", "publish"), bare.start("publish"), bare.start()
        )  # fmt: skip
        credits.grant(by=None, workspace=cast.acme, credits=100_000, key=f"tests {name}")
        yield made
        tenancy.close()


@pytest.fixture
def visit(house: House) -> Callable[..., Client]:
    """Return a browser: signed in as a person or as nobody, on acme's host or another."""

    def browser(person: str = "", *, host: str = "", forged: bool = False, language: str = "en") -> Client:
        headers = {"host": host or house.cast.acme_host, "accept-language": language}
        client = Client(enforce_csrf_checks=forged, headers=headers)
        if person:
            with tenancy.as_platform("a test signs in"):
                client.force_login(get_user_model().objects.get(pk=house.people[person]))
        return client

    return browser
