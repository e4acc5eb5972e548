"""What a question asks for: its kind, its words with their weights, the names it is about."""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from functools import lru_cache

from apps.lib.lexicon import ALIKE, ASKING, COST, FAINT, KIND_OF
from apps.lib.text import STOP_WORDS, fold, guess_language, stem, words

_KINDS = tuple(
    (name, re.compile(pattern, re.I))
    for name, pattern in (
        (
            "when",
            r"^(?:and |but )?(?:when|since when|until when|wann|quand|cu[aá]ndo|quando|wanneer)\b"
            r"|\b(?:what|which|in what|in which) (?:year|date|day|month|century|decade)\b|\bhow long ago\b",
        ),
        (
            "amount",
            r"\bhow (?:many|much|long|tall|high|far|deep|large|big|fast|old|often|wide|heavy|expensive|hot|cold)\b"
            r"|^was .{0,60}\b(?:kosten|kostete?n?|gekostet)\b"
            r"|\b(?:wie ?viele?|combien|cu[aá]nt[oa]s?|quant[oi]|hoeveel)\b"
            r"|\bwhat (?:is|was|are|were|did|does)\b[^?]{0,60}?\b(?:population|number|costs?|price"
            r"|length|height|capacity"
            r"|budget|total|amount|rate|share|percentage|size|area|depth|speed|temperature|weight|age|distance|turnover"
            r"|revenue|limit|maximum|minimum|score|elevation)\b"
            r"|^(?:and )?what (?:did|does|do|will) [^?]{0,60}?\b(?:cost|pay|spend|earn|charge|weigh|measure)\b",
        ),
        (
            "who",
            r"^(?:and |but )?(?:who|whose|whom|by whom|wer|qui|qui[eé]n|chi|wie is)\b"
            r"|\b(?:what|which) (?:person|author|company|firm|architect|director|singer|actor|actress|artist|band|team"
            r"|organi[sz]ation|minister|contractor)\b",
        ),
        (
            "where",
            r"^(?:and |but )?(?:where|wo|o[uù]|d[oó]nde|dove|waar)\b"
            r"|\b(?:what|which) (?:city|town|country|place|state|region|county|district)\b",
        ),
        (
            "why",
            r"\bwhy\b|\bwhat (?:caused|causes|led to|are the (?:reasons|causes)|is the (?:reason|cause))"
            r"|^(?:warum|wieso|pourquoi|por qu[eé]|perch[eé]|waarom)\b",
        ),
        (
            "define",
            r"^what (?:is|are|was|were) (?!\w+ed\b)(?:an? |the )?(?:(?!(?:until|in|for|of|by|to|at"
            r"|on)\b)[\w-]+ ?){1,3}\?*$|^who (?:is|was) "
            r"|\b(?:what|which) (?:is |was )?(?:the )?(?:types?|kinds?|genres?|medium|nature"
            r"|occupation|profession|nationality)\b"
            r"|\bknown for\b",
        ),
        ("how", r"^(?:and |but )?how\b|^wie\b|^comment\b|^c[oó]mo\b"),
    )
)
_ASKED_BY = re.compile(
    r"^(?:and |but )?(?:what|which|how|who|when|where|why)(?: many| much)?(?: (?:is|are|was|were|does"
    r"|do|did))?(?: the| an?)?\b",
    re.I,
)
_COMPOUND = re.compile(r"\b(?:kilo|mega|giga)watt[ -]?hours?\b", re.I)
_TAKES_PLACE = re.compile(r"\b(?:takes?|took|taken|taking) place\b", re.I)
_COUNTED = re.compile(r"\b(?:wie ?viele|cu[aá]nt[oa]s|combien d(?:e |['’])) ?([^\W\d_]{3,})", re.I)
_UNITS = {"k": "kWh", "m": "MWh", "g": "GWh"}
_KANA = re.compile(r"[\u3040-\u309f]")  # endings and particles, mostly
_NUMBERED = re.compile(
    r"\b(?:version|phase|part|section|article|chapter|line|unit|level|stage|type|number|appendix|table|figure|step|lot|"
    r"route|zone|area|module|release|class|grade)\s+(?:\d+(?:\.\d+)*|[A-Z])\b",
    re.I,
)
_DIGITS = re.compile(r"\d+(?:\.\d+)*")
_NUMBER_WORD = re.compile(r"(?<![\w.,/-])\d+(?:\.\d+)*(?![\w/]|[.,-]\d)")
_ADDRESS = re.compile(r"\S*(?:://|www\.)\S*")
_QUOTED = re.compile(r"[“\"«]([^”\"»]{2,80})[”\"»]")
_NAME = re.compile(
    r"[“\"«]([^”\"»]{2,80})[”\"»]"
    r"|\b(?:[A-Z][\w'’&.-]*|\d+[A-Za-z]\w*)"
    r"(?:[ ](?:(?:of|the|de|la|von|and|&|for|to)[ ]){0,2}(?=[A-Z])[A-Z][\w'’&.-]*)*"
)
_LEADING = frozenset(
    "what which who whose whom when where why how is are was were do does did has have had can could should would will "
    "in on at by for from the a an and or but if compare describe explain list tell give name according summarize to "
    "summarise please i as since after before during under of with that this there it "
    "was wer wann wie wo warum welche welcher welches que quien quienes cuando cuanto cuantos cuantas donde como cual "
    "cuales qui quand combien comment quel quelle quels quelles".split()
)


