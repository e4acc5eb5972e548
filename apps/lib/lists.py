"""Things said one after the other, in the reader's language."""

from __future__ import annotations

from collections.abc import Iterable

from django.utils.translation import pgettext


def join(parts: Iterable[object]) -> str:
    """Return the parts with the separator that the reader's language puts between them."""
    # Translators: stands between two things of a list.
    return pgettext("list", ", ").join(map(str, parts))
