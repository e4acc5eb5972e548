"""The mails of accounts, in the language of whoever reads them; and how the text of any mail becomes its HTML.

A mail is written once, as text. In it, a line that is nothing but an address of ours is a link, and the line before it
its label; a line that begins with “> ” is a quotation; a short word that stands alone is a code; what follows the line
“-- ” is small.
"""

from __future__ import annotations

import logging
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from urllib.parse import urlsplit

from django.conf import settings
from django.core.mail import send_mail
from django.template.loader import render_to_string
from django.utils import translation
from django.utils.translation import gettext as _

from apps.accounts import rules
from apps.accounts.models import User

log = logging.getLogger(__name__)
_CODE = re.compile(r"[A-Z0-9]{3,8}(?:-[A-Z0-9]{3,8})?")
_FOOT = re.compile(r"^-- ?$", re.M)


@dataclass(frozen=True, slots=True)
class Block:
    """A piece of a mail. kind: text, quote, code or link, which has a url."""

    kind: str
    text: str
    url: str = ""


def send(*, to: str, name: str, subject: Callable[[], str], context: Mapping[str, object], language: str = "") -> bool:
    """Send the mail `name` of templates/accounts/mail as text and HTML; False when no server took it.

    subject: gives it once the language is on; without a language, that of the thread. A mail is never the only way:
    whatever it says is also shown on a page.
    """
    with translation.override(language or translation.get_language() or settings.LANGUAGE_CODE):
        title = rules.tidy(subject())[:200]
        text = render_to_string(f"accounts/mail/{name}.txt", {**context, "title": title}).strip() + "\n"
        page = dress(text, title=title)
    try:
        send_mail(title, text, None, [to], html_message=page)
    except OSError:  # what smtplib raises is one, too
        log.warning("no mail server took the mail %s", name, exc_info=True)
        return False
    return True


def send_to(*, person: int, name: str, subject: Callable[[], str], context: Mapping[str, object]) -> bool:
    """Send a mail to a person in their language; False for nobody. The platform's role is on."""
    user = User.objects.filter(pk=person, is_active=True).first()
    if user is None:
        return False
    language = user.language or settings.LANGUAGE_CODE
    return send(to=user.email, name=name, subject=subject, context=context, language=language)


def dress(text: str, *, title: str) -> str:
    """Return the text of a mail as an HTML page, in the language of the thread. Only addresses of ours become links."""
    said, *foot = _FOOT.split(text, maxsplit=1)
    blocks = [_block(part.strip()) for part in re.split(r"\n\s*\n", said.strip()) if part.strip()]
    small = [_small(line.strip()) for line in "".join(foot).splitlines() if line.strip()]
    return render_to_string("mail/base.html", {"title": title, "blocks": blocks, "foot": small})


def _block(part: str) -> Block:
    *before, last = part.splitlines()
    if is_ours(last.strip()):
        label = " ".join(before).strip().removesuffix(":")
        return Block("link", label or _("Open it"), last.strip())
    if part.startswith("> "):
        return Block("quote", part.removeprefix("> "))
    return Block("code" if _CODE.fullmatch(part) else "text", part)


def _small(line: str) -> Block:
    label, _colon, url = line.rpartition(" ")
    return Block("link", label.strip().removesuffix(":"), url) if label and is_ours(url) else Block("text", line)


def is_ours(text: str) -> bool:
    """Tell whether a text is nothing but an address of the apex or of a workspace's host."""
    if not text.startswith(("https://", "http://")) or any(each.isspace() for each in text):
        return False
    try:
        host = urlsplit(text).hostname or ""
    except ValueError:
        return False
    return host == settings.APEX_HOST or host.endswith(f".{settings.APEX_HOST}")
