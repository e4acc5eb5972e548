"""Words that say whose they are and who may read them, and a workspace full of them.

A bait is letters only: it survives lower case, e-mail addresses, HTML, JSON and the text of a PDF.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field

SPACES = ("acme", "glob", "shut")
ROLES = {"alice": "owner", "adam": "admin", "ann": "approver", "bob": "researcher", "vera": "viewer",
         "paula": "billing"}  # fmt: skip
# Seal → who of the own workspace may ever read what carries it.
READERS = {
    "open": frozenset(ROLES),
    "work": frozenset(ROLES) - {"paula"},
    "bobs": frozenset({"bob"}),
    "team": frozenset({"bob", "ann"}),
    "some": frozenset({"bob", "vera"}),
    # Drafts of private and named runs ask the fallback approver, who sees what they are asked about.
    "asko": frozenset({"bob", "ann"}),
    "askn": frozenset({"bob", "vera", "ann"}),
    "gone": frozenset({"alice", "adam", "bob"}),  # a deleted run that everybody saw: who may bring it back
    "lost": frozenset({"bob"}),  # a deleted run that was private
    "mine": frozenset({"alice"}),
    "none": frozenset(),  # a secret
    "keys": frozenset({"alice", "adam"}),  # who may change the settings
    "cost": frozenset({"alice", "adam", "paula"}),  # who may change budgets
}
BAIT = re.compile(r"kv(acme|glob|shut)([a-z]{4})([a-z]+?)zz")


def bait(space: str, seal: str, place: str) -> str:
    """Return the word for one place of a workspace.

    >>> BAIT.fullmatch(bait("acme", "work", "question")).groups()
    ('acme', 'work', 'question')
    """
    if space not in SPACES or seal not in READERS or not place.isalpha():
        raise ValueError("a bait is made of a known workspace, a known seal and letters")
    return f"kv{space}{seal}{place}zz"


@dataclass
class Space:
    """One workspace with everything in it. ids: kind → what the URLs call it; sealed: id → its seal."""

    name: str
    schema: str
    slug: str
    people: dict[str, int] = field(default_factory=dict)
    ids: dict[str, list[str]] = field(default_factory=dict)
    sealed: dict[str, str] = field(default_factory=dict)
    # Addresses on the apex that speak for themselves: token → whether it still opens something.
    links: dict[str, bool] = field(default_factory=dict)
    versions: tuple[str, ...] = ()

    @property
    def host(self) -> str:
        """Its host."""
        return f"{self.slug}.localhost"

    def note(self, kind: str, value: object, seal: str = "") -> str:
        """Remember an id for the crawler; with a seal also as something that must not be seen."""
        self.ids.setdefault(kind, []).append(str(value))
        if seal:
            self.sealed[str(value)] = seal
        return str(value)
