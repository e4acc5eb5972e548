"""What several pages show."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Pair:
    """A label and its value in a note or a list of facts."""

    label: str
    value: str
    mono: bool = False


@dataclass(frozen=True, slots=True)
class Mark:
    """A red numeral in a text; `first` is true where the note's back link should lead."""

    number: int
    about: str = ""
    first: bool = False


@dataclass(frozen=True, slots=True)
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
    claim: int | None = None  # the sentence it belongs to, where that can be rated
    rated: int = 0


@dataclass(frozen=True, slots=True)
class Claim:
    """A sentence and its footnotes."""

    public_id: str
    text: str
    verdict: str = "sourced"
    marks: tuple[Mark, ...] = ()
    opens: bool = False  # a new paragraph begins here


@dataclass(frozen=True, slots=True)
class Section:
    """A part of the report or the draft; `notes` stand beside it."""

    key: str
    title: str
    claims: tuple[Claim, ...] = ()
    notes: tuple[Note, ...] = ()


@dataclass(frozen=True, slots=True)
class PlanLine:
    """What the run will do; a denied line names its rule."""

    kind: str  # add, change, remove, read
    text: str
    detail: str = ""
    credits: int | None = None
    note: int | None = None
    denied_by: str = ""
