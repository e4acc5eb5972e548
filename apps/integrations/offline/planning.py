"""The task "plan": a question cut into its real parts, each with search queries."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import Any

from apps.integrations.offline.questions import find_names, read_question
from apps.lib.lexicon import ASKING, FAINT
from apps.lib.text import STOP_WORDS, fold, guess_language, sentences, stem, words

_ASKS = (
    r"(?:how|what|who|whom|whose|when|where|why|which|whether|to what extent|in what"
    r"|(?:until|since|by|from) (?:when|which)|at (?:what|which)|for how|bis wann|seit wann|hasta cuándo|wie|was"
    r"|wer|wann|wo|warum|welche[rsnm]?|"
    r"comment|quel(?:le)?s?|qui|quand|pourquoi|combien|c[oó]mo|qu[eé]|qui[eé]n|cu[aá]ndo|cu[aá]nt[oa]s?|d[oó]nde)"
)
_HELPS = r"(?:is|are|was|were|do|does|did|has|have|had|can|could|will|would|should)"
_BEGINS = rf"(?:{_ASKS}|{_HELPS} (?:the|it|its|this|that|these|they|there|an?|any|we|i|he|she)|d[ií]d)\b"
_NEXT = re.compile(
    rf"(?:\s*[,;]\s*(?:(?:and|or|but|&|und|oder|et|ou|y|o)\s+)?|\s+(?:and|or|&|und|et|y)\s+)(?={_BEGINS})", re.I
)
_LISTED = re.compile(
    rf"^(?P<head>what\s+{_HELPS}\s+|(?:describe|explain|summari[sz]e|give|list|discuss|outline"
    rf"|tell me about|report on)\s+)"
    r"(?:me\s+)?(?:the\s+)?(?P<listed>[\w-]+(?: [\w-]+){0,2}(?:, (?:the )?[\w-]+(?: [\w-]+){0,2})*,? "
    r"and (?:the )?[\w-]+(?: [\w-]+)?)"
    r"\s+(?P<of>of|for|in)\s+(?P<rest>[^?]+)\??$",
    re.I,
)
_COMPARED = (
    re.compile(r"^(?:please )?compare\s+(?P<a>.+?)\s+(?:and|with|to|against|versus"
    r"|vs\.?)\s+(?P<b>.+?)(?:\s+(?:in terms of|with respect "
               r"to|regarding|by|on|for)\s+(?P<by>.+?))?[.?]?$", re.I),
    re.compile(r"^(?P<a>[^?]+?)\s+(?:versus|vs\.?)\s+(?P<b>[^?:]+?)(?:\s*(?::|,|\bin terms of\b"
    r"|\bregarding\b)\s*(?P<by>[^?]+))?[.?]?$", re.I),
    re.compile(rf"^(?:what\s+{_HELPS}\s+)?the differences? "
    rf"between\s+(?P<a>.+?)\s+and\s+(?P<b>[^?]+?)(?P<by>(?!))?[.?]?$", re.I),
    re.compile(r"^how (?:do|does|did) (?P<a>.+?) compare (?:with|to"
    r"|against) (?P<b>[^?]+?)(?:\s+(?:in terms of|regarding|on)\s+(?P<by>[^?]+))?[.?]?$", re.I),
)  # fmt: skip
_NOW = re.compile(
    r"\b(?:now|currently|current|today|recent(?:ly)?|latest|nowadays|this (?:year|month|week)|so far"
    r"|aktuell\w*|heute)\b",
    re.I,
)
_VAGUE = re.compile(
    r"\b(?:best|better|good|worst|bad|important|successful|popular|significant|big|large|expensive|cheap|safe|effective)\b",
    re.I,
)
_QUERIES_A_PART = 3
_MOST_DOCUMENTS = 2_000


def plan(given: Mapping[str, Any]) -> dict[str, Any]:
    """Return {"sub_questions": [{"text", "queries"}], "assumptions", "ambiguities"} for a question.

    A question of one part stays one. There are at most three queries a part; all together at most `max_queries`,
    but always one for each part.
    """
    question = " ".join(str(given.get("question") or "").split())
    documents = list(given.get("documents") or ())[:_MOST_DOCUMENTS]
    if not question:
        return {"sub_questions": [], "assumptions": [], "ambiguities": ["The question is empty."]}
    known = [text for row in documents for text in (str(row.get("title") or ""), *(row.get("headings") or ()))]
    parts = split_question(question, known)
    most = max(1, int(given.get("max_sub_questions") or 6))
    left_out = parts[most:]
    parts = parts[:most]
    headed = _counted(documents)
    queries = [make_queries(part, question, headed) for part in parts]
    kept = _limited(queries, max(int(given.get("max_queries") or 0) or 3 * len(parts), len(parts)))
    return {
        "sub_questions": [{"text": part, "queries": asked} for part, asked in zip(parts, kept, strict=True)],
        "assumptions": _assumptions(documents, left_out),
        "ambiguities": _ambiguities(question, parts),
    }


# --- parts -------------------------------------------------------------------------------------------------------


def split_question(question: str, known: Sequence[str] = ()) -> list[str]:
    """Return the parts of a question as readable questions or noun phrases, one when it has one part.

    >>> split_question("When was it built, and who paid for the Ost Gate?")
    ['When was it built?', 'Who paid for the Ost Gate?']
    """
    said = [question[s.start : s.end] for s in sentences(question)] or [question]
    asked = [s for s in said if s.rstrip().endswith(("?", "？", "؟")) or _commands(s)] or [question]
    parts: list[str] = []
    for sentence in asked:
        for clause in _NEXT.split(sentence) if not _compared(sentence) else [sentence]:
            parts.extend(_listed(clause.strip()) or _compared(clause.strip()) or [clause.strip()])
    merged = _merged(parts)
    return [_written(part) for part in _resolved(merged, known)] or [question]


def _commands(sentence: str) -> bool:
    return bool(
        re.match(
            r"(?:please )?(?:compare|describe|explain|summari[sz]e|give|list|discuss|outline|tell|report|find|show)\b",
            sentence,
            re.I,
        )
    )


def _listed(clause: str) -> list[str]:
    """Split "the cost, length and safety of X" into its heads."""
    match = _LISTED.match(clause)
    if not match:
        return []
    heads = [h.strip() for h in re.split(r",\s*(?:and\s+)?|\s+and\s+", match["listed"]) if h.strip()]
    heads = [re.sub(r"^the\s+", "", head) for head in heads]
    if len(heads) < 2 or any(w.casefold() in STOP_WORDS["en"] for h in heads for w in h.split()):
        return []
    return [f"{head[:1].upper()}{head[1:]} {match['of']} {match['rest'].strip(' .')}" for head in heads]


def _compared(clause: str) -> list[str]:
    """Split a comparison: by its criteria where it names some, else into its two sides."""
    match = next((m for m in (pattern.match(clause) for pattern in _COMPARED) if m), None)
    if not match:
        return []
    left, right, by = match["a"].strip(), match["b"].strip(" .?"), (match["by"] or "").strip(" .?")
    if by and not re.search(r",|\band\b", by):
        by = re.sub(r"^(?:the|their)\s+", "", by)
        return [f"{by[:1].upper()}{by[1:]} of {side}" for side in (left, right)]
    if by:
        criteria = [c.strip() for c in re.split(r",\s*(?:and\s+)?|\s+and\s+", by) if c.strip()]
        return [
            f"{c[:1].upper()}{c[1:]} of {left} and {right}"
            for c in (re.sub(r"^(?:the|their)\s+", "", c) for c in criteria)
        ]
    if max(len(left.split()), len(right.split())) > 8:
        return []
    shared = re.match(r"(?:the )?(?P<what>.+?) (?P<of>of|in|for) (?P<x>.+)$", left)
    if shared and not re.search(r"\b(?:of|in|for)\b", right):
        what = f"{shared['what'][:1].upper()}{shared['what'][1:]} {shared['of']}"
        return [f"{what} {shared['x']}", f"{what} {right}"]
    return [f"{left[:1].upper()}{left[1:]}", f"{right[:1].upper()}{right[1:]}"]


def _merged(parts: Sequence[str]) -> list[str]:
    """Join a part that says next to nothing of its own ("and why?") to the one before it."""
    merged: list[str] = []
    for part in parts:
        telling = _telling(part)
        if merged and not _telling(merged[-1]):
            merged[-1] = f"{merged[-1].rstrip('?')} and {part[:1].lower()}{part[1:]}"
        elif merged and not telling:
            merged[-1] = f"{merged[-1].rstrip('?')}, and {part[:1].lower()}{part[1:]}"
        elif part:
            merged.append(part)
    return list(dict.fromkeys(merged))


def _telling(part: str) -> list[str]:
    return [w for w in words(part) if w not in STOP_WORDS["en"] and not re.fullmatch(_ASKS, w, re.I)]


def _resolved(parts: Sequence[str], known: Sequence[str]) -> list[str]:
    """Put the subject of the first part where a later part says "it" or "its"."""
    subject = _whole_name(_subject(parts[0]), parts[0], known) if len(parts) > 1 else ""
    if not subject:
        return list(parts)
    owner = subject + ("’" if subject.endswith("s") else "’s")
    done = [parts[0]]
    for part in parts[1:]:
        if subject.casefold() not in part.casefold():
            part = (
                re.sub(r"\bits\b", owner, part, count=1)
                if re.search(r"\bits\b", part)
                else re.sub(r"\bit\b", subject, part, count=1)
            )
        done.append(part)
    return done


def _subject(part: str) -> str:
    """Return the one name a part is about, with its article; "" where there is none or more than one."""
    found: list[str] = re.findall(r"\b(?:[Tt]he )?[A-Z][\w'’-]*(?: (?:(?:of|the|de|and) )?[A-Z][\w'’-]*)*", part[1:])
    found = [f.strip() for f in found if f.strip().split()[-1].casefold() not in STOP_WORDS["en"]]
    if len(set(found)) == 1:
        return found[0][:1].lower() + found[0][1:] if found[0].startswith("The ") else found[0]
    ends = rf"(?=[?]|$| (?:be|cost|have|weigh|take|hold|work|mean|{_HELPS[3:-1]}|[a-z]+ed)\b)"
    plain = re.findall(rf"\b(?:an?|the) ([a-z][a-z-]+(?: (?!be\b|have\b)[a-z][a-z-]+)?){ends}", part)
    return f"the {plain[0]}" if len(plain) == 1 and not found else ""


def _whole_name(name: str, part: str, known: Sequence[str]) -> str:
    """Return a name with the number behind it, or the words with which titles and headings know it.

    >>> _whole_name("the Sandvik", "When did the Sandvik heat pump begin?", ["The Sandvik heat pump"])
    'the Sandvik heat pump'
    """
    at = part.casefold().find(name.casefold()) if name else -1
    if at < 0:
        return name
    rest = part[at + len(name) :].rstrip("?!. ").split()
    if rest and re.fullmatch(r"\d+(?:\.\d+)*", rest[0]):
        return f"{name} {rest[0]}"
    bare = re.sub(r"^the ", "", name, flags=re.I)
    texts = [text.casefold() for text in known]
    for length in range(min(3, len(rest)), 0, -1):
        more = " ".join(rest[:length])
        if any(f"{bare} {more}".casefold() in text for text in texts):
            return f"{name} {more}"
    return name


def _written(part: str) -> str:
    """Return a part as a heading: a capital first, a question mark where it asks."""
    part = part.strip().rstrip(",;").strip()
    part = re.sub(r"^(?:and|but|so|also)\s+", "", part, flags=re.I)
    asks = re.match(rf"¿?(?:{_ASKS}|{_HELPS})\b", part, re.I)
    if asks and not part.endswith(("?", "？", "؟", ".")):
        part += "?"
    return part if re.fullmatch(r"\S{1,4}|\S*[\d_.]\S*", part) else part[:1].upper() + part[1:]


# --- queries -----------------------------------------------------------------------------------------------------


def _counted(documents: Sequence[Mapping[str, Any]]) -> dict[str, int]:
    """Count in how many documents' titles and headings each stem stands."""
    seen: dict[str, int] = {}
    for document in documents:
        text = " ".join([str(document.get("title") or ""), *map(str, document.get("headings") or ())])
        for bare in {stem(w) for w in words(text)}:
            seen[bare] = seen.get(bare, 0) + 1
    return seen


