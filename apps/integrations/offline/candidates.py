"""Passages cut into sentences that could stand in a report, and the rest left out."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from apps.lib.lexicon import MONTHS
from apps.lib.text import Span, guess_language, sentences, stem, tokens, words

_BULLET = re.compile(r"^(?:[-*+•‣▪●◦–—·]\s+|\(?\d{1,3}[.)]\s+(?=\S)|#{1,6}\s+|>\s+)+")
_BOILERPLATE = re.compile(
    r"\b(?:all rights reserved|copyright|©|cookies?|privacy policy|terms of (?:use|service)|subscribe"
    r"|sign (?:in|up)|log in|"
    r"click here|read more|skip to|table of contents|share this|follow us|newsletter|archived from|retrieved (?:on )?"
    r"(?:from|\d|[A-Z][a-z]+ \d)|isbn|doi:|permanent link|cite this page|page information"
    r"|download (?:as )?pdf|javascript|"
    r"all material is|last edited|advertisement|jump to|external links|what links here|edit \])",
    re.I,
)
_LEANS = re.compile(
    r"^[\"'“(]?(?:it|its|it's|they|their|them|these|those|this|that|he|she|his|her|hers|both|such"
    r"|each of (?:them|these)|the "
    r"(?:latter|former|same)|one of (?:them|these)|er|sie|es|dies(?:e[rsmn]?)?|il|elle|ils|elles|cela"
    r"|ce|esto|este|esta|él|ella)\b",
    re.I,
)
_LINKS = re.compile(
    r"^(?:however|because|moreover|furthermore|therefore|thus|hence|consequently|nevertheless|nonetheless|instead|also|besides|"
    r"in addition|additionally|similarly|likewise|conversely|by contrast|in contrast|on the other hand|as a result|for "
    r"(?:example|instance)|then|afterwards?|later|meanwhile|subsequently|otherwise|still|yet|but|and"
    r"|or|so|nor|because of "
    r"(?:this|that)|jedoch|allerdings|außerdem|daher|deshalb|cependant|toutefois|donc|sin embargo|además|there,)\b",
    re.I,
)
_CODE = re.compile(
    r"[{}\\]|=>|::|\w\(\)|;\s*$|</|\$\{|^>>>|^\$ "
    r"|^\s*(?:import|from|def|class|return|if|for|var|let|const|#include)\b.*[:;(=]"
)
_COMMAND = re.compile(
    r"(?:\$ )?(?:pip3?|npm|npx|apt|apt-get|brew|curl|git|docker|python3?|uv|conda|cargo|make|sudo|cd"
    r"|wget)\s+\S+(?!.*[.!?]$)"
)
_POINTS = re.compile(r"(?:please|see|check out|visit|contact|note that you|refer to|for more|for details)\b", re.I)
_MAIL = re.compile(r"(?:From|To|Cc|Bcc|Subject|Sent|Date|Reply-To|Von|An|Betreff|Datum|Gesendet|De|Asunto|Objet): ")
_URL = re.compile(r"(?:https?://|www\.)\S+")
_ROW = re.compile(r"^[^:;\n]{1,60}: [^;\n]{1,200}(?:; [^:;\n]{1,60}: |$)")
_END = re.compile(r"[.!…。！؟۔।:;)\]”\"'»]\s*$")
_MOST_WORDS = 75
_MONTH_STEMS = tuple(stem(month) for month in MONTHS[:12])


@dataclass(slots=True)
class Candidate:
    """A sentence, or two where the second leans on the first. quote is exact, text is how it reads."""

    passage: str
    source: str
    text: str
    quote: str
    start: int
    end: int
    stems: frozenset[str]
    quality: float
    leads: bool
    title: frozenset[str] = frozenset()
    nearby: frozenset[str] = frozenset()
    heading: frozenset[str] = frozenset()
    opens: bool = False
    place: tuple[int, int] = (0, 0)
    published: str = ""
    fit: float = 0.0
    relevance: float = 0.0
    score: float = 0.0
    cover: dict[str, float] = field(default_factory=dict)


def find_candidates(passages: Sequence[Mapping[str, Any]]) -> list[Candidate]:
    """Return the usable sentences of the passages, in the order given, with what stands around them."""
    found: list[Candidate] = []
    for place, passage in enumerate(passages):
        text = str(passage["text"])
        language = guess_language(text)
        title = _title(str(passage.get("title") or ""), language)
        spans = sentences(text)
        stems = [frozenset(stem(w) for w in words(text[s.start : s.end])) for s in spans]
        for at, unit in enumerate(_units(text, spans)):
            if unit is None:
                continue
            span, quality = unit
            if at == 0 and stems[0] <= title:
                continue  # the title itself
            first = next(i for i, s in enumerate(spans) if s.end > span.start)
            near = [stems[i] for i in range(max(0, first - 3), min(len(spans), at + 2)) if not first <= i <= at]
            heads = [stems[i] for i in range(first) if _announces(text, spans[i], spans[at])][-1:]
            found.append(
                Candidate(
                    passage=str(passage["id"]),
                    source=str(passage["source"]),
                    text=read_aloud(text[span.start : span.end]),
                    quote=text[span.start : span.end],
                    start=span.start,
                    end=span.end,
                    stems=frozenset().union(*stems[first : at + 1], _months(text[span.start : span.end])),
                    quality=quality,
                    leads=first < at,
                    title=title,
                    nearby=frozenset().union(*near) if near else frozenset(),
                    heading=heads[0] if heads else frozenset(),
                    opens=at <= 3 and _begins_document(text, title),
                    place=(place, at),
                    published=str(passage.get("published") or ""),
                )
            )
    return found


def _months(said: str) -> frozenset[str]:
    """Return year and month of the dates that are written as numbers: "2024-07-15" is of July 2024."""
    found = re.findall(r"\b((?:1[5-9]|20)\d\d)-(0[1-9]|1[0-2])(?:-\d\d)?\b", said)
    return frozenset(stem for year, month in found for stem in (year, _MONTH_STEMS[int(month) - 1]))


def _begins_document(text: str, title: frozenset[str]) -> bool:
    """Say whether a passage is the head of its document: its first line holds most words of the title."""
    first = {stem(w) for w in words(text.lstrip().split("\n", 1)[0][:200])}
    return bool(title) and len(title & first) >= 0.6 * len({t for t in title if len(t) > 2 or t in first})


def _title(title: str, language: str) -> frozenset[str]:
    """Return the stems of a title and the short forms of its names ("GNU General Public License": gpl)."""
    initials = "".join(word[0] for word in title.split() if word[:1].isupper()).casefold()
    short = (
        {initials[i:j] for i in range(len(initials)) for j in range(i + 3, len(initials) + 1)}
        if len(initials) < 8
        else set()
    )
    return frozenset(tokens(title, language=language)) | short


def _announces(text: str, span: Span, entry: Span) -> bool:
    """Say whether a sentence is a heading, or ends in a colon before the list that the entry is in."""
    said = text[span.start : span.end]
    return _is_heading(said) or (said.endswith(":") and bool(_BULLET.match(text[entry.start : entry.end])))


def _units(text: str, spans: Sequence[Span]) -> list[tuple[Span, float] | None]:
    """Return for each sentence the span it has to be quoted with and its quality from 0 to 1, None to leave it out."""
    units: list[tuple[Span, float] | None] = []
    for at, span in enumerate(spans):
        said = text[span.start : span.end]
        quality = judge(said, opens=at == 0, closes=at == len(spans) - 1)
        if quality <= 0:
            units.append(None)
            continue
        bare = _BULLET.sub("", said)
        if bare.endswith((":", "：")):
            units.append(_with_entries(text, spans, at))
            continue
        if not (_LEANS.match(bare) or _LINKS.match(bare)):
            units.append((_without_bullet(span, said), quality))
            continue
        units.append(_with_antecedent(text, spans, at, quality))
    return units


def _with_antecedent(text: str, spans: Sequence[Span], at: int, quality: float) -> tuple[Span, float]:
    """Take the sentence before along, one more if that leans too; without any, the sentence is worth far less."""
    for first in range(at - 1, max(-1, at - 3), -1):
        said = text[spans[first].start : spans[first].end]
        before = judge(said, opens=first == 0, closes=False)
        if before <= 0.3 or "\n\n" in text[spans[first].end : spans[first + 1].start]:
            break
        whole = text[spans[first].start : spans[at].end]
        if len(whole.split()) > _MOST_WORDS:
            break
        bare = _BULLET.sub("", said)
        if not (_LEANS.match(bare) or _LINKS.match(bare)):
            return _without_bullet(Span(spans[first].start, spans[at].end), whole), 0.9 * min(before, quality)
    return _without_bullet(spans[at], text[spans[at].start : spans[at].end]), 0.4 * quality


def _with_entries(text: str, spans: Sequence[Span], at: int) -> tuple[Span, float] | None:
    """Take the list or the line of code along that a sentence announces with a colon; alone it says nothing."""
    end, count = spans[at].end, len(text[spans[at].start : spans[at].end].split())
    for following in spans[at + 1 :]:
        gap, said = text[end : following.start], text[following.start : following.end]
        count += len(said.split())
        listed = _BULLET.match(said) and not said.startswith("#")
        coded = gap.endswith("    ") and count < 40
        if not (listed or coded) or count > _MOST_WORDS:
            break
        end = following.end
    return (
        (_without_bullet(Span(spans[at].start, end), text[spans[at].start : end]), 0.95)
        if end > spans[at].end
        else None
    )


def _without_bullet(span: Span, said: str) -> Span:
    bullet = _BULLET.match(said)
    return Span(span.start + bullet.end(), span.end) if bullet else span


def read_aloud(quote: str) -> str:
    """Return a quote as a line of prose: white space made even, list marks gone, "; " rows kept as they are."""
    lines = [
        _BULLET.sub("", line.strip()) if number else line
        for number, line in enumerate(_BULLET.sub("", quote.strip()).split("\n"))
    ]
    joined = lines[0]
    for before, line in zip(lines, lines[1:], strict=False):
        listed = (
            line
            and quote.count("\n- ") + quote.count("\n• ") + quote.count("\n* ")
            and not joined.rstrip().endswith((":", ";", "."))
        )
        joined += ("; " if listed and before else " ") + line
    if joined.startswith("|"):
        joined = "; ".join(cell.strip() for cell in joined.strip("| ").split("|") if cell.strip())
    return " ".join(joined.split())


def judge(said: str, *, opens: bool = False, closes: bool = False) -> float:
    """Return how well a sentence could stand in a report: 0 for headings, menus, code, questions, fragments.

    opens, closes: it is the first or last of its passage, where a cut may have left half a sentence.
    """
    bare = _BULLET.sub("", said.strip())
    count = len(bare.split())
    letters = sum(c.isalpha() for c in bare)
    unspaced = any("\u3040" <= c <= "\u9fff" or "\uac00" <= c <= "\ud7af" for c in bare)
    if letters < 8 - 4 * unspaced or letters < 0.4 * len(bare.replace(" ", "")) or _looks_odd(said, bare):
        return 0.0
    row = bool(_ROW.match(bare))
    if said.lstrip().startswith("#") or (_is_heading(said) and not row):
        return 0.0
    if count < 4 and not unspaced and not row:
        return 0.0
    quality = 1.0
    if _BOILERPLATE.search(bare) or _MAIL.match(bare):
        quality *= 0.25
    if _COMMAND.match(bare) or (_URL.search(bare) and len(_URL.sub("", bare).split()) < 7):
        quality *= 0.4
    if not _END.search(bare) and not row:
        quality *= 0.45 if closes or opens else 0.7
    if bare[:1].islower() and not unspaced:
        quality *= 0.5 if opens else 0.8
    if _POINTS.match(bare):
        quality *= 0.5
    if row and bare.count("; ") == 0 and count < 7:
        quality *= 0.6
    if count > 60:
        quality *= 60 / count
    capitals = sum(w[:1].isupper() for w in bare.split())
    if count > 8 and capitals > 0.7 * count and not row:
        quality *= 0.3
    return quality


def _looks_odd(said: str, bare: str) -> bool:
    return (
        bare.rstrip("\"'”’)»").endswith(("?", "？", "؟")) or said.startswith(("    ", "\t")) or bool(_CODE.search(bare))
    )


def _is_heading(said: str) -> bool:
    if said.lstrip().startswith("#"):
        return True
    bare = said.strip()
    if _END.search(bare) or "\n" in bare:
        return False
    return len(bare.split()) <= 7 and not re.search(r"\d", bare) and not _BULLET.match(bare) and ": " not in bare
