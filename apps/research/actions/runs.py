"""Estimate, start, cancel, resume and decide a run."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

from django.db import transaction
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from apps.accounts import queries as accounts
from apps.accounts import tenancy
from apps.accounts.permissions import demand
from apps.accounts.queries import Member
from apps.billing import queries as billing
from apps.billing import rules as prices
from apps.billing.actions import credits
from apps.lib import clock, ids
from apps.lib.errors import Exhausted, Forbidden, Invalid, NotFound, Unavailable
from apps.lib.text import clean
from apps.library import queries as library
from apps.policy import queries as policy
from apps.policy.approvals import decide as approvals
from apps.policy.gate import client
from apps.policy.guardrails import containment
from apps.policy.identity import delegation
from apps.policy.rules import digest
from apps.research import rules
from apps.research.models import VISIBILITIES, Inquiry
from apps.research.queries import access, costs
from apps.research.queries.costs import Past
from apps.research.steps.prompting import versions
from apps.runtime import actions as runtime

AGENT_VERSION = "research-1"
SCOPES = frozenset({"model", "search", "fetch", "library", "memory", "documents"})
MOST_QUESTION = 4000


class OverBudget(Exhausted):
    """The estimate is above the budget that the person gave."""

    code = "over_budget"


@dataclass(frozen=True, slots=True)
class Request:
    """What a person asks for. documents: version ids; source_cap 0 means the depth's own cap.

    budget_cap: the most credits it may hold. named, team: who may see it, by its visibility.
    """

    question: str
    documents: tuple[str, ...] = ()
    depth: str = "standard"
    source_cap: int = 0
    mode: str = "mock"
    approval_points: tuple[str, ...] = ("plan", "publish")
    web: bool = False
    methodology: str = "balanced"
    budget_cap: int | None = None
    assumptions: tuple[str, ...] = ()
    visibility: str = "workspace"
    named: tuple[int, ...] = ()
    team: int | None = None
    copied_from: str = ""

    @property
    def kinds(self) -> tuple[str, ...]:
        """Where the run may look: in the library, on the web."""
        return (*(["library"] if self.documents else []), *(["web"] if self.web and self.mode == "live" else []))


def estimate(request: Request, past: Past | None = None) -> rules.Expected:
    """Return what a request will cost, in credits, by this workspace's own runs; `most` is what a run holds.

    past: what `costs.past` says, where it is known already. Raises Invalid.
    """
    depth = rules.DEPTHS.get(request.depth)
    if depth is None:
        raise Invalid(_("Choose a depth: quick, standard or deep."))
    band = prices.estimate(
        sub_questions=depth.sub_questions, queries=depth.queries, sources=_sources(request, depth),
        kinds=max(1, len(request.kinds)),
    )  # fmt: skip
    past = costs.past(request.mode) if past is None else past
    return rules.expect(band, past.get(request.depth, ()))


@dataclass(frozen=True, slots=True)
class Smaller:
    """A plan that the workspace's credits cover."""

    depth: str
    source_cap: int
    band: rules.Expected


def smaller(request: Request) -> Smaller | None:
    """Return the largest plan below the request that its budget and the workspace's credits cover, or None."""
    there, past = affordable(request), costs.past(request.mode)
    order = list(rules.DEPTHS)
    for depth in reversed(order[: order.index(request.depth) + 1]):
        for cap in range(min(request.source_cap or rules.DEPTHS[depth].sources, rules.DEPTHS[depth].sources), 0, -1):
            band = estimate(replace(request, depth=depth, source_cap=cap), past)
            if band.most <= there:
                return Smaller(depth, cap, band)
    return None


def affordable(request: Request) -> int:
    """Return what a request may hold, in credits: the workspace's balance, or its own budget where that is less."""
    there = billing.balance(tenancy.current()).available
    return there if request.budget_cap is None else min(there, request.budget_cap)


