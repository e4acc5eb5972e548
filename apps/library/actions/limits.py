"""How much a workspace may hold, and of which kinds."""

from __future__ import annotations

from dataclasses import dataclass

from django.conf import settings
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from apps.lib import ports
from apps.lib.errors import Exhausted
from apps.library import queries

# Whoever knows the workspace's plan answers: () → Limits.
limits = ports.declare("library.limits")


@dataclass(frozen=True, slots=True)
class Limits:
    """file_bytes: of one file; documents, total_bytes: of the workspace; kinds: some of `extraction.sniff.NAMES`."""

    file_bytes: int
    documents: int
    total_bytes: int
    kinds: tuple[str, ...]


class LibraryFull(Exhausted):
    """The library of this workspace is full."""

    code = "library_full"


def from_settings() -> Limits:
    """Return the limits of a workspace without a plan."""
    return Limits(
        file_bytes=settings.MAX_BODY_BYTES, documents=settings.LIBRARY_DOCUMENTS, total_bytes=settings.LIBRARY_BYTES,
        kinds=tuple(settings.LIBRARY_KINDS),
    )  # fmt: skip


def current() -> Limits:
    """Return the limits of this workspace; no plan allows a body that the store refuses."""
    found: Limits = limits()
    most = min(found.file_bytes, settings.MAX_BODY_BYTES)
    return Limits(most, found.documents, found.total_bytes, found.kinds)


def demand_room(*, documents: int = 0, total_bytes: int = 0) -> None:
    """Check that so much more fits. Exact inside a transaction that holds `datasets.lock`. Raises LibraryFull."""
    allowed, held = current(), queries.held()
    if held.documents + documents > allowed.documents:
        raise LibraryFull(
            ngettext(
                "This workspace may hold %(n)d document. Delete one that is no longer needed.",
                "This workspace may hold %(n)d documents, and it does. Delete some that are no longer needed.",
                allowed.documents,
            )
            % {"n": allowed.documents}
        )
    if held.bytes + total_bytes > allowed.total_bytes:
        raise LibraryFull(
            _("This would be more than the %(size)s that this workspace may hold. Delete what is no longer needed.")
            % {"size": sized(allowed.total_bytes)}
        )


def sized(count: int) -> str:
    """Say a number of bytes shortly, in decimal units."""
    return f"{count / 1_000_000_000:.3g} GB" if count >= 1_000_000_000 else f"{count / 1_000_000:.3g} MB"
