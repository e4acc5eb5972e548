"""The verdict on a sentence, by the quotes it cites. It labels; it rewrites nothing."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass

from apps.lib import text
from apps.lib.figures import Figure
from apps.lib.lexicon import ALIKE, MONTHS, OPPOSED
from apps.memory.grounding import arithmetic, entailment, retrieval
from apps.memory.grounding.reading import Reading, quantity, read, rivals, says

# Shares of a sentence's words, by weight. Chosen on samples/evidence; docs/evidence.md says what they catch.
SOURCED = 0.6
CALCULATED = 0.35
INFERRED = 0.5
GOOD = frozenset({"sourced", "calculated"})
# So many sentences of a whole source are read for a claim; what a doubt takes off its likelihood.
NEAREST = 12
DOUBT = 0.3
# Above this share two sentences speak of the same thing: what differs between them is a contradiction.
SAME = 0.55
_CLAUSE = re.compile(r"(?<=[,;:—–])\s+|\s+(?=(?:but|although|while|whereas|and)\b)")


@dataclass(frozen=True, slots=True)
class Verdict:
    """verdict: sourced, calculated, inferred, unsupported or contradicted.

    reason: why it is doubted: quote (none), number, date, unit, name, negation, opposite, words; "" where it is not.
    detail: the words of the sentence that it hangs on. working: the arithmetic of what is calculated.
    """

    verdict: str
    support: float
    reason: str = ""
    detail: str = ""
    working: str = ""


def judge(sentence: str, quotes: Sequence[str], *, title: str = "") -> Verdict:
    """Judge a sentence by the passages that it cites; title: of their source.

    >>> judge("The dam opened in 1975.", ["The dam opened in 1974."]).verdict
    'contradicted'
    >>> judge("The dam opened in 1974.", ["The dam, built by the city, opened in 1974."]).verdict
    'sourced'
    """
    spans = [quote[s.start : s.end] for quote in quotes for s in text.sentences(quote)]
    if not spans:
        return Verdict("unsupported", 0.0, "quote")
    if _squeezed(sentence) in _squeezed(" ".join(quotes)):
        return Verdict("sourced", 1.0)
    parts = [sentence[s.start : s.end] for s in text.sentences(sentence)]
    if len(parts) > 1:
        # Where several sentences are one claim, the worst of them speaks for all.
        return max((judge(part, quotes, title=title) for part in parts), key=lambda each: _WORSE.index(each.verdict))
    said, found = read(sentence), [read(span) for span in spans]
    share = _covered(said, found, read(title))
    workings = []
    for figure in _unsaid(said, [*found, read(title)]):
        working = arithmetic.derive(figure, said, found)
        if working is None:
            return _wrong_figure(figure, said, found, share)
        workings.append(working.shown)
    for doubt in _doubts(said, found, share, title):
        return doubt
    if workings and share >= CALCULATED:
        return Verdict("calculated", share, working="; ".join(workings))
    if share >= SOURCED:
        return Verdict("sourced", share)
    if share > INFERRED:
        return Verdict("inferred", share, "words")
    return Verdict("unsupported", share, "words")


_WORSE = ("sourced", "calculated", "inferred", "unsupported", "contradicted")


def _squeezed(said: str) -> str:
    return " ".join(text.words(said))


def _covered(said: Reading, found: Sequence[Reading], title: Reading) -> float:
    """Return the share of the sentence's words that its quotes hold; figures are judged apart."""
    held = set(title.stems).union(*(reading.stems for reading in found))
    wanted = [stem for stem in dict.fromkeys(said.stems) if not stem[0].isdigit()]
    if not wanted:
        return 1.0
    return sum(stem in held or bool(ALIKE.get(stem, frozenset()) & held) for stem in wanted) / len(wanted)


