"""The report on the site's first page goes when its original does, and the next one takes its place."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from django.core.cache import cache

from apps.accounts import tenancy
from apps.blog.actions import ground, planting, showing
from apps.blog.models import Evidence, HomePage
from apps.research.actions import keeping
from tests.blog.conftest import clear_site
from tests.web.conftest import House


@pytest.fixture
def home(house: House) -> Iterator[HomePage]:
    """A site that is one page."""
    cache.clear()
    with tenancy.as_platform("a site of one page"):
        made = planting.add(ground.lay(), HomePage(title="Home", slug="home", claim="It is so", lead="Look."))
    yield made
    clear_site()


def shown() -> str:
    """Return the run whose report the first page shows, from the page and from its draft."""
    with tenancy.as_platform("a test looks at the site"):
        page = HomePage.objects.get()
        draft = page.get_latest_revision_as_object()
        assert draft.evidence_id == page.evidence_id
        return page.evidence.run if page.evidence else ""


def test_a_copy_goes_with_its_report_and_the_next_published_one_stands_there(house: House, home: HomePage) -> None:
    bob = house.people["bob"]
    first, second, third = house.start(), house.start(), house.start()
    with tenancy.as_platform("a test seeds the site"):
        kept = showing.show(slug="home", workspace=house.slug, run=first)
        home.evidence = Evidence.objects.get(pk=kept)
        home.save_revision().publish()
        assert showing.review() == 0
    assert shown() == first
    with tenancy.in_workspace(house.cast.acme):
        keeping.withdraw(by=bob, run=first, reason="The survey was wrong.")
    with tenancy.as_platform("the scheduler comes round"):
        assert showing.review() == 1 and showing.review() == 0
        assert not Evidence.objects.filter(run=first).exists()
    # The oldest that is left is the one that the house began with.
    assert shown() == house.published
    for run, end in ((second, keeping.delete), (third, keeping.delete)):
        with tenancy.in_workspace(house.cast.acme):
            end(by=bob, run=run)
    with tenancy.in_workspace(house.cast.acme):
        keeping.show_to(by=bob, run=house.published, visibility="private")
    try:
        with tenancy.as_platform("the scheduler comes round"):
            assert showing.review() == 1 and not Evidence.objects.filter(run=house.published).exists()
        # Other tests may have published more; nothing of what is gone or closed is left.
        assert shown() not in {first, second, third, house.published}
    finally:
        with tenancy.in_workspace(house.cast.acme):
            keeping.show_to(by=bob, run=house.published, visibility="workspace")
