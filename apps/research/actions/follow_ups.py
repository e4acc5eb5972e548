"""Ask on: a question about a report, answered from the sources of its run."""

from __future__ import annotations

from django.db import transaction
from django.db.models import Max
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from apps.accounts import tenancy
from apps.billing import rules as prices
from apps.billing.actions import credits
from apps.lib import clock
from apps.lib.errors import Conflict, Invalid
from apps.lib.text import clean
from apps.library import queries as library
from apps.policy.identity import delegation
from apps.policy.rules import digest
from apps.research.actions.runs import AGENT_VERSION, member_of
from apps.research.models import FollowUp, Inquiry
from apps.research.queries import access, documents
from apps.research.steps.prompting import versions
from apps.runtime import actions as runtime

SCOPES = frozenset({"model", "library"})
MOST_QUESTION = 1000
MOST_OF_A_RUN = 200


def ask(*, by: int, run: str, question: str) -> str:
    """Hold what an answer may cost and admit it; return its id.

    Raises: Forbidden, NotFound, Invalid (no question, or too long), Conflict (nothing was read yet, or too many),
    NotEnoughCredits, QueueDown.
    """
    access.demand(member_of(by), run, "research")
    question = clean(question).strip()
    if not question:
        raise Invalid(_("Write a question first."))
    if len(question) > MOST_QUESTION:
        raise Invalid(
            ngettext(
                "The question has %(length)d character; %(most)d are the most. Shorten it.",
                "The question has %(length)d characters; %(most)d are the most. Shorten it.",
                len(question),
            )
            % {"length": len(question), "most": MOST_QUESTION}
        )
    if not any(row.kept and row.snapshot for row in library.sources(run)):
        raise Conflict(_("This run has read no source yet. Ask again once it has."))
    inquiry = Inquiry.objects.get(pk=run)
    given = {
        "question": question, "run": run, "mode": inquiry.mode,
        "assumptions": documents.plan_of(run).get("assumptions", []),
    }  # fmt: skip
    with transaction.atomic():
        # One question after the other gets its number.
        Inquiry.objects.select_for_update().get(pk=run)
        number = (FollowUp.objects.filter(run=run).aggregate(last=Max("number"))["last"] or 0) + 1
        if number > MOST_OF_A_RUN:
            raise Conflict(_("%(most)d questions were asked here. Ask a new one as a run.") % {"most": MOST_OF_A_RUN})
        id_ = f"{run}.{number}"
        credits.hold(by=by, workspace=tenancy.current(), run=id_, credits=prices.FOLLOW_UP)
        FollowUp.objects.create(
            id=id_, run=run, number=number, person=by, question=question, created_at=clock.now()
        )  # fmt: skip
        delegation.lend(
            run=id_, person=by, scopes=SCOPES, mode=inquiry.mode, credits=prices.FOLLOW_UP,
            plan_hash=digest([given, versions()]), agent_version=AGENT_VERSION,
        )  # fmt: skip
        runtime.admit(by=by, run=id_, name="follow_up", input=given)
    return id_


def again(*, by: int, run: str, number: int) -> None:
    """Try once more what failed. Raises: Forbidden, NotFound, Conflict, NotEnoughCredits."""
    access.demand(member_of(by), run, "research")
    row = FollowUp.objects.filter(run=run, number=number).first()
    if row is None:
        raise Conflict(_("There is no such question any more."))
    with transaction.atomic():
        runtime.resume(by=by, run=row.pk)
        credits.hold(by=by, workspace=tenancy.current(), run=row.pk, credits=prices.FOLLOW_UP, round=row.rounds)
        delegation.cover(run=row.pk, credits=prices.FOLLOW_UP * row.rounds)
