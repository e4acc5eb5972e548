"""Put pages into the tree, once."""

from __future__ import annotations

from datetime import datetime
from typing import TypeVar

from django.conf import settings
from wagtail.models import Locale, Page

from apps.blog.models.base import SitePage
from apps.lib import clock

P = TypeVar("P", bound=SitePage)


def add(parent: Page, page: P, *, at: datetime | None = None) -> P:
    """Put a page below another, published, unless there is one at this address; return the one that is there.

    at: since when it is published; now where nobody says. What hangs on the page, tags for example, is given before.
    """
    kind = type(page)
    found = kind.objects.child_of(parent).filter(slug=page.slug).first()
    if found is not None:
        return found
    page.locale = Locale.objects.get(language_code=settings.LANGUAGE_CODE)
    page.first_published_at = page.last_published_at = at or clock.now()
    parent.add_child(instance=page)
    # What publishing would write, without saving and indexing the page three times.
    revision = page.save_revision(clean=False)
    page.live_revision = revision
    page.has_unpublished_changes = False
    kind.objects.filter(pk=page.pk).update(live_revision=revision, has_unpublished_changes=False)
    return page
