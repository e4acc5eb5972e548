"""A workspace whose runs stop for a person: alice owns, adam administers, bob researches, vera reads."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import pytest
from django.contrib.auth import get_user_model
from django.test import Client

from apps.accounts import tenancy
from apps.accounts.actions import workspaces
from apps.lib import ids
from apps.library.actions import documents as library
from apps.library.actions.documents import Upload
from apps.policy import queries as policy
from apps.policy.approvals import request
from apps.research.actions import runs
from apps.runtime import actions as runtime
from tests.conftest import Cast

QUESTION = "When was the Harrow dam opened and how much water does it hold?"
DAM = b"# The Harrow dam\n\nThe Harrow dam was opened on 4 May 1974. It holds 12.5 million cubic metres of water.\n"


@dataclass(frozen=True)
class Office:
    """acme and its people by name."""

    cast: Cast
    people: dict[str, int]

    @property
    def schema(self) -> str:
        return self.cast.acme

    def run(self, *points: str, by: str = "bob", **more: object) -> str:
        """Start a run that stops at these points, and drive it there; return its id."""
        with tenancy.in_workspace(self.schema):
            made = runs.start(
                by=self.people[by],
                request=runs.Request(question=QUESTION, documents=self.documents(), approval_points=points, **more),  # type: ignore[arg-type]
            )
            runtime.drive()
        return made

    def documents(self) -> tuple[str, ...]:
        from apps.library import queries

        return tuple(row.id for row in queries.documents())

    def pending(self, run: str) -> str:
        """Return the id of what a run waits for."""
        with tenancy.in_workspace(self.schema):
            row = policy.pending_approval(run)
        assert row is not None
        return row.id

    def ask(self, rule: str = "publish") -> str:
        """Ask for an approval that no run waits for; return its id."""
        with tenancy.in_workspace(self.schema):
            return request.answer(
                run="run_none", task=ids.new("task"), name=rule, subject={"draft": "x", "verdicts": {}}, rule=rule,
                asked_for=self.people["bob"],
            ).approval  # fmt: skip

    def visit(self, person: str = "", **more: object) -> Client:
        """Return a browser on acme's host, signed in as a person."""
        client = Client(headers={"host": self.cast.acme_host, "accept-language": "en"}, **more)  # type: ignore[arg-type]
        if person:
            with tenancy.as_platform("a test signs in"):
                client.force_login(get_user_model().objects.get(pk=self.people[person]))
        return client


@pytest.fixture
def office(committed: Cast) -> Office:
    """The workspace with its people, really committed."""
    return make_office(committed)


def make_office(cast: Cast) -> Office:
    """Give a cast its approvers and readers, and a document to read."""
    people = {"alice": cast.alice, "bob": cast.bob, "charlie": cast.charlie}
    for name, role in (("adam", "admin"), ("ann", "approver"), ("vera", "viewer")):
        email = f"{name}-{cast.acme[-8:]}@example.test"
        people[name] = workspaces.join(by=cast.alice, schema=cast.acme, email=email, role=role, name=name.title())
    with tenancy.in_workspace(cast.acme):
        library.add(by=cast.bob, uploads=[Upload("dam.md", DAM)])
    return Office(cast, people)


Read = Callable[[str], str]
