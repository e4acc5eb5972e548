"""Pure: what there is to tell, by which way, and what is told to somebody who never said."""

from __future__ import annotations

from collections.abc import Mapping

KINDS = (
    "waits", "delegated", "escalated", "ends", "fails", "rejected", "expires", "changed", "held", "budget", "credits",
    "retention",
)  # fmt: skip
CHANNELS = ("page", "mail")
MAILED = frozenset({
    "waits", "delegated", "escalated", "fails", "expires", "changed", "held", "budget", "credits", "retention",
})  # fmt: skip
# How a run ended → what its owner is told. Who cancels a run knows it.
ENDINGS = {"completed": "ends", "failed": "fails", "rejected": "rejected", "expired": "expires"}
# What an approval's change tells the person who is asked.
ASKINGS = {"asked": "waits", "delegated": "delegated", "escalated": "escalated"}
# So many people are told of one approval at most.
MOST_ASKED = 20


def wants(kind: str, channel: str, said: Mapping[tuple[str, str], bool]) -> bool:
    """Tell whether somebody wants a kind by a channel; said: their own answers by (kind, channel).

    >>> wants("ends", "page", {}), wants("ends", "mail", {}), wants("fails", "mail", {})
    (True, False, True)
    >>> wants("fails", "mail", {("fails", "mail"): False})
    False
    """
    return said.get((kind, channel), channel == "page" or kind in MAILED)
