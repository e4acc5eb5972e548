"""Whoever leaves a workspace takes back what they lent to its agents, and what they signed in for."""

from __future__ import annotations

from django.utils.translation import gettext as _

from apps.accounts import tenancy
from apps.policy.identity import delegation
from apps.policy.registry import sign_ins


def leave(*, by: int, schema: str, person: int) -> None:
    """End the delegations and sign-ins of somebody who has left, in the transaction in which they leave.

    by: who removed them, or themselves.
    """
    with tenancy.in_workspace(schema):
        delegation.revoke_of(person=person, by=by, reason=_("The person for whom it works has left the workspace."))
        sign_ins.end_of(person=person, by=by)
