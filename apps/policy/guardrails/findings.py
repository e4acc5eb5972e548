"""What a check noticed: where, how sure, what came of it."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

# From the mildest to the strictest. A tripwire ends the task: no attempt follows.
VERDICTS = ("pass", "warn", "redact", "block", "tripwire")
MOST_KEPT = 20
Path = tuple[str | int, ...]


@dataclass(frozen=True, slots=True)
class Span:
    """A stretch of a text, `text[start:end]` in code points, and what kind of thing stands there."""

    start: int
    end: int
    kind: str


@dataclass(frozen=True, slots=True)
class Finding:
    """What one check says of one text. path: where the text stands in the value; sentence: for a person."""

    check: str
    verdict: str
    sentence: str
    path: Path = ()
    spans: tuple[Span, ...] = ()

    @property
    def place(self) -> str:
        """The path in words, such as `input.passages.0.text`."""
        return ".".join(str(part) for part in self.path)

    def signal(self) -> dict[str, Any]:
        """Return it as the ledger keeps it: kinds and places, never the text."""
        return {
            "check": self.check, "verdict": self.verdict, "says": self.sentence[:200], "at": self.place[:120],
            "spans": [[span.start, span.end, span.kind] for span in self.spans[:MOST_KEPT]],
        }  # fmt: skip


@dataclass(frozen=True, slots=True)
class Findings:
    """What all checks say together. value: what was examined, with what was to be redacted gone."""

    value: Any = field(repr=False)
    found: tuple[Finding, ...] = ()

    @property
    def verdict(self) -> str:
        """The strictest verdict."""
        return max((each.verdict for each in self.found), key=VERDICTS.index, default="pass")

    @property
    def stops(self) -> bool:
        """Whether the call may not be made, or its answer not be handed on."""
        return self.verdict in {"block", "tripwire"}

    @property
    def redacts(self) -> bool:
        """Whether the value is not what was given any more."""
        return any(each.verdict == "redact" for each in self.found)

    @property
    def outcome(self) -> str:
        """The ledger's word for a call that they stop."""
        return "tripwire" if self.verdict == "tripwire" else "guardrail"

    @property
    def sentence(self) -> str:
        """Why, as far as a call is stopped: the first of the strictest."""
        return next((each.sentence for each in self.found if each.verdict == self.verdict), "")

    def signals(self) -> list[dict[str, Any]]:
        """Return what the ledger keeps, the strictest first, bounded."""
        strictest = sorted(self.found, key=lambda each: -VERDICTS.index(each.verdict))
        return [each.signal() for each in strictest[:MOST_KEPT]]
