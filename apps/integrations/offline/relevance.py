"""How well a sentence answers a question: weighted coverage of its words, and whether it has what is asked for."""

from __future__ import annotations

import math
import re
from collections.abc import Mapping, Sequence
from functools import lru_cache

from apps.integrations.offline.candidates import Candidate
from apps.integrations.offline.questions import Asked, Term, is_number
from apps.lib.figures import find_figures
from apps.lib.lexicon import CAUSAL, COST, MONTHS, QUALIFIERS, UNITS
from apps.lib.text import stem, words

_MONEY = re.compile(
    r"[$€£¥]|\b(?:dollars?|[Ee]uros?|pounds?|cents?|pence|USD|EUR|GBP|CHF|crowns?|francs?|[mb]illion|[kK]r)\b"
)
_CAUSE = re.compile(r"\b(?:" + "|".join(CAUSAL) + r")\b", re.I)
_CAPITAL = re.compile(r"(?<![.!?“\"(]\s)(?<!^)\b[A-Z][\w'’-]+")
_PLACE = re.compile(r"\b(?:in|at|near|on|of|from|outside|north|south|east|west)\b[^.]{0,20}\b[A-Z][\w'’-]+")
_ONCE = re.compile(r"\b(?:was|were|did|had|born|built|founded|wurde\w*|fue|a été)\b|\b(?:what|which) ", re.I)
_TIME = re.compile(
    r"\b(?:within|after|before|by|until|from|every|on|at|during|as soon as|once)\b[^.;]{0,24}"
    r"\b(?:(?:second|minute|hour|day|week|month|quarter|year|morning|evening|noon|midnight|weekend)s?"
    r"|(?:mon|tues|wednes|thurs|fri|satur|sun)days?|spring|summer|autumn|winter|\d{1,2}:\d\d)\b"
    rf"|\b\d{{1,2}} (?:{'|'.join(MONTHS[:12])})\b|\b(?:{'|'.join(MONTHS[:12])}) \d{{1,2}}\b"
    r"|\b(?:daily|weekly|monthly|yearly|annually|immediately)\b",
    re.I,
)
_OBJECT = re.compile(r"\b(?:of|on|about|from|with|von|de|del|du)\s+(?:the\s+|an?\s+)?([a-z]{4,})\b(?!\s+[a-z]+\s+of)")
_UNKNOWN = 0.8
_MEASURE = re.compile(
    r"(?<![\w.,])(\d+(?:[.,]\d+)?)\s?(mg|g|kg|ml|l|km|m|cm|mm|kw|mw|kwh|mwh|hours?|days?|weeks?|months?|%)\b", re.I
)
_STRANGE = 0.75  # a document that never names what is asked about
_SAME, _ALIKE, _CLOSE = 1.0, 0.75, 0.6
_SHARE = frozenset(("percent", "percentag", "proport", "shar", "rate", "fract", "quota", "efficienci"))
_VERSION = re.compile(r"\b[vV]?\d+\.\d+(?:\.\d+)?\+?\b|\bPython \d")
_REASONS = frozenset(("cause", "reason", "why", "background", "caus"))
_ROW = re.compile(r"[^:;]{1,60}: [^;]{1,200}; ")
_LIFE = frozenset(("born", "birth", "die", "death"))
_LIFESPAN = re.compile(r"\((?:[^()]{0,40}\b)?\d{3,4}\s?[–-]\s?[^()]{0,20}\d{3,4}\)|\((?:born|died|b\.|d\.)\s")
_BY = re.compile(r"\b(?:by|from|named|called|was|is|von|par|por)\s+(?:the\s+|Dr\.?\s+|Sir\s+)?[A-Z][\w'’-]+")
_IS_A = re.compile(r"\b(?:is|was|are|were)\s+(?:an?|the|one of)\b")
# A name may be left to the title or the sentence before; what is asked about it must be in the sentence.
_NAME_TITLE, _NAME_NEAR, _NAME_ELSEWHERE = 0.85, 0.7, 0.45
_SECTION, _WORD_SECTION, _WORD_SHORT_TITLE = 0.9, 0.5, 0.6
_WORD_TITLE, _WORD_HEADING, _WORD_NEAR, _WORD_ELSEWHERE = 0.4, 0.55, 0.3, 0.1