def _unsaid(said: Reading, found: Sequence[Reading]) -> Iterator[Figure]:
    """Yield the figures that the quotes do not say. "Two" of what the quotes do not count is a way of speaking."""
    theirs = tuple(figure for reading in found for figure in reading.figures)
    whole = " ".join(reading.text for reading in found)
    tokens = {_plain(token) for token in _TOKEN.findall(whole)}
    free = []
    for figure in said.figures:
        written = said.text[figure.start : figure.end]
        own = [_plain(token) for token in _TOKEN.findall(written)]
        pieced = isinstance(figure.value, tuple) and _pieced(figure.value, whole, tokens)
        if pieced or says(figure, theirs) or (not own and not rivals(figure, theirs)):
            free.append((figure.start, figure.end))
        elif quantity(figure) or figure.kind == "date" or not own or own[0] not in tokens or _scaled(figure, own[0]):
            yield figure
    # Clock times, versions, paragraphs: what is no figure has to stand there as it is written.
    for match in _TOKEN.finditer(said.text):
        inside = any(start <= match.start() < end for start, end in free)
        if not inside and _plain(match[0]) not in tokens and not _within(match, said.figures):
            yield Figure("number", float(_plain(match[0]) or 0), "", match.start(), match.end(), False, len(match[0]))


_TOKEN = re.compile(r"\d+(?:[.,’\u00a0\u202f]\d+)*")


def _pieced(date: tuple[int, int, int], whole: str, tokens: Collection[str]) -> bool:
    """Tell whether a text says a date in pieces: "on 7 May", and the year somewhere else."""
    year, month, day = date
    if not 1 <= month <= 12 or str(year) not in tokens:
        return False
    name = MONTHS[month - 1][:3]
    nth = rf"{day}(?:st|nd|rd|th)?"
    near = rf"\b{name}[a-z]*\.?\s*{nth}\b|\b{nth}\s+(?:of\s+)?{name}" if day else rf"\b{name}[a-z]*\b"
    return re.search(near, whole, re.I) is not None


def _plain(token: str) -> str:
    whole, dot, decimals = token.rpartition(".")
    digits = re.sub(r"\D", "", whole if dot and whole.count(".") == 0 else token)
    return f"{digits}.{decimals}".rstrip("0").rstrip(".") if dot and whole.count(".") == 0 else digits


def _scaled(figure: Figure, token: str) -> bool:
    return not isinstance(figure.value, tuple) and figure.value != float(token)


def _within(match: re.Match[str], figures: Sequence[Figure]) -> bool:
    return any(figure.start <= match.start() < figure.end for figure in figures)


def _wrong_figure(figure: Figure, said: Reading, found: Sequence[Reading], share: float) -> Verdict:
    theirs = tuple(other for reading in found for other in reading.figures)
    other_unit = any(
        other.kind == figure.kind == "number" and other.value == figure.value and other.unit != figure.unit
        for other in theirs
    )
    detail = said.text[figure.start : figure.end].strip()
    reason = "date" if figure.kind == "date" else "unit" if other_unit and quantity(figure) else "number"
    differs = share >= SAME and (other_unit or bool(rivals(figure, theirs)))
    return Verdict("contradicted" if differs else "unsupported", share, reason, detail)


def _doubts(said: Reading, found: Sequence[Reading], share: float, title: str) -> Iterator[Verdict]:
    """Yield what speaks against a sentence whose figures are all there."""
    known = set(read(title).stems)
    closest = _nearest(said, found)
    opposite = _opposite(said, closest)
    alike = _share(said, closest, known | ({opposite} if opposite else set()))
    denied = bool(said.denials) != bool(closest.denials) or _denies_once_more(said, found)
    if denied and share >= SAME and alike >= SAME:
        yield Verdict("contradicted", share, "negation")
    elif opposite and not denied and alike >= SAME:
        yield Verdict("contradicted", share, "opposite", opposite)
    crossed = _crossed(said, found)
    if crossed and share >= SAME:
        yield Verdict("contradicted", share, "date", crossed)
    everything = " ".join((title, *(reading.text for reading in found)))
    held = frozenset(read(everything).stems) | frozenset(_initials(everything))
    strange = sorted(name for name in said.names if name not in held and not ALIKE.get(name, frozenset()) & held)
    if strange:
        yield Verdict("unsupported", share, "name", ", ".join(strange))


def _denies_once_more(said: Reading, found: Sequence[Reading]) -> bool:
    """Tell whether a sentence that is nearly the source's own denies more, or less, than it does."""
    mine = set(said.stems)
    return any(
        said.denials != each.denials and len(mine & set(each.stems)) >= 0.9 * max(len(mine), len(set(each.stems)))
        for each in found
    )