def _sources(request: Request, depth: rules.Depth) -> int:
    cap = min(request.source_cap or depth.sources, rules.MOST_SOURCES)
    return cap if "web" in request.kinds else min(cap, max(1, len(request.documents)))


def start(*, by: int, request: Request) -> str:
    """Hold the credits and admit the run, in one transaction; return its id.

    Raises: Forbidden, Invalid (what is missing), NotEnoughCredits, QueueDown, Unavailable (live without a gate).
    """
    schema = tenancy.current()
    member = member_of(by)
    demand(member, "research")
    question = clean(request.question).strip()
    _check(request, question)
    check_sight(request, member)
    band = estimate(request)
    if request.budget_cap is not None and band.most > request.budget_cap:
        raise OverBudget(
            _("This run may cost up to %(high)d credits, %(over)d more than its budget of %(cap)d. "
              "Take the smaller plan, or raise the budget.")
            % {"high": band.most, "over": band.most - request.budget_cap, "cap": request.budget_cap},
        )  # fmt: skip
    depth = rules.DEPTHS[request.depth]
    cap = _sources(request, depth)
    run = ids.new("run")
    given = {
        "question": question, "documents": list(request.documents), "depth": request.depth, "mode": request.mode,
        "kinds": list(request.kinds), "approval_points": list(request.approval_points),
        "max_sub_questions": depth.sub_questions, "max_queries": depth.queries,
        "source_cap": cap, "methodology": request.methodology, "assumptions": list(request.assumptions),
    }  # fmt: skip
    with transaction.atomic():
        Inquiry.objects.create(
            run=run, question=question, owner=by, mode=request.mode, depth=request.depth,
            methodology=request.methodology, source_cap=cap, budget_cap=request.budget_cap,
            documents=list(request.documents), assumptions=list(request.assumptions),
            visibility=request.visibility, named=list(request.named), team=request.team,
            copied_from=request.copied_from,
            approval_points=list(request.approval_points), low=band.low, likely=band.likely, high=band.high,
            most=band.most, learned_from=band.runs,
            versions={"agent": AGENT_VERSION, "prompts": versions()}, created_at=clock.now(),
        )  # fmt: skip
        delegation.lend(
            run=run, person=by, scopes=SCOPES, mode=request.mode, credits=band.most,
            plan_hash=digest([given, versions()]), agent_version=AGENT_VERSION,
        )  # fmt: skip
        containment.fix(
            run=run, words=[question, list(request.assumptions)], documents=request.documents, kinds=request.kinds,
            asks="plan" in request.approval_points,
            publishes="asks" if "publish" in request.approval_points else "freely",
        )  # fmt: skip
        runtime.admit(by=by, run=run, name="research", input=given)
        # Last, because it locks the workspace's balance: others who start a run wait for no more than this.
        credits.hold(by=by, workspace=schema, run=run, credits=band.most)
    return run


def _check(request: Request, question: str) -> None:
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
    if request.methodology not in rules.METHODOLOGIES:
        raise Invalid(_("Choose one of the methodologies."))
    if request.mode not in {"mock", "live"}:
        raise Invalid(_("Choose a mode: mock or live."))
    if request.mode == "live" and not client.is_apart():
        raise Unavailable(_("Live mode needs the gate as a process of its own. Set FOOTNOTE_GATE_URL."))
    if not request.kinds:
        raise Invalid(_("Choose at least one document to read. Mock mode reads documents only."))
    if missing := library.missing(request.documents):
        said = ngettext(
            "%(count)d of the chosen documents is not there any more. Choose again.",
            "%(count)d of the chosen documents are not there any more. Choose again.",
            missing,
        )
        raise Invalid(said % {"count": missing})