@dataclass(frozen=True, slots=True)
class Term:
    """A word of the question: its stem, what counts as the same, how much it says, whether it is part of a name."""

    stem: str
    alike: frozenset[str]
    weight: float
    proper: bool


@dataclass(frozen=True, slots=True)
class Asked:
    """A question, read. kind: when, amount, who, where, why, how, define or open.

    names: the names in it; lent: those of the larger question, where it has none. heads: which property is asked for.
    counted: what "how many" counts. money: it asks for a sum.
    """

    text: str
    kind: str
    language: str
    terms: tuple[Term, ...]
    names: tuple[frozenset[str], ...]
    lent: tuple[frozenset[str], ...]
    money: bool
    heads: frozenset[str]
    counted: str


@lru_cache(maxsize=512)
def read_question(text: str, context: str = "") -> Asked:
    """Read a question; `context` is the larger question it is part of, whose names it may leave unsaid."""
    text = _TAKES_PLACE.sub("happen", text.lstrip("¿¡ "))
    language = guess_language(text if len(text.split()) > 3 else f"{text} {context}")
    names = find_names(text, language=language)
    terms = _terms(text, language, names)
    if context and context != text:
        named = {term.stem for term in terms}
        extra = [
            t
            for t in _terms(context, language, find_names(context, language=language))
            if t.proper and t.stem not in named
        ]
        if not names or _refers_back(text):
            terms += tuple(replace(t, weight=(0.5 if names else 0.8) * t.weight) for t in extra)
        if _refers_back(text) and not names:
            rest = _terms(context, language, find_names(context, language=language))
            held = {t.stem for t in terms}
            terms += tuple(replace(t, weight=0.35) for t in rest if t.stem not in held and t.weight >= 1)
    kind = _kind(text.strip())
    lent = find_names(context, language=language) if not names and context != text else ()
    money = any(t.stem in COST for t in terms)
    counted = _COUNTED.search(text) or re.search(
        r"\bhow many (?:[\w-]+ )??([\w-]+?)\b(?= (?:do|does|did|is|are|was|were|has|have|had|can|will"
        r"|in|on|of|per)\b|\?)",
        text,
        re.I,
    )
    return Asked(
        text,
        kind,
        language,
        terms,
        names,
        lent,
        money,
        _heads(text, terms)
        or (frozenset({stem(fold(counted[1]))}) & {t.stem for t in terms} if counted else frozenset()),
        stem(fold(counted[1])) if counted else "",
    )


def _kind(text: str) -> str:
    """Return the kind whose sign stands first in the question; of two at one place the one listed first."""
    found = [
        (match.start(), place, name) for place, (name, pattern) in enumerate(_KINDS) if (match := pattern.search(text))
    ]
    return min(found)[2] if found else "open"


def anchor(asked: Asked, titled: frozenset[str]) -> Asked:
    """Return the question with the words that name a document ("httpx") read as names."""
    terms = tuple(
        Term(t.stem, frozenset(), 1.5, True) if t.stem in titled and t.weight >= 1 and not t.proper else t
        for t in asked.terms
    )
    return replace(asked, terms=terms, heads=asked.heads - titled)


