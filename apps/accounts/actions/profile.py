"""What a person says about themselves: name, language, colours."""

from __future__ import annotations

from django.conf import settings
from django.utils.translation import gettext as _

from apps.accounts import rules, tenancy
from apps.accounts.models import User
from apps.lib.errors import Invalid


def change(*, by: int, name: str, language: str, theme: str) -> None:
    """Save a person's name, language and theme; empty language and theme follow workspace and system.

    Raises: Invalid for a name that is too long, an unknown language or theme.
    """
    name = rules.tidy(name)
    if len(name) > 120:
        raise Invalid(_("Shorten the name to at most 120 characters."))
    if language and language not in dict(settings.LANGUAGES):
        raise Invalid(_("This language is not among those offered. Choose one from the list."))
    if theme and theme not in rules.THEMES:
        raise Invalid(_("There is no such theme. Choose light, dark or the system's."))
    with tenancy.as_platform("a person changes their profile"):
        User.objects.filter(pk=by).update(name=name, language=language, theme=theme)


def choose_language(*, by: int, language: str) -> None:
    """Save a person's language. Raises: Invalid for one that is not offered."""
    if language not in dict(settings.LANGUAGES):
        raise Invalid(_("This language is not among those offered. Choose one from the list."))
    with tenancy.as_platform("a person chooses a language"):
        User.objects.filter(pk=by).update(language=language)
