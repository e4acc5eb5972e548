"""The mails of accounts, through Django's own way of sending them."""

from __future__ import annotations

import logging

from django.core.mail import send_mail
from django.template.loader import render_to_string

from apps.accounts import rules

log = logging.getLogger(__name__)


def send(*, to: str, name: str, subject: str, context: dict[str, object]) -> bool:
    """Send the mail `name` of templates/accounts/mail as text and HTML; False when no server took it.

    A mail is never the only way: whatever it says is also shown on a page.
    """
    text = render_to_string(f"accounts/mail/{name}.txt", context)
    page = render_to_string(f"accounts/mail/{name}.html", context)
    try:
        send_mail(rules.tidy(subject)[:200], text, None, [to], html_message=page)
    except OSError:  # what smtplib raises is one, too
        log.warning("no mail server took the mail %s", name, exc_info=True)
        return False
    return True
