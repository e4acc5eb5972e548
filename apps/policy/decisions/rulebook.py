"""The rules in force: those that Footnote ships, and the workspace's own on top, by version.

A call asks which version is live and which is on trial (one short query, no cache that could be stale); the text
is read and parsed once for each digest.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

from apps.policy import rules
from apps.policy.decisions import cedar, vocabulary
from apps.policy.decisions.cedar import Policies, Statement
from apps.policy.models import PolicyVersion
from apps.policy.registry.catalogue import Tool

FILE = Path(__file__).resolve().parent.parent / "policies" / "base.cedar"
SHIPPED = "shipped"
OWN = "own"


@dataclass(frozen=True, slots=True)
class Version:
    """A version of the workspace's own policies, with the shipped ones: number 0 is the shipped ones alone."""

    number: int
    policies: Policies
    digest: str = ""


@dataclass(frozen=True, slots=True)
class Rulebook:
    """live decides. trial, where there is one, only says what it would have decided."""

    live: Version
    trial: Version | None = None


def current(versions: Iterable[tuple[str, int, str]] | None = None) -> Rulebook:
    """Return what is in force in this workspace at this moment.

    versions: state, number and digest of what is live and on trial, where they have just been read.
    """
    if versions is None:
        rows = PolicyVersion.objects.filter(state__in=("live", "shadow"))
        versions = rows.values_list("state", "number", "digest")
    found = {state: _version(number, digest) for state, number, digest in versions}
    return Rulebook(found.get("live") or _shipped_alone(), found.get("shadow"))


def _version(number: int, digest: str) -> Version:
    if digest not in _parsed:
        if len(_parsed) >= 512:
            _parsed.clear()
        _parsed[digest] = together(PolicyVersion.objects.values_list("text", flat=True).get(number=number))
    return Version(number, _parsed[digest], digest)


_parsed: dict[str, Policies] = {}


@lru_cache(maxsize=1)
def _shipped_alone() -> Version:
    return Version(0, together(""), rules.digest(FILE.read_text()))


@lru_cache(maxsize=1)
def shipped() -> tuple[Statement, ...]:
    """Return the statements that Footnote ships."""
    return cedar.statements(FILE.read_text(), origin=SHIPPED)


def together(text: str) -> Policies:
    """Parse the shipped policies with a workspace's own text behind them. Raises BadPolicies."""
    return cedar.parse((*shipped(), *cedar.statements(text, origin=OWN)))


def checked(text: str, tools: dict[str, Tool]) -> Policies:
    """Check a workspace's own text against the words that its tools give. Raises BadPolicies with each line."""
    own = cedar.statements(text, origin=OWN)
    schema = vocabulary.schema_of(tools.values())
    taken = {each.id for each in shipped()}
    clash = [
        cedar.Problem(each.line, f"The id “{each.id}” is one of Footnote's own.") for each in own if each.id in taken
    ]
    if clash:
        raise cedar.BadPolicies(clash)
    cedar.check(own, vocabulary=schema)
    return cedar.check((*shipped(), *own), vocabulary=schema)


def digest(text: str) -> str:
    """Name a text of the workspace's own policies, with the shipped ones it stands on."""
    return rules.digest([FILE.read_text(), text])
