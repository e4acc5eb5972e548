"""Make and hand out the proof bundle of a published report."""

from __future__ import annotations

from django.db import transaction
from django.utils.translation import gettext as _

from apps.accounts import tenancy
from apps.lib import blobs
from apps.lib.errors import Conflict, NotFound
from apps.policy.identity import delegation
from apps.policy.rules import digest
from apps.research.actions.runs import AGENT_VERSION, member_of
from apps.research.models import Inquiry, Report
from apps.research.queries import access
from apps.runtime import actions as runtime
from apps.runtime import queries as states
from apps.runtime import rules

SCOPES = frozenset({"proof"})


def name_of(run: str) -> str:
    """Return the run that makes a run's bundle."""
    return f"{run}.proof"


def make(*, by: int, run: str) -> None:
    """Have the bundle made, unless it is there or being made; what failed is tried once more. It costs no credits.

    Raises: Forbidden, NotFound, Conflict (there is no published report).
    """
    access.demand(member_of(by), run, "read")
    with transaction.atomic():
        inquiry = Inquiry.objects.select_for_update().get(pk=run)
        if not Report.objects.filter(run=run, state="published").exists():
            raise Conflict(_("Only a published report has a proof bundle."))
        id_, given = name_of(run), {"run": run}
        made = states.runs([id_]).get(id_)
        if made is None:
            delegation.lend(
                run=id_, person=by, scopes=SCOPES, mode=inquiry.mode, credits=0, plan_hash=digest([given]),
                agent_version=AGENT_VERSION,
            )  # fmt: skip
            runtime.admit(by=by, run=id_, name="proof", input=given)
        elif made.state in rules.ENDED and made.state != "completed":
            runtime.resume(by=by, run=id_)


def read(*, run: str) -> bytes:
    """Return the zip. Raises NotFound where it was not made yet, or the report was withdrawn since."""
    row = Report.objects.filter(run=run, state="published").exclude(proof="").first()
    if row is None:
        raise NotFound(_("There is no proof bundle yet."))
    return blobs.get(tenancy.current(), row.proof)


def erase(*, run: str) -> frozenset[str]:
    """Forget a run's bundle; return the stored bodies that nothing needs any more. Runs inside the transaction."""
    bodies = frozenset(Report.objects.filter(run=run).exclude(proof="").values_list("proof", flat=True))
    Report.objects.filter(run=run).update(proof="", proof_size=0)
    return bodies
