"""The texts of mail: the fact first, then what to do; in the reader's language."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from django.core import signing
from django.template.loader import render_to_string
from django.utils import translation
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from apps.accounts.actions import letters
from apps.lib import clock

SALT = "footnote.approval-link"
# A mail shows so many changes; the page shows all.
MOST_CHANGES = 12


@dataclass(frozen=True, slots=True)
class Facts:
    """What a mail says. origin: of the workspace's host. path: where it leads if to no run; mark: per cent, days, or
    how many changes; changes: pairs of old and new, empty where there is none."""

    kind: str
    question: str
    workspace: str
    origin: str
    run: str
    approval: str
    person: int
    by: str = ""
    reason: str = ""
    mark: int = 0
    path: str = ""
    expires_at: datetime | None = None
    changes: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True, slots=True)
class Card:
    subject: str
    text: str
    html: str


def sign(*, approval: str, person: int, until: datetime) -> str:
    """Sign a link to an approval for one person, good until a time."""
    return signing.dumps([approval, person, int(until.timestamp())], salt=SALT, compress=True)


def is_good(token: str, *, approval: str, person: int) -> bool:
    """Tell whether a link's signature is ours, for this approval and person, and not too old."""
    try:
        about, whom, until = signing.loads(token, salt=SALT)
    except (signing.BadSignature, ValueError, TypeError):
        return False
    return (about, whom) == (approval, person) and clock.now().timestamp() < until


def compose(facts: Facts, language: str) -> Card:
    """Write a mail in a language; its link is signed where it leads to an approval."""
    with translation.override(language):
        title, lead, label = _words(facts)
        # On one line: what somebody wrote must not look like a part of the mail.
        context = {
            "facts": facts, "lead": lead, "label": label, "url": _url(facts),
            "question": " ".join(facts.question.split()), "reason": " ".join(facts.reason.split()),
            "changes": [(" ".join(old.split()), " ".join(new.split())) for old, new in facts.changes],
            "left": facts.mark - len(facts.changes) if facts.changes else 0,
        }  # fmt: skip
        text = render_to_string("messaging/notice.txt", context).strip() + "\n"
        subject = " ".join(title.split())[:180]
        html = letters.dress(text, title=subject)
    return Card(subject, text, html)


def _url(facts: Facts) -> str:
    if facts.path:
        return f"{facts.origin}{facts.path}"
    if not facts.approval:
        return f"{facts.origin}/research/{facts.run}"
    until = facts.expires_at or clock.now()
    token = sign(approval=facts.approval, person=facts.person, until=until)
    return f"{facts.origin}/approvals/{facts.approval}?sign={token}"


def _words(facts: Facts) -> tuple[str, str, str]:
    """Return subject, first sentence, and the label of the link."""
    short = facts.question if len(facts.question) <= 90 else facts.question[:89].rstrip() + "…"
    told = {"question": short, "by": facts.by or "Footnote", "reason": facts.reason, "mark": facts.mark}
    decide, see = _("Read it and decide"), _("Open the run")
    texts = {
        "waits": (_("Waits for a decision: %(question)s"), _("A run has stopped and waits for a person."), decide),
        "delegated": (
            _("%(by)s asks you to decide: %(question)s"), _("%(by)s handed this decision to you."), decide,
        ),
        "escalated": (
            _("Expires soon and nobody decided: %(question)s"),
            _("Nobody has decided this yet, so you are asked as the fallback approver."), decide,
        ),
        "ends": (_("The report is there: %(question)s"), _("The run has ended and its report is published."), see),
        "fails": (_("The run failed: %(question)s"), _("The run failed. What it did not spend came back."), see),
        "rejected": (_("Rejected: %(question)s"), _("%(by)s rejected it. Nothing was published."), see),
        "expires": (
            _("Expired: %(question)s"),
            _("Nobody decided within the time, so the run has ended. What it did not spend came back."), see,
        ),
        "changed": (
            _("Changed: %(question)s"), _("The sources say something else than when you looked last."),
            _("See what changed"),
        ),
        "held": (
            _("Held: %(question)s"), _("This monitor is held and asks nothing more until somebody resumes it."),
            _("Look at it"),
        ),
        "budget": (
            _("%(mark)d %% of a budget are taken: %(question)s"),
            _("A budget of this month has reached a mark: from 75 %% on agents go slowly, above 90 %% no run begins."),
            _("Look at it"),
        ),
        "credits": (
            _("%(mark)d %% of this month's credits are taken: %(question)s"),
            _("Runs were charged, or hold, %(mark)d %% of what the workspace can use this month. A run that the rest "
              "does not cover is refused."),
            _("Look at it"),
        ),
        "retention": (
            ngettext(
                "Research will be kept for %(mark)d day: %(question)s",
                "Research will be kept for %(mark)d days: %(question)s", facts.mark,
            ),
            ngettext(
                "The workspace's plan keeps research for %(mark)d day. What is older is deleted for good from 30 days "
                "after this notice on. Save what you need, or choose a larger plan.",
                "The workspace's plan keeps research for %(mark)d days. What is older is deleted for good from 30 days "
                "after this notice on. Save what you need, or choose a larger plan.", facts.mark,
            ),
            _("Look at it"),
        ),
    }  # fmt: skip
    title, lead, label = texts[facts.kind]
    return title % told, lead % told, label
