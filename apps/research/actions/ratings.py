"""What people think of a report or a sentence, kept for evaluation."""

from __future__ import annotations

from django.utils.translation import gettext as _

from apps.lib import clock
from apps.lib.errors import Invalid, NotFound
from apps.lib.text import clean
from apps.research.actions.runs import member_of
from apps.research.models import Rating
from apps.research.queries import access, documents


def rate(*, by: int, run: str, value: int, claim: int | None = None, note: str = "") -> None:
    """Keep a person's opinion: 1 good, -1 bad, 0 takes it back; rating again replaces what they said before.

    claim: a sentence's number in reading order, or None for the whole report.
    Raises: Forbidden, NotFound (no report, no such sentence), Invalid.
    """
    access.demand(member_of(by), run, "read")
    if value not in (-1, 0, 1):
        raise Invalid(_("Rate it as good or as bad."))
    report = documents.load(run)
    if report.state != "published" or (claim is not None and not 0 <= claim < len(report.sentences)):
        raise NotFound(_("There is no such sentence in a published report."))
    if value == 0:
        Rating.objects.filter(run=run, claim=claim, person=by).delete()
        return
    Rating.objects.update_or_create(
        run=run, claim=claim, person=by,
        defaults={
            "value": value, "note": clean(note).strip()[:1000], "created_at": clock.now(),
            "text": report.title if claim is None else report.sentences[claim].text,
        },
    )  # fmt: skip