def rate(asked: Asked, candidates: Sequence[Candidate]) -> None:
    """Set `cover`, `fit` (how far it answers, 0 to about 1.2) and `relevance` (fit and quality) of every candidate."""
    rarity = _rarity(asked, candidates)
    by_source: dict[str, set[str]] = {}
    for candidate in candidates:
        by_source.setdefault(candidate.source, set()).update(candidate.stems)
    unknown = _is_unknown(asked, candidates)
    for candidate in candidates:
        candidate.cover = {t.stem: _credit(t, candidate, by_source[candidate.source], asked) for t in asked.terms}
        fits = _has_what_is_asked(asked, candidate) * _says_of_it(asked, candidate)
        fits *= 1.0 if asked.kind == "define" and fits > 1 else _enough(asked, candidate, rarity)
        known = by_source[candidate.source] | candidate.title
        strange = any(len(name & known) < 0.5 * len(name) for name in asked.names or asked.lent)
        fits *= _qualified(asked, candidate)
        fits *= _UNKNOWN if unknown else 1.0
        candidate.fit = _covered(asked, candidate, rarity) * fits * (_STRANGE if strange else 1.0)
        candidate.relevance = candidate.fit * (0.35 + 0.65 * candidate.quality)


def _is_unknown(asked: Asked, candidates: Sequence[Candidate]) -> bool:
    """Say whether nothing read holds what the question is of ("of alcohol"): then it asks of another thing."""
    held = frozenset().union(*(c.stems | c.title for c in candidates)) if len(candidates) > 1 else frozenset()
    objects = {stem(w) for found in _OBJECT.findall(asked.text) for w in words(found)}
    telling = [t for t in asked.terms if t.stem in objects - asked.heads and not t.proper and t.weight >= 1]
    return bool(held) and any(
        t.stem not in held and not t.alike & held and not any(_close(t.stem, s) for s in held) for t in telling
    )


def _qualified(asked: Asked, candidate: Candidate) -> float:
    """Return more than 1 for "after probation" where that is asked, less for "during probation" alone."""
    held = _pairs(candidate.text)
    measured = _MEASURE.findall(asked.text)
    factor = 1.0
    for number, unit in measured:
        others = {n for n, u in _MEASURE.findall(candidate.text) if u.lower() == unit.lower()}
        if others and not re.search(rf"(?<![\d.,]){re.escape(number)}(?![\d.,]*\d)", candidate.text):
            factor *= 0.6  # it is about another dose or length
    for row, word in _pairs(asked.text):
        wanted = {r for r, w in held if w == word and QUALIFIERS.get(r) == QUALIFIERS[row]}
        factor *= 1.12 if row in wanted else 0.8 if wanted else 1.0
    return factor


@lru_cache(maxsize=8192)
def _pairs(text: str) -> frozenset[tuple[str, str]]:
    """Return the words that tell two things of one name apart, each with the stem of the word it stands before."""
    said = words(text)
    return frozenset((left, stem(right)) for left, right in zip(said, said[1:], strict=False) if left in QUALIFIERS)


def _covered(asked: Asked, candidate: Candidate, rarity: Mapping[str, float]) -> float:
    """Return the covered share of the question; a long name counts no more than what is asked about it."""
    names = [t for t in asked.terms if t.proper]
    telling = [t for t in asked.terms if not t.proper and t.weight >= 1]
    faint = [t for t in asked.terms if not t.proper and t.weight < 1]
    if not telling:
        telling, faint = faint, []
    said = min(1.0, _share(telling, candidate, rarity) + 0.12 * _share(faint, candidate, rarity)) if telling else 0.0
    if not names:
        return said
    if not telling:
        return _share(names, candidate, rarity)
    told = sum(t.weight for t in telling)
    part = sum(t.weight for t in names) / (sum(t.weight for t in names) + told) if told else 0.0
    part = min(0.45, part) if any(t.weight >= 1 for t in telling) else 0.85
    return part * _share(names, candidate, rarity) + (1 - part) * said


def _share(terms: Sequence[Term], candidate: Candidate, rarity: Mapping[str, float]) -> float:
    whole = sum(t.weight * rarity[t.stem] for t in terms)
    return sum(t.weight * rarity[t.stem] * candidate.cover[t.stem] for t in terms) / whole if whole else 0.0


