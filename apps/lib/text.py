"""Text at the edge: clean it, cut it into sentences, cut it into words.

Offsets are Python string indexes into the very text that was passed in: `text[span.start:span.end]` is the sentence.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator
from functools import lru_cache
from typing import Any, NamedTuple

# Postgres refuses NUL in text and jsonb; the other controls break terminals, XML and PDF writers.
_DROP = {c: None for c in (*range(0x20), 0x7F, *range(0x80, 0xA0), 0xFEFF) if c not in (0x09, 0x0A)}
_TABLE = {**_DROP, 0x0B: "\n", 0x0C: "\n", 0x0D: "\n", 0x85: "\n", 0x2028: "\n", 0x2029: "\n"}
_SURROGATE = re.compile(r"[\ud800-\udfff]")
# Longer runs of marks on one letter carry no meaning and make normalisation slow (UAX #15, stream-safe format).
_MARKS = re.compile(
    r"([\u0300-\u036f\u0483-\u0489\u0591-\u05bd\u064b-\u065f\u1ab0-\u1aff\u20d0-\u20ff]{30})"
    r"[\u0300-\u036f\u0483-\u0489\u0591-\u05bd\u064b-\u065f\u1ab0-\u1aff\u20d0-\u20ff]+"
)
_LONGEST_SENTENCE = 1_000  # characters; a line without a full stop is cut at a space before this


class Span(NamedTuple):
    """A half-open range of character offsets."""

    start: int
    end: int


def clean(text: str) -> str:
    """Return the text in NFC without NUL, lone surrogates and control characters; tab and newline stay."""
    if text.isascii() and text.isprintable():
        return text
    text = _SURROGATE.sub("", text.replace("\r\n", "\n")).translate(_TABLE)
    return unicodedata.normalize("NFC", _MARKS.sub(r"\1", text))


def clean_json(value: Any) -> Any:
    """Return a JSON-able value with every string in it, keys too, made clean; tuples become lists."""
    if isinstance(value, str):
        return clean(value)
    if isinstance(value, dict):
        return {clean(k) if isinstance(k, str) else k: clean_json(v) for k, v in value.items()}
    if isinstance(value, list | tuple):
        return [clean_json(v) for v in value]
    return value


# --- word lists: short on purpose, the engine works without them in other languages --------------------------------

_STOPS = {
    "en": "a about above after again all also am an and any are as at be because been before being below between "
    "both but by can could did do does doing down during each few for from further had has have having he her here "
    "hers him his how i if in into is it its itself just me more most my no nor not now of off on once only or "
    "other our ours out over own same she should so some since such than that the their theirs them "
    "then there these they "
    "this those through to too under until up upon very was we were what when where which while who whom whose why "
    "will with would you your",
    "de": "aber alle als am an auch auf aus bei bis da das dass dem den der des die dies diese dieser dieses doch "
    "durch ein eine einem einen einer eines er es für fur gegen hat hatte ich ihr im in ist kann man mehr mit nach "
    "nicht noch nur oder ohne sehr sein seine sich sie sind so über uber um und unter vom von vor war waren warum "
    "was welche welchem welchen welcher welches wer wie wir wird wo wurde wurden zu zum zur wann viele viel",
    "fr": "a au aux avec ce ces cette comme d dans de depuis des du elle en est et etaient etait ete eu il ils j "
    "je l la le les leur lui mais n ne nous on ont ou par pas plus pour pourquoi qu quand que quel quelle quelles "
    "quels qui s sa se ses si son sont sous sur un une vous y combien comment",
    "es": "a al como con cual cuales cuando cuanto cuantos de del desde donde e el ella en entre era eran es esta "
    "este esto fue fueron ha han hasta la las le lo los mas mi muy no o para pero por que quien se sin sobre su sus "
    "también tambien un una y ya",
    "it": "a ai al alla anche che chi ci come con cosa da dal dalla dei del della delle di dove e ed era gli ha "
    "hanno i il in la le lo ma nel nella non o per perche piu quale quali quando quanto quanti si sono su sul sulla "
    "un una uno",
    "pt": "a ao aos as com como da das de do dos e ela ele em entre era foi foram ha mais mas na nas no nos o "
    "onde os ou para pela pelo por qual quais quando quanto quantos que quem se sem seu sua sao um uma",
    "nl": "aan als bij dan dat de deze die dit door een en er heeft het hij hoe hoeveel ik in is met naar niet "
    "nog of om onder ook op over te tot uit van veel voor waar waarom wanneer waren was wat welke werd wie wordt "
    "zijn ze zij",
}
STOP_WORDS = {code: frozenset(listed.split()) for code, listed in _STOPS.items()}
ABBREVIATIONS = frozenset(
    "mr mrs ms dr prof rev gen col lt capt sgt hon messrs st ste mt vs v cf eg ie e.g i.e viz ca approx est dept univ "
    "assn jan feb apr jun jul aug sep sept oct nov dec tue wed thu fri z.b d.h u.a bzw ggf vgl hr bspw usw p.ej sra "
    "srta mme mlle tel resp incl excl bldg".split()
)
# Words of their own, too: "the answer is no." ends a sentence, "No. 5" does not.
_NUMBERED = frozenset(
    "fig figs eq eqs sec secs ch chap vol vols pp p no nos nr art para ref refs abs ed eds max min c mar env".split()
)
# These may end a sentence: they do when a word that likes to begin one comes next.
SOFT_ABBREVIATIONS = frozenset(
    "inc ltd co corp bros jr sr etc a.m p.m am pm u.s u.k u.n e.u b.c a.d ph.d rd ave blvd sq ft in lb oz kg km cm "
    "mm".split()
)
STARTERS = frozenset(
    "The This That These Those It Its He She They We You I A An In On At By For From With After Before Since "
    "During Under When While Where As If However But And So Then There Their His Her Our Our My Most Many Some "
    "Several Both Each All Although Though Because Another Other Today Der Die Das Ein Eine Es Er Sie Wir Im Am Le "
    "La Les Il Elle Un Une El Los Las En Lo De".split()
)
DATE_WORDS = frozenset(
    "januar februar märz april mai juni juli august september oktober november dezember jahrhundert jahrhunderts "
    "jahrhunderten auflage klasse stock januari februari maart mei augustus oktober".split()
)


# --- sentences -------------------------------------------------------------------------------------------------

_LIST_LINE = re.compile(r"\s*(?:[-*+•‣▪●◦–—·]\s+|\(?\d{1,3}[.)]\s+|\(?[a-zA-Z][)]\s+)\S")
_HARD_LINE = re.compile(
    r"\s*(?:#{1,6}\s|>|\||={3,}|-{3,}|\*{3,}|```|~~~)|.*\s\|\s|[^:;\n]{1,60}: [^;\n]{1,200}; [^:;\n]{1,60}: "
)
_STOP = re.compile(
    r"""(?P<mark>[.!?…]+(?=[\s"'”’»)\]*_]|\[\d|$)|[。！？｡؟۔।॥]+)"""
    r"""(?P<tail>["'”’»)\]*_」』）》]*(?:\[\d{1,3}(?:[,–-]\s?\d{1,3})*\])*)"""
)
_LAST_WORD = re.compile(r"(?:[^\W_]|[.'’&-])+\Z")
_OPENERS = "\"'“‘«([*_¿¡„‚「『（"


def sentences(text: str) -> tuple[Span, ...]:
    """Return the spans of the sentences, in order, without the white space around them.

    A heading, a list entry and a table row are sentences of their own; a line break inside a paragraph is not an
    end. Works for Latin, Greek, Cyrillic, CJK, Arabic and Indic punctuation.
    """
    spans: list[Span] = []
    for block in _blocks(text):
        start = block.start
        for end in _ends(text, block):
            spans.extend(_trimmed(text, start, end))
            start = end
        spans.extend(_trimmed(text, start, block.end))
    return tuple(spans)


def _blocks(text: str) -> Iterator[Span]:
    """Yield runs of lines that read on: a paragraph, or one heading, list entry or table row."""
    start = position = width = 0
    previous = ""
    for line in text.splitlines(keepends=True):
        bare = line.strip()
        if previous and (not bare or _breaks(previous, bare, line, width)):
            yield Span(start, position)
            start, width = position, 0
        if not previous:
            start = position
        previous, width = bare, max(width, len(bare))
        position += len(line)
    if previous:
        yield Span(start, position)


def _breaks(previous: str, bare: str, line: str, width: int) -> bool:
    """Say whether a new block begins with this line."""
    if _LIST_LINE.match(line) or _HARD_LINE.match(line) or _HARD_LINE.match(previous):
        return True
    # A line that ends early, without punctuation, before a capital: a heading or an entry, not a wrapped line.
    ended = previous[-1] not in ",;-–—&/" and not previous[-1:].isdigit()
    first = bare.lstrip(_OPENERS)[:1]
    return ended and first.isupper() and len(previous) < max(28, 0.6 * width)


def _ends(text: str, block: Span) -> Iterator[int]:
    for match in _STOP.finditer(text, block.start, block.end):
        if match["mark"][0] in "。！？｡؟۔।॥" or _closes(text, block, match):
            yield match.end()


def _closes(text: str, block: Span, match: re.Match[str]) -> bool:
    """Say whether this `.`, `!`, `?` or `…` ends a sentence."""
    rest = text[match.end() : min(match.end() + 60, block.end)]
    if rest and not rest[0].isspace():
        return False
    following = rest.lstrip().lstrip(_OPENERS)
    if not following:
        return True
    if following[0].islower():
        return False
    if match["mark"] != ".":
        return True
    before = text[max(block.start, match.start() - 40) : match.start()].rstrip()
    word = _LAST_WORD.search(before)
    return _ends_word(word[0] if word else "", before, following)


def _ends_word(word: str, before: str, following: str) -> bool:
    """Say whether a full stop after `word` ends a sentence when `following` comes next."""
    low = word.casefold().strip("'’-.")
    next_word = re.match(r"[^\W\d_]+", following)
    starter = next_word is not None and next_word[0] in STARTERS
    if not low:
        return True
    if low in ABBREVIATIONS or (low in _NUMBERED and following[0].isdigit()):
        return False
    if low.isdigit():
        return _ends_number(low, before, next_word[0] if next_word else "")
    if low in SOFT_ABBREVIATIONS or (len(low) == 1 and word.isupper()) or re.fullmatch(r"(?:\w\.)+\w", low):
        return starter and not following[0].isdigit()
    return True


def _ends_number(number: str, before: str, next_word: str) -> bool:
    """Tell "in 1990. The" from a list number at the start of a line and from an ordinal (am 3. Mai)."""
    if len(number) <= 3 and before.strip(" \t#*(") == number:
        return False
    return not (len(number) <= 2 and next_word.casefold() in DATE_WORDS)


def _trimmed(text: str, start: int, end: int) -> Iterator[Span]:
    while start < end and text[start].isspace():
        start += 1
    while end > start and text[end - 1].isspace():
        end -= 1
    while end - start > _LONGEST_SENTENCE:
        cut = text.rfind(" ", start + _LONGEST_SENTENCE // 2, start + _LONGEST_SENTENCE)
        cut = cut if cut > 0 else start + _LONGEST_SENTENCE
        yield Span(start, cut)
        start = cut + (text[cut : cut + 1] == " ")
    if start < end:
        yield Span(start, end)


# --- words -----------------------------------------------------------------------------------------------------

_WORD = re.compile(
    r"[\u3040-\u30ff\u3400-\u9fff\uac00-\ud7af\u0e00-\u0e7f]+"
    r"|\d{4}-\d\d-\d\d|\d+(?:[.,:]\d+)*|[^\W\d_]+(?:['’_][^\W_]+)*\d*(?:[^\W_]+)?"
)
_UNSPACED = re.compile(r"[\u3040-\u30ff\u3400-\u9fff\uac00-\ud7af\u0e00-\u0e7f]")
_SUFFIXES = tuple(
    tuple(pair.split(">"))
    for pair in (
        "izations>iz isations>iz ization>iz isation>iz ifications>ify ification>ify fulness> iveness> ations>at "
        "ation>at ments> ment> ities> ity> ingly> edly> ness> ions> ion> ings> ing> ers> ors> ies>y ied>y ely> ly> "
        "er> or> ed> es> s> e>"
    ).split(" ")
)
_SHORTEST = {"ions": 5, "ion": 5, "ment": 4, "ments": 4, "er": 4, "or": 4, "ers": 4, "ors": 4, "e": 4, "ly": 4}
_IRREGULAR = dict(
    pair.split(">")
    for pair in (
        "used>use using>use built>build began>begin begun>begin held>hold paid>pay sold>sell ran>run wrote>writ "
        "written>writ made>make making>make led>lead lost>lose won>win grew>grow grown>grow fell>fall fallen>fall "
        "rose>rise risen>rise died>die dying>die dies>die bought>buy came>come gave>give given>give found>find "
        "went>go gone>go took>take taken>take spent>spend sent>send meant>mean left>leave kept>keep chose>choose "
        "chosen>choose drew>draw drawn>draw broke>break broken>break spoke>speak taught>teach thought>think "
        "men>man women>woman children>child feet>foot people>people lives>life"
    ).split(" ")
)


def words(text: str) -> list[str]:
    """Return the words of the text, case-folded, Latin accents removed, "3,500" as "3500"; CJK as character pairs.

    >>> words("Zürich's 3,500 pumps")
    ['zurich', '3500', 'pumps']
    """
    return [part for word in _WORD.findall(fold(text)) for part in _parts(word)]


@lru_cache(maxsize=100_000)
def _parts(word: str) -> tuple[str, ...]:
    if word.isalpha() and word.isascii():
        return (word,)
    if _UNSPACED.match(word):
        return tuple(word[i : i + 2] for i in range(max(1, len(word) - 1)))
    if word[0].isdigit() and word.count("-") == 2:
        return word[:4], word  # "1996-12-31" is found by its year, and not by 12 or 31
    if word[0].isdigit():
        return (re.sub(r",(?=\d{3})", "", word).rstrip(".,:"),)
    word = word.replace("’", "'")
    return (re.sub(r"'s?\Z", "", word).replace("'", "") or word,)


def fold(text: str) -> str:
    """Return the text case-folded with the accents of Latin, Greek and Cyrillic letters removed (length may change)."""
    text = text.casefold()
    if text.isascii():
        return text
    decomposed = unicodedata.normalize("NFKD", text)
    return unicodedata.normalize("NFC", re.sub(r"(?<=[a-z\u0370-\u03ff\u0400-\u04ff])[\u0300-\u036f]+", "", decomposed))


def tokens(text: str, *, language: str | None = None) -> list[str]:
    """Return the stems of the words that carry meaning: stop words of the language (guessed when None) left out.

    >>> tokens("The turbines were operating in 2019")
    ['turbin', 'oper', '2019']
    """
    stops = STOP_WORDS.get(language or guess_language(text), STOP_WORDS["en"])
    return [stem(word) for word in words(text) if word not in stops]


@lru_cache(maxsize=100_000)
def stem(word: str) -> str:
    """Return the word without its English endings; a word of other scripts comes back as it is.

    >>> stem("connections") == stem("connected") == stem("connecting")
    True
    """
    word = _IRREGULAR.get(word, word)
    if len(word) < 4 or not word.isascii() or not word.isalpha() or word.endswith(("ss", "us", "is")):
        return word
    bare = _without_ending(word)
    if len(bare) > 4 and bare[-1] == bare[-2] and bare[-1] not in "aeiouls":
        bare = bare[:-1]
    bare = bare[:-2] if len(bare) > 5 and bare.endswith("at") else bare
    bare = bare[:-1] + "z" if len(bare) > 5 and bare.endswith("is") else bare
    return bare[:-1] + "i" if bare.endswith("y") and len(bare) > 3 else bare


def _without_ending(word: str) -> str:
    if word.endswith(("eed", "ply", "bly", "ily")):
        return word
    for suffix, put in _SUFFIXES:
        if word.endswith(suffix):
            bare = word[: -len(suffix)]
            if len(bare) >= _SHORTEST.get(suffix, 3) and (suffix[0] not in "ie" or re.search("[aeiouy]", bare)):
                return bare + put
    return word


def guess_language(text: str) -> str:
    """Return the two-letter code whose stop words are most frequent in the text; "en" when there is no sign."""
    counted = words(text[:4_000])
    scores = {code: sum(word in stops for word in counted) for code, stops in STOP_WORDS.items()}
    best = max(scores, key=lambda code: (scores[code], code == "en"))
    return best if scores[best] else "en"
