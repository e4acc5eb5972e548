"""What the steps hand on, checked before it is kept; and what a model must answer."""

from __future__ import annotations

from typing import Literal

from pydantic import BaseModel, ConfigDict, Field


class Strict(BaseModel):
    model_config = ConfigDict(extra="forbid")


class SubQuestion(Strict):
    text: str = Field(min_length=1, max_length=500)
    queries: list[str] = Field(min_length=1, max_length=20)


class PlanReply(Strict):
    """What the model answers to the plan prompt."""

    sub_questions: list[SubQuestion] = Field(min_length=1, max_length=12)
    assumptions: list[str] = Field(max_length=12)
    ambiguities: list[str] = Field(max_length=12)


class Plan(Strict):
    """The plan: fixed before any source is read."""

    sub_questions: list[SubQuestion]
    assumptions: list[str]
    ambiguities: list[str]
    kinds: list[Literal["library", "web"]]
    # What a person changed in it: references of documents or hosts to leave out, documents to read in any case.
    exclude: list[str] = []
    pin: list[str] = []


class Accepted(Strict):
    """A person's yes; `plan` or `struck` where they changed what they were asked about."""

    by: int | None
    reason: str
    plan: Plan | None = None
    # Sentences that a person struck out of the draft.
    struck: list[str] = []


class Hit(Strict):
    ref: str
    kind: Literal["library", "web"]
    title: str
    rank: int
    published_date: str | None
    same: str
    pinned: bool = False


class Searched(Strict):
    query: str
    kind: Literal["library", "web"]
    hits: list[Hit]
    excluded: list[str] = []


class Kept(Strict):
    number: int
    ref: str
    kind: Literal["library", "web"]
    title: str
    published_date: str | None


class Selected(Strict):
    kept: list[Kept]
    dropped: int


class Collected(Strict):
    """A source that was read; `snapshot` is empty where it could not be, and `reason` says why."""

    number: int
    title: str
    snapshot: str
    published_date: str | None
    reason: str


class Rechecked(Strict):
    """How many of the sources that were collected again could be read."""

    read: int
    sources: int


class Cited(Strict):
    """A span: snapshot_text[start:end] == quote."""

    source: int
    snapshot: str
    start: int
    end: int
    quote: str


class Sentence(Strict):
    id: str
    text: str
    citations: list[Cited]


class QuoteReply(Strict):
    passage: str
    quote: str


class SentenceReply(Strict):
    text: str = Field(min_length=1, max_length=2000)
    citations: list[QuoteReply]


class SummaryReply(Strict):
    """What the model answers to the summarize prompt."""

    sentences: list[SentenceReply] = Field(max_length=60)
    answered: bool


class Summary(Strict):
    sub_question: str
    sentences: list[Sentence]
    answered: bool


class Judged(Strict):
    """A sentence with its verdict; what the others mean stands in `memory.grounding.verdicts`."""

    sentence: Sentence
    verdict: str
    reason: str = ""
    detail: str = ""
    working: str = ""


class Answer(Strict):
    """What the sources say to a follow-up question."""

    sentences: list[Judged]
    answered: bool


class DraftSentenceReply(Strict):
    model_config = ConfigDict(extra="forbid", populate_by_name=True)
    text: str = Field(min_length=1, max_length=2000)
    based_on: list[str] = Field(alias="from")


class DraftSectionReply(Strict):
    heading: str = Field(min_length=1, max_length=500)
    sentences: list[DraftSentenceReply] = Field(max_length=60)


class DisagreementReply(Strict):
    about: str = Field(max_length=500)
    positions: list[DraftSentenceReply] = Field(max_length=20)


class SynthesisReply(Strict):
    """What the model answers to the synthesize prompt."""

    title: str = Field(min_length=1, max_length=300)
    summary: list[DraftSentenceReply] = Field(max_length=12)
    sections: list[DraftSectionReply] = Field(max_length=12)
    disagreements: list[DisagreementReply] = Field(max_length=20)


class Line(Strict):
    """A sentence of the draft, at its place: section -1 is the summary, -2 a disagreement."""

    section: int
    about: str
    text: str
    citations: list[Cited]


class Draft(Strict):
    title: str
    headings: list[str]
    lines: list[Line]
    gaps: list[str]
    answered: bool


class Verified(Strict):
    """How many sentences got which verdict, and the hash of the draft they belong to.

    dropped: doubted sentences that were left out; ask: a person has to look at the doubted ones.
    """

    verdicts: dict[str, int]
    draft_hash: str
    sources: int
    dropped: int = 0
    ask: bool = False


class Indexed(Strict):
    facts: int
    passages: int


class Proved(Strict):
    """A proof bundle: the sha256 of its zip, its bytes, how many files it holds."""

    body: str
    size: int
    files: int


class Published(Strict):
    """document: of the library, empty for runs of version 1."""

    sentences: int
    document: str = ""
