"""The site as `seed_site` makes it, for the tests of this folder; gone afterwards."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import pytest
from django.contrib.auth import get_user_model
from django.contrib.auth.models import Group
from django.core.cache import cache
from django.test import Client
from djstripe.models import Price, Product
from wagtail.models import Collection, Locale, Page, Site, Task, Workflow

from apps.accounts import tenancy
from apps.blog.actions import ground, seeding
from apps.blog.models import Author, Evidence
from tests.conftest import Cast

LIMITS = {"credits": 100, "seats": 2, "monitors": 1, "retention_days": 30, "priority": 0, "tokens": 1000}


@dataclass(frozen=True)
class Seeded:
    """How many pages the seeding made, and who may edit the site, by group."""

    pages: int
    editors: dict[str, int]

    def visit(self, group: str = "") -> Client:
        """Return a browser on the apex, of a member of a group or of nobody."""
        client = Client(headers={"host": "localhost"}, raise_request_exception=False)
        if group:
            client.force_login(get_user_model().objects.get(pk=self.editors[group]))
        return client


@pytest.fixture(scope="package")
def seeded(django_db_setup: None, django_db_blocker: Any) -> Iterator[Seeded]:
    """Seed once for all files of this folder, with one guide of six."""
    with django_db_blocker.unblock():
        with tenancy.as_platform("the site of the tests"):
            made = seeding.seed(workspace="nobody", names=("member",)).made
            people = get_user_model().objects
            editors = {
                name: people.create_user(f"{name[5:]}@site.test", "a long password").pk for name in ground.GROUPS
            }
            for name, person in editors.items():
                ground.hire(person=person, group=name)
    yield Seeded(made, editors)
    with django_db_blocker.unblock():
        clear_site()
        with tenancy.as_platform("who edited it goes"):
            get_user_model().objects.filter(pk__in=editors.values()).delete()


def clear_site() -> None:
    """Take the site away, with the groups that edit it."""
    with tenancy.as_platform("the site of the tests goes"):
        Site.objects.all().delete()
        for model in (Workflow, Task, Page, Author, Evidence, Collection, Locale):
            model.objects.all().delete()
        Group.objects.filter(name__in=ground.GROUPS).delete()
        cache.clear()


@pytest.fixture
def site(seeded: Seeded, cast: Cast) -> Seeded:
    """The seeded site; what a test changes is rolled back."""
    cache.clear()
    return seeded


def sell(slug: str, *, cents: int, credits: int, active: bool = True) -> None:
    """Mirror a plan with its price."""
    words = {name: str(value) for name, value in (LIMITS | {"credits": credits}).items()} | {"footnote_plan": slug}
    product, _new = Product.objects.update_or_create(id=f"prod_{slug}", defaults={
        "name": slug.title(), "active": True, "livemode": False,
        "stripe_data": {"id": f"prod_{slug}", "metadata": words, "description": f"For {slug}."},
    })  # fmt: skip
    Price.objects.update_or_create(id=f"price_{slug}", defaults={
        "product": product, "active": active, "livemode": False,
        "stripe_data": {"id": f"price_{slug}", "unit_amount": cents, "currency": "usd", "created": 1, "active": active},
    })  # fmt: skip
