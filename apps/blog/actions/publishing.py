"""What is due for publication, and what has had its time."""

from __future__ import annotations

import logging

from django.core.exceptions import ValidationError
from django.db import transaction
from wagtail.models import Page, Revision

from apps.lib import clock

log = logging.getLogger(__name__)


def publish_due() -> int:
    """Publish what editors scheduled for by now and take back what expires; return how many pages changed.

    Runs in the scheduler with the platform's role. A page that may not be published, one whose plan lost its price
    for example, becomes a draft without a date again and is named in the log; it does not hold up the others.
    """
    now = clock.now()
    changed = 0
    expired = Page.objects.live().filter(expire_at__lte=now).order_by("expire_at")
    for page in expired.specific():
        page.unpublish(set_expired=True, log_action="wagtail.unpublish.scheduled")
        changed += 1
    for revision in Revision.page_revisions.filter(approved_go_live_at__lte=now).order_by("approved_go_live_at"):
        changed += _publish(revision)
    return changed


def _publish(revision: Revision) -> int:
    try:
        with transaction.atomic():
            revision.publish(log_action="wagtail.publish.scheduled")
    except ValidationError as error:
        Revision.objects.filter(pk=revision.pk).update(approved_go_live_at=None)
        log.warning("%s was not published as scheduled: %s", revision.object_str, "; ".join(error.messages))
        return 0
    return 1