def duplicate(*, by: int, run: str) -> str:
    """Ask what a run was asked once more, of the newest versions of its documents; return the new run's id.

    Raises: as `start`, and NotFound for a run the person may not see.
    """
    member = member_of(by)
    access.demand(member, run, "research")
    row = Inquiry.objects.get(pk=run)
    same = member.person == row.owner
    request = Request(
        question=row.question, documents=library.newest_of(row.documents), depth=row.depth, source_cap=row.source_cap,
        mode=row.mode, web=row.mode == "live", approval_points=tuple(row.approval_points),
        methodology=row.methodology, budget_cap=row.budget_cap, assumptions=tuple(row.assumptions),
        visibility=row.visibility if same else "private", named=tuple(row.named) if same else (),
        team=row.team if same else None, copied_from=run,
    )  # fmt: skip
    return start(by=by, request=request)


def check_sight(request: Request, member: Member) -> None:
    """Check who a run is to be shown to. Raises Invalid with what is wrong."""
    if request.visibility not in VISIBILITIES:
        raise Invalid(_("Choose who may see the run."))
    if request.visibility == "team" and request.team not in {
        team.id for team in accounts.teams_of(member.schema) if member.person in team.people or member.may("oversee")
    }:
        raise Invalid(_("Choose one of your teams."))
    if request.visibility == "named":
        if not request.named:
            raise Invalid(_("Choose at least one colleague who may see the run."))
        if not set(request.named) <= {row.person for row in accounts.members_of(member.schema)}:
            raise Invalid(_("One of the people you chose is no member of this workspace any more."))


def member_of(by: int) -> Member:
    """Return the person as a member of the current workspace. Raises Forbidden."""
    member = accounts.member(tenancy.current(), by)
    if member is None:
        raise Forbidden(_("You are not a member of this workspace."))
    return member


def cancel(*, by: int, run: str) -> None:
    """Cancel a live run: what it used is charged, the rest comes back. Raises Forbidden, NotFound, Conflict."""
    access.demand(member_of(by), run, "research", change=True)
    runtime.cancel(by=by, run=run)


def resume(*, by: int, run: str) -> None:
    """Go on with a failed or cancelled run; its finished tasks cost nothing again.

    Holds what the estimate has left over what was used. Raises: Forbidden, NotFound, Conflict, NotEnoughCredits.
    """
    access.demand(member_of(by), run, "research", change=True)
    with transaction.atomic():
        runtime.resume(by=by, run=run)
        hold_again(by=by, run=run)


def hold_again(*, by: int, run: str) -> None:
    """Hold what a run that goes on may still cost. Runs inside the caller's transaction."""
    inquiry = Inquiry.objects.get(pk=run)
    needed = max(1, inquiry.most - policy.used(run).credits)
    credits.hold(by=by, workspace=tenancy.current(), run=run, credits=needed, round=inquiry.rounds)
    delegation.cover(run=run, credits=policy.used(run).credits + needed)


def decide(
    *, by: int, run: str, verdict: str, reason: str = "", approval: str = "", edited: dict | None = None
) -> None:  # fmt: skip
    """Accept, edit or reject what a run waits for. `approval` names the one the person saw.

    edited: what the subject becomes, with the verdict `edit`.
    Raises: NotFound, Forbidden, Invalid, Conflict (decided already: by whom and when).
    """
    if verdict not in approvals.ANSWERS:
        raise Invalid(_("Choose to accept or to reject."))
    access.demand(member_of(by), run, "read")
    if not approval:
        pending = policy.pending_approval(run)
        if pending is None:
            raise NotFound(_("Nothing waits for a decision in this run."))
        approval = pending.id
    task = approvals.decide(
        by=by, approval=approval, verdict=verdict, reason=clean(reason).strip(), run=run, edited=edited
    )
    runtime.wake(run=run, task=task)


def documents_of(ids_: Sequence[str] | None = None) -> tuple[str, ...]:
    """Return the newest versions of all documents but published reports, or of those named by document id."""
    rows = library.sources_offered() if ids_ is None else library.documents()
    return tuple(row.id for row in rows if ids_ is None or row.document in ids_ or row.id in ids_)
