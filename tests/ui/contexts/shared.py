"""What several pages use."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime


@dataclass(frozen=True)
class Pair:
    """A label and its value in a note or a list of facts."""

    label: str
    value: str
    mono: bool = False


@dataclass(frozen=True)
class Mark:
    """A red numeral in a text; `first` is true where the note's back link should lead."""

    number: int
    about: str = ""
    first: bool = False


@dataclass(frozen=True)
class Note:
    """A footnote: of a sentence, a cost, a version or a decision. One component shows them all."""

    number: int
    title: str
    text: str = ""
    before: str = ""
    quote: str = ""
    after: str = ""
    verdict: str = ""  # sourced, calculated, inferred, unsupported, contradicted
    pairs: tuple[Pair, ...] = ()
    url: str = ""
    url_label: str = ""


@dataclass(frozen=True)
class WorkspaceLink:
    """A workspace of this person, for the switcher and the chooser."""

    name: str
    url: str
    role: str = ""  # owner, admin, member, viewer
    current: bool = False
    runs: int = 0
    last_run_at: datetime | None = None


@dataclass(frozen=True)
class TopBar:
    """`bar`, from a context processor, on every page of a workspace host."""

    workspace: str
    current: str  # research, approvals, documents
    person: str
    email: str
    credits: int
    waiting: int = 0  # approvals that wait for this person
    workspaces: tuple[WorkspaceLink, ...] = ()
    chooser_url: str = ""  # the apex
    logout_url: str = ""  # the apex
    language_url: str = ""  # django's set_language
