"""Platform staff: stella and stan decide, simon only looks; and the office of a customer."""

from __future__ import annotations

from dataclasses import dataclass

import pytest
from django.contrib.auth import get_user_model
from django.contrib.auth.models import Group
from django.test import Client

from apps.accounts import tenancy
from apps.accounts.queries import WorkspaceRow, workspace_of_schema
from tests.approvals.conftest import Office, office

__all__ = ["Office", "office"]


@dataclass(frozen=True)
class Staff:
    """Ids by name, and browsers on the apex."""

    people: dict[str, int]
    office: Office

    @property
    def space(self) -> WorkspaceRow:
        """The customer's workspace."""
        row = workspace_of_schema(self.office.schema)
        assert row is not None
        return row

    def visit(self, name: str = "") -> Client:
        """Return a browser on the apex, signed in as somebody of staff or of the office."""
        client = Client(headers={"host": "localhost", "accept-language": "en"})
        if name:
            known = {**self.office.people, **self.people}
            with tenancy.as_platform("a test signs in"):
                client.force_login(get_user_model().objects.get(pk=known[name]))
        return client


@pytest.fixture
def staff(office: Office) -> Staff:
    """Three members of staff."""
    people, mark = {}, office.schema[-8:]
    with tenancy.as_platform("a test hires"):
        group, _new = Group.objects.get_or_create(name="platform_staff")
        for name in ("stella", "stan", "simon"):
            person = get_user_model().objects.create_user(
                f"{name}-{mark}@footnote.test", "correct horse", name=name.title(), is_staff=True
            )
            if name != "simon":
                person.groups.add(group)
            people[name] = person.pk
    return Staff(people, office)
