"""Pure: what a call of the ledger counts as on a bill. A model is billed by tokens, any other tool by the call."""

from __future__ import annotations

from dataclasses import dataclass

# Each tool of ours, and what it is billed by. A test holds that no tool of the catalogue is missing here.
UNITS = {
    "model_complete": ("tokens_in", "tokens_out"),
    "model_embed": ("tokens_in",),
    "web_search": ("calls",),
    "web_fetch": ("calls",),
    "library_search": ("calls",),
    "library_read": ("calls",),
    "document_write": ("calls",),
    "report_seal": ("calls",),
    "code_execution": ("calls",),
}
# What a server adds that a workspace brought along: nobody but that server knows what its work is made of.
OTHERS = ("calls",)


@dataclass(frozen=True, slots=True)
class Units:
    """Billable units: tokens that models read and wrote, and calls that are billed one by one.

    >>> Units(1, 2, 3) + Units(10, 0, 1)
    Units(tokens_in=11, tokens_out=2, calls=4)
    """

    tokens_in: int = 0
    tokens_out: int = 0
    calls: int = 0

    def __add__(self, other: Units) -> Units:
        return Units(self.tokens_in + other.tokens_in, self.tokens_out + other.tokens_out, self.calls + other.calls)


def units(tool: str, *, calls: int, tokens_in: int, tokens_out: int) -> Units:
    """Map answered calls of one tool, and the tokens they report, to billable units. Sums map to sums.

    >>> units("model_complete", calls=2, tokens_in=900, tokens_out=70)
    Units(tokens_in=900, tokens_out=70, calls=0)
    >>> units("tickets.find", calls=2, tokens_in=5, tokens_out=0)
    Units(tokens_in=0, tokens_out=0, calls=2)
    """
    found = {"calls": calls, "tokens_in": tokens_in, "tokens_out": tokens_out}
    return Units(**{name: found[name] for name in UNITS.get(tool, OTHERS)})
