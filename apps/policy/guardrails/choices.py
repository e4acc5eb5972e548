"""What each guardrail does in a workspace: the defaults of a release, and what its admins chose."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from django.db import transaction
from django.utils.translation import gettext as _

from apps.accounts import queries as accounts
from apps.accounts import tenancy
from apps.accounts.permissions import demand
from apps.lib import clock, lists
from apps.lib.errors import Forbidden, Invalid, NotFound
from apps.lib.text import clean
from apps.observability import audit
from apps.policy.models import GuardrailSetting

ALL = ("off", "warn", "redact", "block")
MOST_SUBJECTS = 2000


@dataclass(frozen=True, slots=True)
class Check:
    """A guardrail: what it does where nobody chose, what may be chosen, whether its block ends the task at once."""

    name: str
    default: str
    actions: tuple[str, ...] = ALL
    tripwire: bool = False


CHECKS: dict[str, Check] = {
    check.name: check for check in (
        Check("injection", "warn"),
        Check("secrets_sent", "block", ("off", "warn", "block"), tripwire=True),
        Check("personal_sent", "warn"),
        Check("personal_read", "off"),
        Check("personal_written", "off"),
        Check("links_written", "warn"),
        Check("topic", "off", ("off", "warn", "block")),
        # Not of a call, but of a draft: what becomes of a sentence that its sources do not carry.
        Check("unsupported", "keep", ("keep", "drop", "ask")),
    )
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Chosen:
    """What holds now. actions: of every check; subjects: what questions may be about, for the check of the topic."""

    actions: dict[str, str]
    subjects: str = ""


@dataclass(frozen=True, slots=True)
class Choice:
    """A check as a page shows it; by is None where the default holds."""

    check: Check
    action: str
    subjects: str = ""
    by: int | None = None
    at: datetime | None = None


def current() -> Chosen:
    """Return what holds in this workspace now: one query, nothing kept."""
    return of(GuardrailSetting.objects.values_list("name", "action", "words"))


def of(chosen: Iterable[tuple[str, str, str]]) -> Chosen:
    """Return what holds where these were chosen: name, action, words."""
    rows = {name: (action, words) for name, action, words in chosen}
    actions = {name: rows.get(name, (check.default, ""))[0] for name, check in CHECKS.items()}
    return Chosen(actions, rows.get("topic", ("", ""))[1])


def defaults() -> Chosen:
    """Return what holds where nobody chose."""
    return Chosen({name: check.default for name, check in CHECKS.items()})


def listed() -> list[Choice]:
    """Return every check with what was chosen, in the order of CHECKS."""
    rows = {row.name: row for row in GuardrailSetting.objects.all()}
    return [_choice(check, rows.get(name)) for name, check in CHECKS.items()]


def _choice(check: Check, row: GuardrailSetting | None) -> Choice:
    return Choice(check, row.action, row.words, row.by, row.at) if row else Choice(check, check.default)


def choose(*, by: int, name: str, action: str, reason: str, subjects: str = "") -> str:
    """Choose what a check does from the next call on; return what it did before. The record keeps the reason.

    subjects: for the check of the topic alone. Raises: Forbidden, NotFound, Invalid.
    """
    member = accounts.member(tenancy.current(), by)
    if member is None:
        raise Forbidden(_("You are not a member of this workspace."))
    demand(member, "settings")
    check = CHECKS.get(name)
    if check is None:
        raise NotFound(_("There is no such guardrail."))
    reason, subjects = clean(reason).strip()[:500], clean(subjects).strip()
    _check(check, action, reason, subjects)
    with transaction.atomic():
        row = GuardrailSetting.objects.select_for_update().filter(pk=name).first()
        before = row.action if row else check.default
        values = {"action": action, "by": by, "at": clock.now(), "words": subjects if name == "topic" else ""}
        GuardrailSetting.objects.update_or_create(name=name, defaults=values)
        audit.record(
            workspace=tenancy.current(), by=by, did=f"guardrail.{action}", to=name, reason=reason
        )  # fmt: skip
    return before


def _check(check: Check, action: str, reason: str, subjects: str) -> None:
    if action not in check.actions:
        raise Invalid(_("This guardrail can be: %(actions)s.") % {"actions": lists.join(check.actions)})
    if not reason:
        raise Invalid(_("Say why. It stands on the record."))
    if len(subjects) > MOST_SUBJECTS:
        raise Invalid(_("The subjects may have %(most)d characters.") % {"most": MOST_SUBJECTS})
    if check.name == "topic" and action != "off" and not subjects:
        raise Invalid(_("Say what questions may be about, or leave the check off."))
