"""Estimate, start, cancel, resume and decide a run."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

from django.db import transaction
from django.utils.translation import gettext as _

from apps.accounts import queries as accounts
from apps.accounts import tenancy
from apps.accounts.permissions import demand
from apps.accounts.queries import Member
from apps.billing import queries as billing
from apps.billing import rules as prices
from apps.billing.actions import credits
from apps.lib import clock, ids
from apps.lib.errors import Forbidden, Invalid, NotFound, Unavailable
from apps.lib.text import clean
from apps.library import queries as library
from apps.policy import queries as policy
from apps.policy.approvals import decide as approvals
from apps.policy.gate import client
from apps.policy.identity import delegation
from apps.policy.rules import digest
from apps.research import rules
from apps.research.models import Inquiry
from apps.research.steps.prompting import versions
from apps.runtime import actions as runtime

AGENT_VERSION = "research-1"
SCOPES = frozenset({"model", "search", "fetch", "library", "memory"})
MOST_QUESTION = 4000


@dataclass(frozen=True, slots=True)
class Request:
    """What a person asks for. documents: version ids; source_cap 0 means the depth's own cap."""

    question: str
    documents: tuple[str, ...] = ()
    depth: str = "standard"
    source_cap: int = 0
    mode: str = "mock"
    approval_points: tuple[str, ...] = ("plan", "publish")
    web: bool = False

    @property
    def kinds(self) -> tuple[str, ...]:
        """Where the run may look: in the library, on the web."""
        return (*(["library"] if self.documents else []), *(["web"] if self.web and self.mode == "live" else []))


def estimate(request: Request) -> prices.Band:
    """Return what a request may cost, in credits; the high end is what a run holds. Raises Invalid."""
    depth = rules.DEPTHS.get(request.depth)
    if depth is None:
        raise Invalid(_("Choose a depth: quick, standard or deep."))
    return prices.estimate(
        sub_questions=depth.sub_questions, queries=depth.queries, sources=_sources(request, depth),
        kinds=max(1, len(request.kinds)),
    )  # fmt: skip


@dataclass(frozen=True, slots=True)
class Smaller:
    """A plan that the workspace's credits cover."""

    depth: str
    source_cap: int
    band: prices.Band


def smaller(request: Request) -> Smaller | None:
    """Return the largest plan below the request that the workspace's credits cover, or None."""
    there = billing.balance(tenancy.current()).available
    order = list(rules.DEPTHS)
    for depth in reversed(order[: order.index(request.depth) + 1]):
        for cap in range(min(request.source_cap or rules.DEPTHS[depth].sources, rules.DEPTHS[depth].sources), 0, -1):
            band = estimate(replace(request, depth=depth, source_cap=cap))
            if band.high <= there:
                return Smaller(depth, cap, band)
    return None


def _sources(request: Request, depth: rules.Depth) -> int:
    cap = min(request.source_cap or depth.sources, rules.MOST_SOURCES)
    return cap if "web" in request.kinds else min(cap, max(1, len(request.documents)))


def start(*, by: int, request: Request) -> str:
    """Hold the credits and admit the run, in one transaction; return its id.

    Raises: Forbidden, Invalid (what is missing), NotEnoughCredits, QueueDown, Unavailable (live without a gate).
    """
    schema = tenancy.current()
    member = _member(schema, by)
    demand(member, "research")
    question = clean(request.question).strip()
    _check(request, question)
    band = estimate(request)
    depth = rules.DEPTHS[request.depth]
    cap = _sources(request, depth)
    run = ids.new("run")
    given = {
        "question": question, "documents": list(request.documents), "depth": request.depth, "mode": request.mode,
        "kinds": list(request.kinds), "approval_points": list(request.approval_points),
        "max_sub_questions": depth.sub_questions, "max_queries": depth.queries,
        "source_cap": cap,
    }  # fmt: skip
    with transaction.atomic():
        credits.hold(by=by, workspace=schema, run=run, credits=band.high)
        Inquiry.objects.create(
            run=run, question=question, owner=by, mode=request.mode, depth=request.depth,
            source_cap=cap, documents=list(request.documents),
            approval_points=list(request.approval_points), low=band.low, likely=band.likely, high=band.high,
            versions={"agent": AGENT_VERSION, "prompts": versions()}, created_at=clock.now(),
        )  # fmt: skip
        delegation.lend(
            run=run, person=by, scopes=SCOPES, mode=request.mode, credits=band.high,
            plan_hash=digest([given, versions()]), agent_version=AGENT_VERSION,
        )  # fmt: skip
        runtime.admit(by=by, run=run, name="research", input=given)
    return run


