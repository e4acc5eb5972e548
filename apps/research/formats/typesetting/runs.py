"""Text cut into runs that one face can draw; what no face can draw is replaced by something harmless."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable

OMITTED = "[…]"

# Controls and what turns the direction of all that follows. The rest of the invisible ones has a use somewhere.
_HARMFUL = re.compile(
    "[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x84\x86-\x9f\u202a-\u202e\u2066-\u2069\ufeff\ufffe\uffff\ud800-\udfff]"
)
# On paper these only cut a word in two. U+200C stays: it keeps Persian letters from joining.
_INVISIBLE = re.compile(
    "[\xad\u061c\u180e\u200b\u200d-\u200f\u2060-\u206f\ufe00-\ufe0f\ufff0-\uffff\U000e0000-\U000e0fff]"
)
_SPACES = re.compile("[\u2000-\u200a\u202f\u205f\u2028\u2029\x85]")
_HYPHENS = re.compile("[\u2010\u2011]")
_HAN = re.compile("[\u3040-\u30ff\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff]")

Family = Callable[[str], str | None]


def disarm(text: str) -> str:
    r"""Return text without what steers a terminal, a parser or the direction of a page.

    >>> disarm("a\x00b\u202ec")
    'abc'
    """
    return _HARMFUL.sub("", text)


def clean(text: str) -> str:
    r"""Return text for paper: disarmed, composed (NFC), with plain spaces and hyphens.

    >>> clean("a\x00b\u202ec\u2011d")
    'abc-d'
    """
    text = _HYPHENS.sub("-", _SPACES.sub(" ", _INVISIBLE.sub("", disarm(text))))
    return unicodedata.normalize("NFC", text)


def cut(text: str, family: Family) -> list[tuple[str, str]]:
    """Return (family, run) pairs: "" stands for the family around it.

    Spaces between two runs of one family stay with them. Signs that nothing draws vanish; a word of letters that
    nothing draws becomes `[…]`.

    >>> cut("ab", lambda char: "")
    [('', 'ab')]
    """
    runs: list[tuple[str, str]] = []
    for char in text:
        for name, part in _drawable(char, family):
            _append(runs, name, part if part != OMITTED or not _ends_omitted(runs) else "")
    return runs


def _drawable(char: str, family: Family) -> list[tuple[str, str]]:
    name = "" if char.isspace() else family(char)
    if name is not None:
        return [(name, char)]
    simpler = [(family(part), part) for part in unicodedata.normalize("NFKC", char)]
    if all(name is not None for name, _ in simpler):
        return [(name or "", part) for name, part in simpler]
    return [("", OMITTED if unicodedata.category(char)[0] in "LN" else "")]


def _ends_omitted(runs: list[tuple[str, str]]) -> bool:
    return "".join(run for _, run in runs[-2:]).rstrip().endswith(OMITTED)


def _append(runs: list[tuple[str, str]], name: str, char: str) -> None:
    if not char:
        return
    if name and len(runs) > 1 and runs[-1][1].isspace() and runs[-2][0] == name:
        space = runs.pop()[1]
        runs[-1] = (name, runs[-1][1] + space)
    if runs and runs[-1][0] == name and (name or not _splits(runs[-1][1], char)):
        runs[-1] = (name, runs[-1][1] + char)
    else:
        runs.append((name, char))


def _splits(run: str, char: str) -> bool:
    """Say whether a space opens a run of its own, so that it can still join the runs around it."""
    return run.isspace() != char.isspace() and (run.isspace() or len(run) == 0)


def direction(text: str) -> str:
    """Return "rtl" when the first character with a direction runs right to left, else "ltr".

    >>> direction("12: שלום"), direction("The word שלום")
    ('rtl', 'ltr')
    """
    for char in text:
        strong = unicodedata.bidirectional(char)
        if strong in ("R", "AL"):
            return "rtl"
        if strong == "L":
            return "ltr"
    return "ltr"


def is_unspaced(text: str) -> bool:
    """Say whether lines of this text break between any two characters, as Chinese and Japanese do.

    >>> is_unspaced("北環状線の費用"), is_unspaced("The line 北環")
    (True, False)
    """
    return len(_HAN.findall(text)) * 3 > len("".join(text.split()))