def make_queries(part: str, question: str, headed: Mapping[str, int]) -> list[str]:
    """Return two or three queries of two to six words: all key words, without the rarest, names with the main word."""
    key = _key_words(part)
    if len(key) < 2 and part != question and not find_names(part) and not (key and key[0] == part):
        key += [w for w in _key_words(question) if w not in key][: 3 - len(key)]
    if not key:
        return [part]
    named = {s for name in find_names(part) for s in name} or {s for name in find_names(question) for s in name}
    queries = [key[:6]]
    loose = [w for w in key[:6] if stem(fold(w)) not in named]
    if len(key) > 2 and loose:
        rarest = min(loose, key=lambda w: (headed.get(stem(fold(w)), 0), -len(w)))
        queries.append([w for w in key[:6] if w != rarest])
    names = [w for w in key if stem(fold(w)) in named]
    if names and len(key) > 3:
        queries.append([*names[:4], *[w for w in loose if w not in names][:1]])
    written = [" ".join(query) for query in queries if query]
    return list(dict.fromkeys(written))[:_QUERIES_A_PART]


def _key_words(text: str) -> list[str]:
    """Return the words that tell, as they are written, in order."""
    language = guess_language(text)
    stops = STOP_WORDS.get(language, STOP_WORDS["en"]) | STOP_WORDS["en"]
    found: list[str] = []
    for match in re.finditer(r"[^\W_]+(?:['’.-][^\W_]+)*", text):
        word = match[0]
        low = fold(re.sub(r"['’]s?$", "", word))
        if (
            (low in stops and not (match.start() and word[0].isupper()))
            or stem(low) in ASKING
            or low in {w.casefold() for w in found}
        ):
            continue
        found.append(re.sub(r"['’]s?$", "", word))
    telling = [w for w in found if stem(fold(w)) not in FAINT or (w[0].isupper() and not text.startswith(w))]
    return telling if len(telling) >= 2 else found