def _check(request: Request, question: str) -> None:
    if not question:
        raise Invalid(_("Write a question first."))
    if len(question) > MOST_QUESTION:
        raise Invalid(
            _("The question has %(length)d characters; %(most)d are the most. Shorten it.")
            % {"length": len(question), "most": MOST_QUESTION}
        )
    if request.mode not in {"mock", "live"}:
        raise Invalid(_("Choose a mode: mock or live."))
    if request.mode == "live" and not client.is_apart():
        raise Unavailable(_("Live mode needs the gate as a process of its own. Set FOOTNOTE_GATE_URL."))
    if not request.kinds:
        raise Invalid(_("Choose at least one document to read. Mock mode reads documents only."))
    known = {row.id for row in library.documents(versions=request.documents)}
    if missing := [document for document in request.documents if document not in known]:
        raise Invalid(
            _("%(count)d of the chosen documents are not there any more. Choose again.") % {"count": len(missing)}
        )


def _member(schema: str, person: int) -> Member:
    member = accounts.member(schema, person)
    if member is None:
        raise Forbidden(_("You are not a member of this workspace."))
    return member


def _inquiry(run: str) -> Inquiry:
    row = Inquiry.objects.filter(pk=run).first()
    if row is None:
        raise NotFound(_("There is no such run."))
    return row


def cancel(*, by: int, run: str) -> None:
    """Cancel a live run: what it used is charged, the rest comes back. Raises Forbidden, NotFound, Conflict."""
    demand(_member(tenancy.current(), by), "research")
    _inquiry(run)
    runtime.cancel(by=by, run=run)


def resume(*, by: int, run: str) -> None:
    """Go on with a failed or cancelled run; its finished tasks cost nothing again.

    Holds what the estimate has left over what was used. Raises: Forbidden, NotFound, Conflict, NotEnoughCredits.
    """
    schema = tenancy.current()
    demand(_member(schema, by), "research")
    inquiry = _inquiry(run)
    needed = max(1, inquiry.high - policy.used(run).credits)
    with transaction.atomic():
        runtime.resume(by=by, run=run)
        credits.hold(by=by, workspace=schema, run=run, credits=needed, round=inquiry.rounds)
        delegation.cover(run=run, credits=policy.used(run).credits + needed)


def decide(*, by: int, run: str, verdict: str, reason: str = "", approval: str = "") -> None:
    """Accept or reject what a run waits for. `approval` names the one the person saw.

    Raises: NotFound, Forbidden, Invalid, Conflict (decided already: by whom and when).
    """
    if verdict not in approvals.ANSWERS:
        raise Invalid(_("Choose to accept or to reject."))
    _inquiry(run)
    if not approval:
        pending = policy.pending_approval(run)
        if pending is None:
            raise NotFound(_("Nothing waits for a decision in this run."))
        approval = pending.id
    task = approvals.decide(by=by, approval=approval, verdict=verdict, reason=clean(reason).strip(), run=run)
    runtime.wake(run=run, task=task)


def documents_of(ids_: Sequence[str] | None = None) -> tuple[str, ...]:
    """Return the newest versions of all documents, or of those named by document id."""
    rows = library.documents()
    return tuple(row.id for row in rows if ids_ is None or row.document in ids_ or row.id in ids_)
