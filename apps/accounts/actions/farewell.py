"""A person leaves Footnote: asked for, taken back within two weeks, carried out by the scheduler."""

from __future__ import annotations

import logging
from collections.abc import Callable
from datetime import datetime, timedelta

from allauth.account.models import EmailAddress
from allauth.mfa.models import Authenticator
from allauth.socialaccount.models import SocialAccount
from django.conf import settings
from django.db import transaction
from django.db.models import Exists, OuterRef, QuerySet
from django.utils.translation import gettext as _

from apps.accounts import rules, tenancy
from apps.accounts.actions import archives, erasing, letters, members, sessions
from apps.accounts.models import HandOff, Invitation, Membership, SignIn, User
from apps.lib import clock, lists, ports
from apps.lib.errors import Conflict, Invalid, ProductError
from apps.observability import audit

log = logging.getLogger(__name__)
# Upper rooms erase what is a person's alone: `person_erased(person=…, email=…, schema=…)`, for each workspace they are
# in, while they still are; then once more with an empty schema, for the shared tables. The platform's role is on.
person_erased = ports.declare("accounts.person_erased", many=True)


def ask(*, by: int, email: str) -> datetime:
    """Have an account erased after rules.LEAVE_DAYS; return when. email: its own, typed to be sure.

    Raises: Invalid when the address does not fit, Conflict for the last owner of a workspace, or where it is asked for
    already.
    """
    with tenancy.as_platform("a person wants to leave"), transaction.atomic():
        user = User.objects.select_for_update().get(pk=by)
        if email.strip().lower() != user.email:
            raise Invalid(_("Type your address, %(email)s, to be sure.") % {"email": user.email})
        if user.leaves_at is not None:
            raise Conflict(_("This account is to be erased already. Reload the page."))
        if names := owned_alone(by):
            raise Conflict(
                _("You are the last owner of %(names)s. Hand it over or close it first.") % {"names": lists.join(names)}
            )
        until = clock.now() + timedelta(days=rules.LEAVE_DAYS)
        User.objects.filter(pk=by).update(leaves_at=until)
        audit.record(by=by, did="person.leaves", to=str(by))
        _tell(by, "farewell", lambda: _("Your account will be erased"), at=until)
    return until


def take_back(*, by: int) -> None:
    """Keep an account that was to be erased. Raises: Conflict where nothing was asked for, or it is too late."""
    with tenancy.as_platform("a person stays"), transaction.atomic():
        if not User.objects.filter(pk=by, leaves_at__gt=clock.now()).update(leaves_at=None):
            raise Conflict(_("This account is not going to be erased. Nothing was changed."))
        audit.record(by=by, did="person.stays", to=str(by))
        _tell(by, "farewell_off", lambda: _("Your account stays"))


def owned_alone(person: int) -> list[str]:
    """Return the names of the open workspaces whose only owner this is. The platform's role is on."""
    return [row.workspace.name for row in _alone(person).filter(workspace__closed_at=None)]


def _alone(person: int) -> QuerySet[Membership]:
    others = Membership.objects.filter(workspace=OuterRef("workspace"), role=rules.OWNER, user__is_active=True)
    mine = Membership.objects.select_related("workspace").filter(user_id=person, role=rules.OWNER)
    return mine.exclude(Exists(others.exclude(user_id=person)))


def carry_out() -> int:
    """Erase the accounts whose time is over; return how many. A chore."""
    with tenancy.as_platform("people whose time is over"):
        due = list(User.objects.filter(leaves_at__lte=clock.now(), is_active=True).values_list("pk", flat=True)[:20])
    erased = 0
    for person in due:
        try:
            erase(person=person)
            erased += 1
        except ProductError as error:
            # A last owner by now, or Stripe that does not answer: tried again.
            log.warning("account %s was not erased: %s", person, error)
        except Exception:
            # The others must not wait for it.
            log.exception("account %s was not erased", person)
            tenancy.close()
    return erased


def erase(*, person: int) -> None:
    """Erase an account: who it was goes, a number stays that the record and reports of colleagues refer to.

    Workspaces that it closed and owned alone go with it. Raises: Conflict for the last owner of an open workspace.
    """
    with tenancy.as_platform("an account is erased"):
        if names := owned_alone(person):
            raise Conflict(f"The last owner of {', '.join(names)} can't be erased.")
        email = User.objects.values_list("email", flat=True).get(pk=person)
        for row in _alone(person):
            erasing.erase(schema=row.workspace.schema_name)
        with transaction.atomic():
            _leave_workspaces(person, email)
            person_erased(person=person, email=email, schema="")
            _forget(person, email)
            audit.record(by=None, did="person.erased", to=str(person))


def _leave_workspaces(person: int, email: str) -> None:
    for row in Membership.objects.select_related("workspace").filter(user_id=person):
        person_erased(person=person, email=email, schema=row.workspace.schema_name)
        if row.workspace.closed_at is None:
            members.leave(by=person, schema=row.workspace.schema_name)
        else:
            row.delete()


def _forget(person: int, email: str) -> None:
    """Keep the row, for others refer to it, and nothing in it that says who it was."""
    sessions.end_others(by=person)
    archives.drop_of(person=person)
    Invitation.objects.filter(email=email).delete()
    for model in (EmailAddress, Authenticator, SocialAccount, HandOff, SignIn):
        model.objects.filter(user_id=person).delete()
    user = User.objects.get(pk=person)
    user.groups.clear()
    user.user_permissions.clear()
    user.set_unusable_password()
    User.objects.filter(pk=person).update(
        email=f"{person}{rules.GONE_HOST}", name="", first_name="", last_name="", language="", theme="",
        password=user.password, is_active=False, is_staff=False, is_superuser=False, leaves_at=None, last_login=None,
    )  # fmt: skip


def _tell(person: int, name: str, subject: Callable[[], str], **context: object) -> None:
    letters.send_to(
        person=person, name=name, subject=subject,
        context={**context, "days": rules.LEAVE_DAYS, "link": f"{settings.PUBLIC_ORIGIN}/settings/data"},
    )  # fmt: skip
