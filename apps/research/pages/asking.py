"""Follow-up questions and their answers."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from apps.research.pages.shared import Note, Section


@dataclass(frozen=True, slots=True)
class Asked:
    """One question. `state`: working, answered, silent (not in the sources), failed."""

    number: int
    question: str
    by: str
    at: datetime
    state: str
    answer: Section
    why: str = ""


@dataclass(frozen=True, slots=True)
class Asking:
    """`asking`, for `_asking.html`: the conversation so far, which the stream keeps up to date."""

    public_id: str
    rows: tuple[Asked, ...] = ()
    status: str = ""
    may_ask: bool = True


@dataclass(frozen=True, slots=True)
class AskPage:
    """`page`, for `ask.html`."""

    public_id: str
    question: str
    asking: Asking
    suggestions: tuple[str, ...]
    credits: int
    readable: bool  # whether the run has read anything that could answer
    notes: tuple[Note, ...] = ()
    stream_url: str = ""
