"""Write the workspace's own policies: save a version, try it beside the live one, adopt it, take it back."""

from __future__ import annotations

from django.db import IntegrityError, transaction
from django.db.models import Max
from django.utils.translation import gettext as _

from apps.accounts import queries as accounts
from apps.accounts import tenancy
from apps.accounts.permissions import demand
from apps.lib import clock
from apps.lib.errors import Conflict, Forbidden, Invalid, NotFound
from apps.lib.text import clean
from apps.observability import audit
from apps.policy.decisions import rulebook
from apps.policy.models import PolicyVersion
from apps.policy.registry import catalogue

LONGEST = 100_000


def save(*, by: int, text: str, note: str = "", after: int | None = None) -> int:
    """Check a text and keep it as a draft; return its number. Nothing is kept of a text that has a problem.

    after: the newest version the writer knew. Raises: BadPolicies (with lines), Invalid (too long), Forbidden,
    Conflict (somebody saved another version meanwhile).
    """
    _demand(by)
    text = clean(text.replace("\r\n", "\n"))
    if len(text) > LONGEST:
        raise Invalid(_("Policies may have %(most)d characters; these have %(n)d.") % {"most": LONGEST, "n": len(text)})
    rulebook.checked(text, catalogue.tools())
    newest = PolicyVersion.objects.aggregate(newest=Max("number"))["newest"] or 0
    if after is not None and after != newest:
        said = _("Version %(number)d was saved meanwhile. Look at it, then save yours once more.")
        raise Conflict(said % {"number": newest})
    try:
        with transaction.atomic():
            PolicyVersion.objects.create(
                number=newest + 1, text=text, digest=rulebook.digest(text), state="draft", note=note[:500], by=by,
                at=clock.now(),
            )  # fmt: skip
            _record(by, "policies.saved", newest + 1, note)
    except IntegrityError as error:
        said = _("Somebody saved a version at the same moment. Look at it, then save yours once more.")
        raise Conflict(said) from error
    return newest + 1


def try_out(*, by: int, number: int) -> None:
    """Let a version say, beside the live one, what it would decide. Raises: Forbidden, NotFound, BadPolicies."""
    _demand(by)
    _move(by, number, "shadow", "policies.tried")


def adopt(*, by: int, number: int) -> None:
    """Let a version decide from the next call on. Raises: Forbidden, NotFound, BadPolicies."""
    _demand(by)
    _move(by, number, "live", "policies.adopted")


def stop_trial(*, by: int) -> None:
    """End the trial. Raises Forbidden."""
    _demand(by)
    for number in PolicyVersion.objects.filter(state="shadow").values_list("number", flat=True):
        with transaction.atomic():
            PolicyVersion.objects.filter(number=number).update(state="draft")
            _record(by, "policies.trial_ended", number, "")


def retire(*, by: int) -> None:
    """Go back to the shipped policies alone. Raises Forbidden."""
    _demand(by)
    for number in PolicyVersion.objects.filter(state="live").values_list("number", flat=True):
        with transaction.atomic():
            PolicyVersion.objects.filter(number=number).update(state="past")
            _record(by, "policies.retired", number, "")


def _move(by: int, number: int, state: str, did: str) -> None:
    row = PolicyVersion.objects.filter(number=number).first()
    if row is None:
        raise NotFound(_("There is no such version."))
    # Tools may have changed since it was saved: what does not fit them any more would deny every call.
    rulebook.checked(row.text, catalogue.tools())
    try:
        with transaction.atomic():
            PolicyVersion.objects.filter(state=state).exclude(number=number).update(
                state="past" if state == "live" else "draft"
            )
            # The digest names the shipped text too, which a release may have changed since.
            PolicyVersion.objects.filter(number=number).update(state=state, digest=rulebook.digest(row.text))
            _record(by, did, number, row.note)
    except IntegrityError as error:
        raise Conflict(_("Somebody else has just changed the policies. Look at them again.")) from error


def _demand(by: int) -> None:
    member = accounts.member(tenancy.current(), by)
    if member is None:
        raise Forbidden(_("You are not a member of this workspace."))
    demand(member, "settings")


def _record(by: int, did: str, number: int, note: str) -> None:
    audit.record(by=by, did=did, to=f"policies {number}", reason=note, workspace=tenancy.current())