def adjacent(asked: Asked, candidate: Candidate) -> float:
    """Return the share of neighbouring words of the question that stand side by side in the sentence too."""
    wanted = {t.stem for t in asked.terms}
    order = [s for s in map(stem, words(asked.text)) if s in wanted]
    pairs = set(zip(order, order[1:], strict=False))
    said = [stem(w) for w in words(candidate.text)]
    near = {(said[i], said[j]) for i in range(len(said)) for j in range(i + 1, min(i + 3, len(said)))}
    return len(pairs & near) / len(pairs) if pairs else 0.0


def _enough(asked: Asked, candidate: Candidate, rarity: Mapping[str, float]) -> float:
    """Return less than 1 for a sentence that misses most of what is asked, or the very property asked for."""
    group = [t for t in asked.terms if not t.proper and t.weight >= 1]
    whole = sum(rarity[t.stem] for t in group)
    share = sum(rarity[t.stem] * candidate.cover[t.stem] for t in group) / whole if whole else 1.0
    headless = any(candidate.cover[h] < _WORD_TITLE for h in asked.heads) and asked.kind not in (
        "define",
        "who",
        "where",
        "when",
    )
    return min(1.0, max(0.3, share / (0.45 if len(group) < 3 else 0.5 if len(group) < 5 else 0.35))) * (
        0.7 if headless else 1.0
    )


def _rarity(asked: Asked, candidates: Sequence[Candidate]) -> Mapping[str, float]:
    """Return 0.5 for a word in every sentence to 1.0 for one in none: what is everywhere tells little."""
    count = max(len(candidates), 1)
    rarity = {}
    for term in asked.terms:
        holding = sum(term.stem in c.stems for c in candidates)
        rarity[term.stem] = 0.5 + 0.5 * math.log((count + 1) / (holding + 1)) / math.log(count + 1)
    return rarity


def _credit(term: Term, candidate: Candidate, document: set[str], asked: Asked) -> float:
    """Return how far the sentence, its title or its neighbours hold the word: 1.0 for the word itself."""
    if term.stem in candidate.stems or (term.stem in candidate.heading and _is_asked_above(asked, candidate)):
        return _SAME
    if term.alike & candidate.stems or (term.stem in COST and _MONEY.search(candidate.text)):
        return _ALIKE
    if term.stem in _SHARE and "%" in candidate.text:
        return _ALIKE
    if term.stem == "version" and _VERSION.search(candidate.text):
        return _ALIKE
    if term.stem in _LIFE and _LIFESPAN.search(candidate.text):
        return _ALIKE
    if not term.proper and any(_close(term.stem, stem) for stem in candidate.stems):
        return _CLOSE
    if asked.language == "de" and _compounded(term, candidate.stems):
        return _CLOSE
    if _is_section(asked, candidate):  # "Limitations": what stands there is what is asked
        if term.stem in candidate.heading or term.alike & candidate.heading:
            return _SECTION
        if not term.proper and (term.stem in candidate.title or term.stem in document):
            return _WORD_SECTION
    if term.stem in candidate.title or term.alike & candidate.title:
        return _NAME_TITLE if term.proper else _WORD_TITLE if len(candidate.title) > 3 else _WORD_SHORT_TITLE
    if is_number(term.stem) and _ROW.match(candidate.text):
        return 0.0  # the row of another year or number
    if term.stem in candidate.heading or term.alike & candidate.heading:
        return _NAME_TITLE if term.proper else _WORD_HEADING
    if term.stem in candidate.nearby:
        return _NAME_NEAR if term.proper else _WORD_NEAR
    if term.stem in document:
        return _NAME_ELSEWHERE if term.proper else _WORD_ELSEWHERE
    return 0.0


def _compounded(term: Term, stems: frozenset[str]) -> bool:
    """Say whether a compound ends in the word ("Baukosten") or in one that means the same."""
    wanted = [w for w in (term.stem, *term.alike) if len(w) >= 5]
    return any(s.endswith(w) for s in stems for w in wanted)


def _is_asked_above(asked: Asked, candidate: Candidate) -> bool:
    """Say whether the heading over a sentence is the very question: then what follows answers it in its order."""
    wanted = {t.stem for t in asked.terms}
    return len(wanted) >= 2 and wanted <= candidate.heading and len(candidate.heading) <= 3 * len(wanted)


