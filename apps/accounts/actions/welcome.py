"""The first steps in a workspace, until they are taken or somebody has seen enough of them."""

from __future__ import annotations

from dataclasses import dataclass

from django.db.models import Count, Q

from apps.accounts import tenancy
from apps.accounts.models import Membership, Workspace
from apps.accounts.queries import Member
from apps.lib import clock, ports

# Upper rooms say which steps were taken: `first_steps(member=…)` returns name → whether, in that workspace.
first_steps = ports.declare("accounts.first_steps", many=True)
# In this order: what a step is called, and the act that it takes.
STEPS = (("sample", "research"), ("document", "research"), ("colleague", "members"))


@dataclass(frozen=True, slots=True)
class Step:
    name: str
    done: bool


@dataclass(frozen=True, slots=True)
class Welcome:
    """What a member can still begin with. taken: how many of the steps were."""

    steps: tuple[Step, ...]
    taken: int


def of(member: Member) -> Welcome | None:
    """Return the first steps that a member may take; None once all were taken, or they have seen enough of them."""
    mine = [name for name, act in STEPS if member.may(act)]
    if not mine or _seen_enough(member):
        return None
    done = {"colleague": _has_colleagues(member.schema)}
    for answer in first_steps(member=member):
        done |= answer
    steps = tuple(Step(name, done.get(name, False)) for name in mine)
    taken = sum(step.done for step in steps)
    if taken == len(steps):
        # They stay taken: the next page need not look for it again.
        dismiss(by=member.person, schema=member.schema)
        return None
    return Welcome(steps, taken)


def dismiss(*, by: int, schema: str) -> None:
    """Show the first steps to a member no more; others still see them."""
    with tenancy.as_platform("somebody has seen enough of the first steps"):
        mine = Membership.objects.filter(user_id=by, workspace__schema_name=schema)
        mine.update(welcomed_at=clock.now())


def _seen_enough(member: Member) -> bool:
    with tenancy.as_platform("has somebody seen enough of the first steps?"):
        mine = Membership.objects.filter(user_id=member.person, workspace__schema_name=member.schema)
        return mine.exclude(welcomed_at=None).exists()


def _has_colleagues(schema: str) -> bool:
    waiting = Count("invitations", filter=Q(invitations__revoked_at=None), distinct=True)
    with tenancy.as_platform("is somebody alone in a workspace?"):
        found = Workspace.objects.filter(schema_name=schema).annotate(
            people=Count("memberships", distinct=True), waiting=waiting
        ).values_list("people", "waiting").first()  # fmt: skip
    return found is not None and (found[0] > 1 or found[1] > 0)