def _share(said: Reading, other: Reading, known: Collection[str]) -> float:
    """Return the share of the sentence's words that one clause holds, without those that are known anyhow."""
    mine = {stem for stem in said.stems if stem not in known and not stem[0].isdigit()}
    return len(mine & set(other.stems)) / len(mine) if mine else 1.0


def _nearest(said: Reading, found: Sequence[Reading]) -> Reading:
    """Return the clause of the quotes that shares most with the sentence: a denial beside it denies something else."""
    mine = set(said.stems)
    whole = max(found, key=lambda reading: len(mine & set(reading.stems)))
    clauses = [read(clause) for clause in _CLAUSE.split(whole.text) if clause.strip()]
    shared = [len(mine & set(clause.stems)) for clause in clauses]
    best = max(shared, default=0)
    # A clause stands for its sentence only where it holds nearly all that the two share.
    if best and best >= 0.75 * len(mine & set(whole.stems)):
        return clauses[shared.index(best)]
    return whole


def _opposite(said: Reading, nearest: Reading) -> str:
    """Return the word of a sentence in whose place the source has an opposite, or another of the same kind."""
    mine, theirs = said.all, nearest.all
    for left, right in (*OPPOSED, *_MORE):
        for ours, others in ((left, right), (right, left)):
            if mine & ours and theirs & others and not mine & others and not theirs & ours:
                return sorted(mine & ours)[0]
    for kinds in _KINDS:
        if len(mine & kinds) == len(theirs & kinds) == 1 and mine & kinds != theirs & kinds:
            return next(iter(mine & kinds))
    return ""


_MORE = tuple(
    (frozenset(map(text.stem, left.split())), frozenset(map(text.stem, right.split())))
    for left, right in (("more", "less fewer"), ("most", "least"))
)
_KINDS = tuple(frozenset(map(text.stem, line.split())) for line in ("north south east west", "first second third last"))


def _crossed(said: Reading, found: Sequence[Reading]) -> str:
    """Return the date of a sentence that gives one figure the date of another: "5 in 2019 and 7 in 2020"."""
    numbers = [figure for figure in said.figures if figure.kind == "number"]
    dates = [figure for figure in said.figures if figure.kind == "date"]
    if len(numbers) != 1 or len(dates) != 1:
        return ""
    for reading in found:
        kinds = [figure.kind for figure in reading.figures]
        if kinds != ["number", "date"] * (len(kinds) // 2) or len(kinds) < 4:
            continue
        pairs = list(zip(reading.figures[::2], reading.figures[1::2], strict=True))
        own = [date for number, date in pairs if says(numbers[0], (number,))]
        if own and not says(dates[0], tuple(own)) and says(dates[0], tuple(date for _number, date in pairs)):
            return said.text[dates[0].start : dates[0].end]
    return ""


def _initials(said: str) -> Iterator[str]:
    """Yield the initials of runs of capitalised words: "World Health Organization" is "who"."""
    for run in re.findall(r"(?:[A-Z][\w-]+(?:\s+(?:of|for|and|the)\s+|\s+)?){2,}", said):
        yield "".join(word[0] for word in run.split() if word[0].isupper()).lower()


def find(claim: str, sentences: Sequence[str], *, title: str = "") -> tuple[float, tuple[int, ...]]:
    """Return how likely whole sources carry a claim that cites nothing, 0.0 to 1.0, and the places of its spans.

    A doubt about a figure, a name or a denial takes DOUBT off what the words alone would say.
    """
    found = entailment.support(claim, sentences, title=title)
    judged = judge(claim, [sentences[place] for place in nearest(claim, sentences)], title=title)
    doubt = 0.0 if judged.verdict in GOOD else DOUBT
    return max(0.0, found.probability - doubt), found.spans


def nearest(claim: str, sentences: Sequence[str]) -> list[int]:
    """Return the places of the sentences of a source by which a claim is judged, in reading order."""
    said, found = read(claim), [read(sentence) for sentence in sentences]
    chosen = retrieval.cover(set(said.stems), found, retrieval.weights(found))
    return sorted({*chosen, *retrieval.rank(said, found)[:NEAREST]})
