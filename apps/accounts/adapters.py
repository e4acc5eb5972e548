"""django-allauth hooks."""

from __future__ import annotations

from contextlib import suppress
from ipaddress import ip_address
from typing import TYPE_CHECKING, Any

from allauth.account.adapter import DefaultAccountAdapter
from allauth.core import context
from allauth.mfa.adapter import DefaultMFAAdapter
from django.conf import settings
from django.core.mail import EmailMultiAlternatives
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from apps.accounts import queries, rules
from apps.accounts.actions import letters, sessions
from apps.lib import sealing

if TYPE_CHECKING:
    from django.contrib.auth.base_user import AbstractBaseUser
    from django.core.mail import EmailMessage
    from django.http import HttpRequest

# What stands before a sealed secret of a second factor, and what it is sealed for.
SEALED, ABOUT = "sealed:", b"second factor"


class AccountAdapter(DefaultAccountAdapter):
    """Sign-in ends at the workspace chooser, which leads on to the workspace."""

    error_messages = DefaultAccountAdapter.error_messages | {
        "email_password_mismatch": _(
            "Address and password do not fit together. Check both, or let us send you a code instead."
        ),
        "too_many_login_attempts": _(
            "Too many attempts with this address. Wait five minutes, or reset the password."
        ),
        "rate_limited": _("Too many requests. Wait a minute and try again."),
        "incorrect_code": _("This code is not right. Look at the newest mail, or ask for another code."),
        "incorrect_password": _("This is not your password. Try again, or reset it."),
        "email_taken": _("There is an account with this address already. Sign in, or reset the password."),
    }  # fmt: skip

    def is_safe_url(self, url: str | None) -> bool:
        """Tell whether a redirect stays on this host: a path of ours, nothing else."""
        return bool(url) and rules.is_local(str(url))

    def render_mail(self, template_prefix: str, email: Any, context: Any, headers: Any = None) -> EmailMessage:
        """Return a mail of signing in, with the HTML that all mails have."""
        written = super().render_mail(template_prefix, email, context, headers)
        if isinstance(written, EmailMultiAlternatives) and not written.alternatives:
            page = letters.dress(str(written.body), title=str(written.subject))
            written.attach_alternative(page, "text/html")
        return written

    def get_client_ip(self, request: HttpRequest) -> str:
        """Return who asks; X-Forwarded-For counts only as far as proxies of ours are known."""
        count = settings.TRUSTED_PROXIES
        passed = [part.strip() for part in request.headers.get("x-forwarded-for", "").split(",") if part.strip()]
        asked_by = passed[-count] if 0 < count <= len(passed) else request.META.get("REMOTE_ADDR") or ""
        try:
            return str(ip_address(asked_by))
        except ValueError:
            return "0.0.0.0"  # an unknown address, nothing is bound to it

    def set_password(self, user: AbstractBaseUser, password: str) -> None:
        """Save a new password and end the person's sign-ins everywhere else."""
        super().set_password(user, password)
        session = getattr(context.request, "session", {})
        sessions.end_others(by=user.pk, keep=session.get(sessions.KEY) if _is(context.request, user) else None)


def _is(request: HttpRequest | None, user: AbstractBaseUser) -> bool:
    """Tell whether the request is this person's own."""
    return request is not None and request.user.pk == user.pk


class MFAAdapter(DefaultMFAAdapter):
    """Second factors."""

    error_messages = DefaultMFAAdapter.error_messages | {
        "incorrect_code": _("This code is not right. Wait for the next one of your app, or use a recovery code."),
        "unverified_email": _("Confirm your e-mail address first: only then can a second factor protect it."),
        "add_email_blocked": _("Remove passkeys and authenticator app first; then add the address."),
    }

    def encrypt(self, text: str) -> str:
        """Seal the secret of an authenticator app or of recovery codes for the database."""
        if not settings.TOTP_KEYS:
            return text
        key = sealing.key_of(settings.TOTP_KEYS[0])
        return SEALED + sealing.spell(sealing.seal(text.encode(), key=key, about=ABOUT))

    def decrypt(self, encrypted_text: str) -> str:
        """Open what `encrypt` sealed, with whichever key did; what was stored before there was a key stands plain."""
        if not encrypted_text.startswith(SEALED):
            return encrypted_text
        sealed = sealing.bytes_of(encrypted_text.removeprefix(SEALED))
        for key in settings.TOTP_KEYS:
            with suppress(sealing.BadSeal):
                return sealing.unseal(sealed, key=sealing.key_of(key), about=ABOUT).decode()
        raise sealing.BadSeal("No key in FOOTNOTE_TOTP_KEYS opens this secret of an authenticator app.")

    def generate_authenticator_name(self, user: AbstractBaseUser, type: object) -> str:
        """Return the name that a new passkey is offered, with a number from the second on."""
        count = len(queries.security_of(user.pk).passkeys)
        return f"{gettext('Passkey')} {count + 1}" if count else gettext("Passkey")

    def get_totp_issuer(self) -> str:
        """Return the name that authenticator apps show."""
        return "Footnote"
