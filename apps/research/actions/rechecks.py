"""Look again: collect the sources of a finished run once more, at the price of reading them."""

from __future__ import annotations

from django.db import transaction
from django.utils.translation import gettext as _

from apps.accounts import tenancy
from apps.billing import rules as prices
from apps.billing.actions import credits
from apps.lib.errors import Conflict
from apps.policy.guardrails import containment
from apps.policy.identity import delegation
from apps.policy.rules import digest
from apps.research.actions.runs import AGENT_VERSION, member_of
from apps.research.models import Inquiry
from apps.research.queries import access, rechecks
from apps.runtime import actions as runtime

SCOPES = frozenset({"fetch", "library"})


def start(*, by: int, run: str, name: str) -> str:
    """Hold what reading the sources of a run costs, and have them collected again; return the id of the look.

    name: tells this look from others at the same run. What it found is told by the port `research.rechecked`.
    Raises: Forbidden, NotFound, Conflict (it read nothing), NotEnoughCredits, Unpaid, QueueDown.
    """
    access.demand(member_of(by), run, "research")
    inquiry = Inquiry.objects.get(pk=run)
    sources = rechecks.sources(run)
    if not sources:
        raise Conflict(_("This run has read no source that is still there."))
    id_, price = f"{run}.look{name}", prices.SOURCE * len(sources)
    given = {"run": run, "mode": inquiry.mode, "sources": sources}
    documents = [source["ref"] for source in sources if source["kind"] == "library"]
    addresses = [source["ref"] for source in sources if source["kind"] == "web"]
    with transaction.atomic():
        delegation.lend(
            run=id_, person=by, scopes=SCOPES, mode=inquiry.mode, credits=price, plan_hash=digest([given]),
            agent_version=AGENT_VERSION,
        )  # fmt: skip
        # Exactly the documents and addresses that the run has read: a look finds nothing new, and asks for no query.
        kinds = sorted({source["kind"] for source in sources})
        containment.fix(run=id_, words=[], documents=documents, kinds=kinds, asks=False)
        containment.widen(run=id_, addresses=addresses)
        runtime.admit(by=by, run=id_, name="recheck", input=given)
        credits.hold(by=by, workspace=tenancy.current(), run=id_, credits=price)
    return id_


def price(run: str) -> int:
    """Return what a look at the sources of a run costs at most, in credits."""
    return prices.SOURCE * len(rechecks.sources(run))
