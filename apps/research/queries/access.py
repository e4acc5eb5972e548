"""Who may see a run, and who may change it."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from typing import NamedTuple

from django.utils.translation import gettext as _

from apps.accounts import permissions
from apps.accounts.queries import Member
from apps.lib.errors import Forbidden, NotFound
from apps.policy import queries as policy
from apps.research.models import Inquiry
from apps.research.models.inquiry import InquirySet


class Sight(NamedTuple):
    """What decides which runs a member sees: who they are, their teams, the runs that ask them to decide."""

    person: int
    teams: frozenset[int]
    asked: frozenset[str]


@dataclass(frozen=True, slots=True)
class Access:
    """What one member may do with one run they can see."""

    run: str
    question: str
    owner: int
    may_change: bool


def sight(member: Member) -> Sight:
    """Return what `Inquiry.objects.visible_to` needs to know of a member."""
    return Sight(member.person, member.teams, policy.asks(member.person))


def visible(member: Member) -> frozenset[str]:
    """Return the runs of the workspace that a member may see; none for a role that may not read."""
    return frozenset(_seen(member).values_list("run", flat=True))


def withheld(member: Member, to: Collection[str]) -> frozenset[str]:
    """Return those of some subjects of the record that are, or belong to, runs which a member may not see."""
    runs = {each: each for each in to if each.startswith("run_")}
    asked = policy.approvals_of(each for each in to if each.startswith("apr_"))
    runs |= {id: row.run for id, row in asked.items() if row.run}
    seen = visible(member) if runs else frozenset()
    return frozenset(subject for subject, run in runs.items() if run not in seen)


def _seen(member: Member) -> InquirySet:
    return Inquiry.objects.visible_to(*sight(member)) if member.may("read") else Inquiry.objects.none()


def opens(member: Member, run: str) -> bool:
    """Tell whether a member may see a run; one that was deleted nobody may."""
    return _seen(member).filter(run=run).exists()


def of(member: Member, run: str) -> Access:
    """Return what a member may do with a run. Raises NotFound, for a colleague outside it as for a stranger."""
    row = _seen(member).filter(run=run).only("run", "question", "owner").first()
    if row is None:
        raise NotFound(_("There is no such run."))
    return Access(run, row.question, row.owner, may_change(member, owner=row.owner))


def deleted(member: Member) -> frozenset[str]:
    """Return the deleted runs that a member could see, and may bring back."""
    rows = Inquiry.objects.open_to(*sight(member)).exclude(deleted_at=None)
    if not member.may("research"):
        return frozenset()
    own = rows if member.may("oversee") else rows.filter(owner=member.person)
    return frozenset(own.values_list("run", flat=True))


def demand(member: Member, run: str, act: str, *, change: bool = False) -> Access:
    """Return what a member may do with a run, having checked their role, their sight and, where asked, their right.

    Raises: Forbidden (the role, somebody else's run), NotFound (a run they may not see).
    """
    permissions.demand(member, act)
    found = of(member, run)
    if change and not found.may_change:
        raise Forbidden(_("This run belongs to somebody else. Ask its owner, or an admin of the workspace."))
    return found


def may_change(member: Member, *, owner: int) -> bool:
    """Tell whether a member may cancel, share, delete or withdraw a run that they can see."""
    return member.may("research") and (owner == member.person or member.may("oversee"))


def teaches(member: Member, run: str) -> bool:
    """Tell whether a member may change what a run taught: it is theirs, or they oversee the workspace."""
    row = _seen(member).filter(run=run).only("owner").first()
    return row is not None and may_change(member, owner=row.owner)
