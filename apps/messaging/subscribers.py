"""What messaging hears from the rooms below, and does about it."""

from __future__ import annotations

from datetime import datetime, timedelta

from apps.accounts import queries as accounts
from apps.accounts import tenancy
from apps.accounts.queries import Member
from apps.agenda import queries as agenda
from apps.billing import alerts
from apps.billing.alerts import Reached
from apps.lib import clock
from apps.messaging import actions, rules
from apps.monitors import queries as monitors
from apps.monitors.actions.editions import News
from apps.policy import queries as policy
from apps.policy.approvals import decide as approvals
from apps.policy.approvals import kinds
from apps.policy.approvals.kinds import Moved
from apps.policy.budgets.marks import Marked
from apps.research.queries import access, inbox

# An approval that nobody decided is handed on when this much of its time is left.
NEAR = timedelta(hours=24)


def approval_moved(*, event: Moved) -> None:
    """Tell who is asked now; runs in the transaction of the change. Platform staff have a queue of their own."""
    kind = rules.ASKINGS.get(event.change)
    if kind is None or event.approver_role == kinds.STAFF:
        return
    row = policy.approval(event.approval)
    people = [event.to] if event.to else _deciders(event)
    if not people and event.change == "asked" and inbox.subject(event.run):
        # A private run of somebody who may not approve: nobody who may can see it, so one of them is asked by name.
        approvals.escalate(approval=event.approval, to=_fallback(event.workspace, event.rule))
        return
    asker = event.by if event.change == "delegated" else None
    actions.tell(
        by=asker, workspace=event.workspace, people=people, kind=kind,
        run=event.run, approval=event.approval, at=event.at, expires_at=row.expires_at if row else None,
    )  # fmt: skip


def _deciders(event: Moved) -> list[int]:
    """The owner of the run first where they may decide, then everybody else who may, and who may see the run."""
    act = kinds.act_for(event.rule, event.approver_role)
    may = [member for member in accounts.members_of(event.workspace) if member.may(act)]
    if event.rule == "plan":
        # A plan waits for whoever asked; colleagues who might accept it are not bothered with each one.
        return [member.person for member in may if member.person == event.asked_for]
    teams = _teams(event.workspace)
    seen = [m for m in may if access.opens(_with_teams(m, teams), event.run)]
    return [member.person for member in seen][: rules.MOST_ASKED]


def _teams(workspace: str) -> dict[int, frozenset[int]]:
    found: dict[int, set[int]] = {}
    for team in accounts.teams_of(workspace):
        for person in team.people:
            found.setdefault(person, set()).add(team.id)
    return {person: frozenset(teams) for person, teams in found.items()}


def _with_teams(member: Member, teams: dict[int, frozenset[int]]) -> Member:
    return Member(
        member.person, member.name, member.email, member.role, member.workspace, member.slug, member.schema,
        teams.get(member.person, frozenset()),
    )  # fmt: skip


def run_ended(*, workspace: str, run: str, state: str) -> None:
    """Tell a run's owner how it ended; runs in the transaction that ends it."""
    kind, about = rules.ENDINGS.get(state), inbox.subject(run)
    if kind is None or about is None or accounts.member(workspace, about.owner) is None:
        return
    if kind in {"ends", "fails"} and monitors.belongs(run):
        return  # a monitor says itself what changed, and rests after a failure
    by = None
    if state == "rejected":
        decided = [row for row in policy.approvals(run=run, state="rejected") if row.decided_at]
        by = max(decided, key=lambda row: row.decided_at or row.created_at).decided_by if decided else None
    actions.tell(by=by, workspace=workspace, people=[about.owner], kind=kind, run=run, at=clock.now())


def monitor_has_news(*, event: News) -> None:
    """Tell a monitor's owner what changed, or that it is held; in that transaction."""
    if accounts.member(event.workspace, event.owner) is not None:
        actions.tell(
            by=None, workspace=event.workspace, people=[event.owner], kind=event.kind, run=event.run, at=event.at,
            monitor=event.monitor, ways=event.ways,
        )  # fmt: skip


def budget_marked(*, event: Marked) -> None:
    """Tell whom the workspace chose that a budget has reached a mark; runs in the transaction of the reservation.

    While it chose nobody, that is whoever may change a budget.
    """
    people = list(alerts.people(event.workspace))
    if not alerts.told(event.workspace).chosen:
        members = accounts.members_of(event.workspace)
        people = [row.person for row in members if row.may("settings") or row.may("billing")]
    actions.tell(by=None, workspace=event.workspace, people=people, kind="budget", run="", at=event.at, mark=event.mark)


def credits_marked(*, event: Reached) -> None:
    """Tell whom the workspace chose that the month's credits have reached a mark; runs in that transaction."""
    actions.tell(
        by=None, workspace=event.workspace, people=alerts.people(event.workspace), kind="credits", run="",
        at=event.at, mark=event.mark,
    )  # fmt: skip


def keeps_less(*, schema: str, days: int, at: datetime) -> None:
    """Tell owners and admins that the plan will keep research for less; runs in the transaction that notes it."""
    people = [row.person for row in accounts.members_of(schema) if row.may("settings")]
    actions.tell(by=None, workspace=schema, people=people, kind="retention", run="", at=at, mark=days)


def escalate() -> int:
    """Ask the fallback approver of each workspace about what expires within a day; return how many were handed on."""
    handed = 0
    for row in agenda.near_expiry(at=clock.now(), within=NEAR):
        if row.run:
            with tenancy.in_workspace(row.workspace):
                handed += approvals.escalate(approval=row.approval, to=_fallback(row.workspace, row.rule))
    return handed


def _fallback(workspace: str, rule: str) -> int:
    """The workspace's named fallback approver, where their role still allows it; else its owner."""
    named = accounts.fallback_approver(workspace)
    member = accounts.member(workspace, named) if named else None
    return member.person if member and member.may(kinds.act_for(rule)) else accounts.owner_of(workspace)


def person_erased(*, person: int, email: str, schema: str) -> None:
    """Take what somebody who was erased was told with them, once; in that transaction."""
    if not schema:
        actions.forget(person=person, email=email)