def _heads(text: str, terms: tuple[Term, ...]) -> frozenset[str]:
    """Return the word that says which property is asked for: the last before the first "of", "for", "in"…"""
    before = re.split(
        r"\s(?:of|for|in|at|by|to|from|between|does|do|did|is|are|was|were|has|have)\s",
        _ASKED_BY.sub("", text),
        maxsplit=1,
    )
    if len(before) < 2:
        return frozenset()
    early = {stem(w) for w in words(before[0])}
    last = [t.stem for t in terms if t.stem in early and not t.proper and t.weight >= 1][-1:]
    return frozenset(last)


def _refers_back(text: str) -> bool:
    return bool(
        re.search(
            r"\b(?:it|its|they|them|their|this|these|that|he|she|his|her|there"
            r"|ihn|ihm|ihre?|sie|lui|sus?|ella|elle)\b",
            text,
            re.I,
        )
    )


def _terms(text: str, language: str, names: tuple[frozenset[str], ...]) -> tuple[Term, ...]:
    proper = frozenset().union(*names) if names else frozenset()
    stops = STOP_WORDS.get(language, STOP_WORDS["en"])
    found: dict[str, Term] = {}
    initials = _initials(text)
    for word in words(_COMPOUND.sub(lambda m: _UNITS[m[0][0].lower()], text)):
        bare = stem(word)
        if word in stops or bare in found or bare in ASKING and bare not in proper:
            continue
        named = bare in proper or is_number(word)
        weight = 1.5 if named else 0.35 if bare in FAINT or _KANA.search(bare) else 1.0
        alike = ALIKE.get(bare, frozenset()) | KIND_OF.get(bare, frozenset()) | initials.get(bare, frozenset())
        alike = frozenset() if named else alike - {bare}
        found[bare] = Term(bare, alike, weight, named)
    if not any(term.weight >= 1 for term in found.values()):  # only faint words: then they are what it is about
        return tuple(Term(t.stem, t.alike, 1.0, t.proper) for t in found.values())
    return tuple(found.values())


def is_number(word: str) -> bool:
    """Say whether a word is a number or a version: it stands for exactly itself.

    >>> is_number("2022"), is_number("3.11"), is_number("x86")
    (True, True, False)
    """
    return bool(_DIGITS.fullmatch(word))


def numbers_of(text: str) -> frozenset[str]:
    """Return the numbers and versions that a text holds as words of their own, not those inside addresses."""
    return frozenset(_NUMBER_WORD.findall(_ADDRESS.sub(" ", text)))


def _initials(text: str) -> dict[str, frozenset[str]]:
    """Return for each stem the short forms of three to five words in a row that hold it ("end of life": eol)."""
    found: dict[str, set[str]] = {}
    row = [w for w in words(text.replace("-", " ")) if w[:1].isalpha()]
    for start in range(len(row)):
        for length in range(3, 6):
            run = row[start : start + length]
            # "end of life" has a short form; what begins with "the" or ends in "to" has none
            if len(run) == length and not {run[0], run[-1]} & STOP_WORDS["en"]:
                short = "".join(word[0] for word in run)
                for word in run:
                    found.setdefault(stem(word), set()).add(short)
    return {bare: frozenset(short) for bare, short in found.items()}


def find_names(text: str, *, language: str = "en") -> tuple[frozenset[str], ...]:
    """Return the names in a question, each as the set of its stems; the first word of a sentence is no sign.

    >>> [sorted(name) for name in find_names("When did the Dallas County Courthouse open?")]
    [['counti', 'courthous', 'dalla']]
    """
    found: list[frozenset[str]] = []
    if sum(word[:1].isupper() for word in text.split()) > 0.8 * len(text.split()) > 3:
        return ()  # Written As A Title: capitals say nothing
    pattern = _QUOTED if language == "de" else _NAME  # German writes every noun with a capital
    for match in pattern.finditer(text):
        said = [w for w in words(match[0]) if w not in STOP_WORDS["en"]]
        at_start = not text[: match.start()].strip() or text[: match.start()].rstrip()[-1:] in ".?!:"
        if at_start and match[1] is None:
            first = fold(match[0].split()[0])
            if first in _LEADING or len(match[0].split()) == 1:
                said = [w for w in said if w != first]
        stems = frozenset(stem(w) for w in said if w not in _LEADING)
        if stems:
            found.append(stems)
    found.extend(frozenset(stem(w) for w in words(match[0])) for match in _NUMBERED.finditer(text))
    return tuple(dict.fromkeys(found))
