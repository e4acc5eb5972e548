"""The task "synthesize": picked sentences put in order, a summary in front, disagreements side by side."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from apps.integrations.offline.candidates import Candidate
from apps.integrations.offline.disagreement import Difference, content, describe, differ
from apps.integrations.offline.questions import read_question
from apps.integrations.offline.relevance import rate
from apps.lib.figures import find_figures
from apps.lib.text import stem, words

_MOST_SUMMARY = 4
_MOST_DISAGREEMENTS = 8


@dataclass(slots=True)
class Said:
    """A sentence of a section with all the ids it came by."""

    text: str
    ids: list[str]
    sources: frozenset[str]
    published: str
    section: int
    place: int


def synthesize(given: Mapping[str, Any]) -> dict[str, Any]:
    """Return {"title", "summary", "sections", "disagreements"}; every sentence says which given ones it is from."""
    question = " ".join(str(given.get("question") or "").split())
    sections = list(given.get("sections") or ())
    said = [_read_section(number, section) for number, section in enumerate(sections)]
    said = _each_once(sections, said)
    everything = [sentence for section in said for sentence in section]
    clashes = find_clashes(everything)
    return {
        "title": make_title(question),
        "summary": [_out(s) for s in summarize_sections(question, said, clashes)],
        "sections": [
            {
                "heading": str(section.get("sub_question") or question),
                "sentences": [_out(s) for s in arrange(inside, clashes, dated=_tells_a_story(section, question))],
            }
            for section, inside in zip(sections, said, strict=True)
        ],
        "disagreements": tell_disagreements(clashes),
    }


def _read_section(number: int, section: Mapping[str, Any]) -> list[Said]:
    """Return the sentences of a section in the order given, equal ones made one."""
    found: dict[str, Said] = {}
    for place, sentence in enumerate(section.get("sentences") or ()):
        text = " ".join(str(sentence["text"]).split())
        sources = frozenset(map(str, sentence.get("sources") or ()))
        published = max((str(day) for day in sentence.get("published") or () if day), default="")
        if text in found:
            old = found[text]
            old.ids.append(str(sentence["id"]))
            old.sources, old.published = old.sources | sources, max(old.published, published)
        else:
            found[text] = Said(text, [str(sentence["id"])], sources, published, number, place)
    return list(found.values())


def _each_once(sections: Sequence[Mapping[str, Any]], said: Sequence[list[Said]]) -> list[list[Said]]:
    """Keep a sentence that several sections picked where it fits best; a section always keeps its own answer."""
    best: dict[str, tuple[float, int]] = {}
    for number, (section, inside) in enumerate(zip(sections, said, strict=True)):
        for sentence in inside:
            worth = _worth(str(section.get("sub_question") or ""), sentence)
            if sentence.text not in best or worth > best[sentence.text][0] + 1e-9:
                best[sentence.text] = (worth, number)
    return [
        [s for place, s in enumerate(inside) if place == 0 or best[s.text][1] == number]
        for number, inside in enumerate(said)
    ]


def _out(said: Said) -> dict[str, Any]:
    return {"text": said.text, "from": list(said.ids)}


def make_title(question: str) -> str:
    """Return the question as a title: its first sentence, at most about ninety characters, without what only asks.

    >>> make_title("Please tell me about the Ost Gate.")
    'The Ost Gate'
    """
    first = re.split(r"(?<=[?？؟])\s|(?<=[.!])\s(?=[A-Z])", question)[0].strip()
    first = re.sub(
        r"^(?:please\s+)?(?:tell me about|describe|explain|summari[sz]e|give (?:me )?an overview of|report on)\s+",
        "",
        first,
        flags=re.I,
    )
    first = first.rstrip(".")
    if len(first) > 90:
        cut = first[:90].rsplit(" ", 1)[0].rstrip(",;:")
        first = f"{cut}…"
    return first[:1].upper() + first[1:] or "Report"


# --- order -------------------------------------------------------------------------------------------------------


def _tells_a_story(section: Mapping[str, Any], question: str) -> bool:
    """Say whether a section may be told in order of time; what asks for one fact wants that fact first."""
    return read_question(str(section.get("sub_question") or question)).kind == "open"


def arrange(
    section: Sequence[Said], clashes: Sequence[tuple[Said, Said, Difference]], *, dated: bool = True
) -> list[Said]:
    """Order a section: by date where that is wanted and most carry one, else as ranked; rivals stand together."""
    told = [s for s in section if _when(s)]
    if dated and len(section) >= 3 and len(told) >= 0.7 * len(section) and len({_when(s) for s in told}) >= 3:
        ordered = sorted(section, key=lambda s: (_when(s) or (9999, 0, 0), s.place))
    else:
        ordered = sorted(section, key=lambda s: s.place)
    return _together(ordered, clashes)


def _when(said: Said) -> tuple[int, int, int] | None:
    """Return the first date of a sentence where it stands early: then the sentence tells what happened when."""
    first = next((f for f in find_figures(said.text) if isinstance(f.value, tuple)), None)
    return first.value if first and isinstance(first.value, tuple) and first.start < 0.6 * len(said.text) + 20 else None


def _together(ordered: Sequence[Said], clashes: Sequence[tuple[Said, Said, Difference]]) -> list[Said]:
    placed: list[Said] = []
    for sentence in ordered:
        if any(sentence is p for p in placed):
            continue
        placed.append(sentence)
        for left, right, _ in clashes:
            other = right if left is sentence else left if right is sentence else None
            if other is not None and any(other is s for s in ordered) and not any(other is p for p in placed):
                placed.append(other)
    return placed


# --- summary -----------------------------------------------------------------------------------------------------


def summarize_sections(
    question: str, sections: Sequence[Sequence[Said]], clashes: Sequence[tuple[Said, Said, Difference]]
) -> list[Said]:
    """Pick two to four sentences that answer the question best, from every section first; a rival comes along."""
    filled = [section for section in sections if section]
    picked: list[Said] = []
    for section in filled[:_MOST_SUMMARY]:
        picked.append(max(section, key=lambda s: (_value(question, s), -s.place)))
    rest = sorted(
        (s for section in filled for s in section if not any(s is p for p in picked)),
        key=lambda s: (-_value(question, s), s.section, s.place),
    )
    best = max((_value(question, s) for s in picked), default=0.0)
    for sentence in rest:
        room = len(picked) < (2 if len(filled) == 1 else 3)
        if room and _value(question, sentence) > 0.6 * best and not any(_repeats(sentence, p) for p in picked):
            picked.append(sentence)
    withrivals = _with_rivals(picked, clashes)
    unique = {s.text: s for s in reversed(withrivals)}
    return [s for s in withrivals if unique.get(s.text) is s][:_MOST_SUMMARY]


def _with_rivals(picked: Sequence[Said], clashes: Sequence[tuple[Said, Said, Difference]]) -> list[Said]:
    out: list[Said] = []
    for sentence in picked:
        rivals = [two if one is sentence else one for one, two, _ in clashes if sentence in (one, two)]
        for one in (sentence, *rivals[:1]):
            if not any(one.text == o.text for o in out):
                out.append(one)
    return out


def _repeats(new: Said, old: Said) -> bool:
    mine, theirs = content(new.text), content(old.text)
    return bool(mine) and len(mine & theirs) >= 0.6 * min(len(mine), len(theirs))


def _value(question: str, said: Said) -> float:
    """Weigh the rank a sentence came with, which knew its context, and what it says of the whole question."""
    return 0.6 / (1 + 0.5 * said.place) + 0.4 * _worth(question, said)


def _worth(question: str, said: Said) -> float:
    one = Candidate("", "", said.text, said.text, 0, 0, frozenset(stem(w) for w in words(said.text)), 1.0, False)
    rate(read_question(question), [one])
    return one.relevance + 0.03 * min(len(said.sources), 3)


# --- disagreements -----------------------------------------------------------------------------------------------


def find_clashes(sentences: Sequence[Said]) -> list[tuple[Said, Said, Difference]]:
    """Return the pairs of sentences of different sources that say different things of the same."""
    found = []
    for i, left in enumerate(sentences):
        for right in sentences[i + 1 :]:
            if left.sources & right.sources or left.text == right.text:
                continue
            difference = differ(left.text, right.text)
            if difference:
                found.append((left, right, difference))
    return found


def tell_disagreements(clashes: Sequence[tuple[Said, Said, Difference]]) -> list[dict[str, Any]]:
    """Return each disagreement once: what about, and the positions side by side, newest first."""
    groups: list[tuple[str, list[list[Said]]]] = []
    for left, right, difference in clashes:
        group = next((g for g in groups if _belongs(left, g[1]) or _belongs(right, g[1])), None)
        if group is None:
            group = (describe(left.text, right.text, difference), [])
            groups.append(group)
        for said in (left, right):
            _take_position(said, group[1])
    told = []
    for about, positions in groups[:_MOST_DISAGREEMENTS]:
        ordered = sorted(positions, key=lambda p: max(s.published for s in p), reverse=True)
        told.append({"about": about, "positions": [_position(position) for position in ordered]})
    return told


def _belongs(said: Said, positions: Sequence[Sequence[Said]]) -> bool:
    return any(said is s or said.text == s.text for position in positions for s in position)


def _take_position(said: Said, positions: list[list[Said]]) -> None:
    """Put a sentence to those it does not contradict, or open a position of its own."""
    if any(said is s for position in positions for s in position):
        return
    for position in positions:
        if said.text == position[0].text or not any(differ(said.text, s.text) for s in position):
            position.append(said)
            return
    positions.append([said])


def _position(position: Sequence[Said]) -> dict[str, Any]:
    ids = [i for said in position for i in said.ids]
    return {"text": min((s.text for s in position), key=lambda t: (len(t), t)), "from": list(dict.fromkeys(ids))}