def _limited(queries: Sequence[Sequence[str]], most: int) -> list[list[str]]:
    """Keep the first query of every part, then the second, while there is room."""
    kept: list[list[str]] = [[] for _ in queries]
    for place in range(_QUERIES_A_PART):
        for part, asked in enumerate(queries):
            if place < len(asked) and sum(map(len, kept)) < most:
                kept[part].append(asked[place])
    return kept


# --- what is taken for granted -----------------------------------------------------------------------------------


def _assumptions(documents: Sequence[Mapping[str, Any]], left_out: Sequence[str]) -> list[str]:
    said = []
    if documents:
        count = len(documents)
        said.append(
            f"Only the {count} documents at hand are read." if count > 1 else "Only the one document at hand is read."
        )
    if left_out:
        said.append("Left out to keep to the limit of parts: " + "; ".join(left_out))
    return said


def _ambiguities(question: str, parts: Sequence[str]) -> list[str]:
    said = []
    now = _NOW.search(question)
    if now:
        said.append(f"“{now[0]}” can only mean the time of the documents, which may be older than the question.")
    vague = _VAGUE.search(question)
    if vague:
        said.append(f"“{vague[0]}” can be measured in several ways, and the question names none.")
    if re.match(
        r"\W*(?:it|they|this|that|he|she)\b|\w+ (?:is|was|are|were|did|does) (?:it|they|he|she|this)\b", parts[0], re.I
    ):
        said.append("The question says “it” or “they” without saying of what.")
    if (
        read_question(question).kind == "amount"
        and re.search(r"\bcosts?\b|\bprices?\b", question, re.I)
        and not re.search(r"\d{4}", question)
    ):
        said.append("A cost may be planned or actual, and of different years; the question does not say which.")
    return said
