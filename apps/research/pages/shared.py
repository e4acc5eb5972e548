"""What several pages show."""

from __future__ import annotations

from dataclasses import dataclass, replace


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
    why: str = ""  # what stands beside a sentence that is not simply sourced


@dataclass(frozen=True, slots=True)
class Section:
    """A part of the report or the draft; `notes` stand beside it."""

    key: str
    title: str
    claims: tuple[Claim, ...] = ()
    notes: tuple[Note, ...] = ()


@dataclass(frozen=True, slots=True)
class CallPreview:
    """What the gate would decide now about a call that is intended, and what the call is.

    verdict: allow, require_approval or deny, by `rule`, which `says` why. line: of its statement, 0 where none decided;
    own: among the workspace's own policies. approver: approve or oversee. open: what it will carry is not known yet.
    micro_dollars: None where that depends on what is read. times: how often at most.
    """

    tool: str
    agent: str
    verdict: str
    rule: str
    says: str = ""
    line: int = 0
    own: bool = False
    approver: str = ""
    four_eyes: bool = False
    capability: bool = False
    cures: tuple[str, ...] = ()
    warnings: tuple[str, ...] = ()
    micro_dollars: int | None = 0
    scope: str = ""
    touches: str = ""
    undo: str = ""
    open: bool = False
    times: int = 1

    @property
    def dollars(self) -> str:
        """What one call costs us, to be read; empty where that is nothing or not known."""
        return f"US$ {self.micro_dollars / 1_000_000:.4f}" if self.micro_dollars else ""


@dataclass(frozen=True, slots=True)
class PlanLine:
    """What the run will do; a denied line names its rule, a call what would be decided about it."""

    kind: str  # add, change, remove, read
    text: str
    detail: str = ""
    credits: int | None = None
    note: int | None = None
    denied_by: str = ""
    call: CallPreview | None = None

    def times(self, most: int, detail: str) -> PlanLine:
        """Return the line for so many calls at most."""
        call = replace(self.call, times=most) if self.call else None
        return replace(self, call=call, detail=detail, credits=(self.credits or 0) * most)


@dataclass(frozen=True, slots=True)
class PlanTally:
    """A plan in one line. calls: at most; low, high: credits; consequences: of the calls that would be denied."""

    calls: int
    low: int
    high: int
    asks: int = 0
    denied: int = 0
    warned: int = 0
    consequences: tuple[str, ...] = ()