def _is_section(asked: Asked, candidate: Candidate) -> bool:
    """Say whether the heading over a sentence names nothing but the property asked for."""
    telling = {s for s in candidate.heading if len(s) > 2 and not is_number(s)}
    return bool(telling) and telling <= asked.heads


def _says_of_it(asked: Asked, candidate: Candidate) -> float:
    """Return less than 1 for a sentence that holds the name only; more for "Name: what it is"."""
    entry = re.match(r"([\w ,/()-]{2,60}): \S", candidate.text)
    if entry and len(candidate.text.split()) > 5 and asked.kind in ("define", "open", "how"):
        led = {stem(w) for w in words(entry[1])}
        if led and led <= {t.stem for t in asked.terms if t.weight >= 1}:
            return 1.3
    telling = [t for t in asked.terms if not t.proper and t.weight >= 1.0]
    if not telling or any(candidate.cover[t.stem] >= _WORD_HEADING for t in telling):
        return 1.0
    if asked.kind == "define" and _IS_A.search(candidate.text[:200]):
        return 1.0
    return 0.6


def _close(left: str, right: str) -> bool:
    """Say whether two stems share so long a beginning that they are one family ("tidal", "tide" are not)."""
    shorter = min(len(left), len(right))
    if shorter < 5 or left[:4] != right[:4]:
        return False
    same = next((i for i in range(shorter) if left[i] != right[i]), shorter)
    return same >= 5 and same >= 0.75 * max(len(left), len(right))


def _has_what_is_asked(asked: Asked, candidate: Candidate) -> float:
    """Return a factor: above 1 when the sentence holds a thing of the kind asked for, below 1 when it does not."""
    text = candidate.text
    if asked.kind == "when":
        return 1.15 if any(f.kind == "date" for f in find_figures(text)) else 1.0 if _tells_when(asked, text) else 0.5
    if asked.kind == "amount" and re.search(r"\bhow often\b", asked.text, re.I):
        return 1.0
    if asked.kind == "amount":
        numbers = [f for f in find_figures(text) if f.kind == "number"]
        if not numbers:
            return 0.5
        if asked.counted:
            direct = any(f.unit and _counts(f.unit, asked) for f in numbers)
            near = direct or any(
                asked.counted in {stem(w) for w in words(text[f.end : f.end + 40])[:4]} for f in numbers
            )
            return 1.25 if near else 0.85
        return (
            1.15 if not asked.money or _MONEY.search(text) or any(f.unit in "$€£¥" and f.unit for f in numbers) else 0.6
        )
    if asked.kind in ("who", "where"):
        known = {name.casefold() for name in re.findall(r"\w+", asked.text)}
        others = [name for name in _CAPITAL.findall(text) if name.casefold() not in known]
        if asked.kind == "where":
            return 1.15 if _PLACE.search(text) else 0.75
        return 1.2 if _BY.search(text) else 1.1 if others else 0.65
    if asked.kind == "define":
        first = candidate.opens and any(t.stem in candidate.title for t in asked.terms)
        return 1.25 if _IS_A.search(candidate.text[:200]) else 1.15 if first else 0.75
    if asked.kind == "why":
        return 1.2 if _CAUSE.search(text) or candidate.heading & _REASONS else 0.8
    return 1.0


def _tells_when(asked: Asked, text: str) -> bool:
    """Say whether a rule is asked for and the sentence sets a time: "from the fourth day", "within two hours"."""
    return not _ONCE.search(asked.text) and bool(_TIME.search(text))


def _counts(unit: str, asked: Asked) -> bool:
    """Say whether a number's unit is what the question counts, or a word for the same."""
    alike = next((t.alike for t in asked.terms if t.stem == asked.counted), frozenset())
    return unit in (asked.counted, UNITS.get(asked.counted)) or unit in alike


def centrality(candidates: Sequence[Candidate]) -> list[float]:
    """Return for each sentence how much the others repeat of it, 0.0 to 1.0 (one round of LexRank's idea)."""
    sums = [0.0] * len(candidates)
    for i, left in enumerate(candidates):
        for j in range(i):
            common = len(left.stems & candidates[j].stems)
            if common > 2:
                share = common / math.sqrt(len(left.stems) * len(candidates[j].stems))
                sums[i] += share
                sums[j] += share
    most = max(sums, default=0.0)
    return [value / most if most else 0.0 for value in sums]
