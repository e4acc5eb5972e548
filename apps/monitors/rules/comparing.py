"""What changed between two sets of statements: added, removed, another value; wording alone is no change."""

from __future__ import annotations

import hashlib
from collections import Counter, defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, replace

from apps.monitors.rules.statements import Said, Statement, plain, statements, what

# Two sentences are about the same when they share this much of their content words.
ALIKE = 0.5
# Yes and no, on and off: words that are a value although they are neither figure nor name.
_SWITCHES = frozenset("true false yes no on off none null".split())
# A value of so many words or fewer says another thing when any word of it changes; a longer one is prose.
_SHORT = 6


@dataclass(frozen=True, slots=True)
class Change:
    """One change. kind: added, removed or changed. before, after: the statements, None where there is none.

    old, new: the values that differ, as they are written.
    """

    kind: str
    before: Statement | None
    after: Statement | None
    old: str = ""
    new: str = ""

    @property
    def label(self) -> str:
        """What the change is about: a row and its column, a name; empty for a sentence."""
        statement = self.after or self.before
        return statement.label if statement else ""


def changes(before: str, after: str) -> list[Change]:
    """Return what changed between two versions of a page.

    >>> [(c.kind, c.old, c.new) for c in changes("The fee is 12 euros.", "From May on, the fee is 14 euros.")]
    [('changed', 'The fee is 12 euros.', 'From May on, the fee is 14 euros.')]
    >>> changes("Opened on 3 May 2026 by Ada.", "**Opened** on 2026-05-03 by Ada.")
    []
    """
    return compare(statements(before), statements(after))


def fingerprint(text: str) -> str:
    """Return a hash of all that a page states, whatever its order, markup, case and notation of dates."""
    core = sorted(_canonical(each) for each in statements(text))
    return hashlib.sha256("\n".join(core).encode()).hexdigest()


def _canonical(statement: Statement) -> str:
    said = statement.said
    return repr((statement.about, statement.name, sorted(said.words), said.figures, said.denials))


def compare(before: Sequence[Statement], after: Sequence[Statement]) -> list[Change]:
    """Return what changed, in the order of the new version; what was taken away stands last."""
    old, new = _without_common(*_aligned(before, after))
    found = _entries(old, new)
    there = {change.before.about for change in found if change.kind == "removed" and change.before}
    come = {change.after.about for change in found if change.kind == "added" and change.after}
    fields = [each for each in old if each.kind == "field" and each.about not in there]
    others = [each for each in new if each.kind == "field" and each.about not in come]
    found += _fields(fields, others)
    found += _sentences([e for e in old if e.kind == "sentence"], [e for e in new if e.kind == "sentence"])
    return sorted(found, key=lambda c: (c.after is None, (c.after or c.before).start, (c.after or c.before).ref))  # type: ignore[union-attr]


def _aligned(before: Sequence[Statement], after: Sequence[Statement]) -> tuple[list[Statement], list[Statement]]:
    """Forget the heading of what stands under one that the other version has not: a new heading changes no value."""
    mine, theirs = {each.about for each in before}, {each.about for each in after}
    return (
        [each if each.about in theirs else replace(each, about=each.about.partition("|")[2]) for each in before],
        [each if each.about in mine else replace(each, about=each.about.partition("|")[2]) for each in after],
    )


def _without_common(
    before: Sequence[Statement], after: Sequence[Statement]
) -> tuple[list[Statement], list[Statement]]:  # fmt: skip
    """Leave out what stands in both, as often as it does, wherever it stands."""
    kept = Counter(map(_key, before)) & Counter(map(_key, after))
    return _rest(before, kept.copy()), _rest(after, kept.copy())


def _key(statement: Statement) -> tuple[object, ...]:
    if statement.kind == "entry":
        return ("entry", statement.about)
    return (statement.kind, statement.about, statement.name, *statement.said.core)


def _rest(found: Sequence[Statement], kept: Counter[tuple[object, ...]]) -> list[Statement]:
    rest = []
    for statement in found:
        key = _key(statement)
        if kept[key] > 0:
            kept[key] -= 1
        else:
            rest.append(statement)
    return rest


def _entries(old: Sequence[Statement], new: Sequence[Statement]) -> list[Change]:
    gone = [Change("removed", each, None, old=each.text) for each in old if each.kind == "entry"]
    come = [Change("added", None, each, new=each.text) for each in new if each.kind == "entry"]
    return gone + come


def _fields(old: Sequence[Statement], new: Sequence[Statement]) -> list[Change]:
    places: dict[tuple[str, str], tuple[list[Statement], list[Statement]]] = defaultdict(lambda: ([], []))
    for side, rows in enumerate((old, new)):
        for statement in rows:
            places[statement.about, statement.name][side].append(statement)
    found = []
    for mine, theirs in places.values():
        for was, now in zip(mine, theirs, strict=False):
            if _is_other_value(was, now):
                found.append(Change("changed", was, now, was.text, now.text))
        both = min(len(mine), len(theirs))
        found += [Change("removed", each, None, old=each.text) for each in mine[both:] if _is_value(each)]
        found += [Change("added", None, each, new=each.text) for each in theirs[both:] if _is_value(each)]
    return found


def _is_other_value(was: Statement, now: Statement) -> bool:
    mine, theirs = was.said, now.said
    if mine.figures != theirs.figures or mine.denials != theirs.denials:
        return True
    if max(len(mine.words), len(theirs.words)) <= _SHORT:
        return plain(was.text) != plain(now.text) and (mine.words != theirs.words or not mine.words)
    return _names_differ(mine, theirs)


def _is_value(statement: Statement) -> bool:
    """Tell whether a lone field says something: a figure, a date, a version, a name, yes or no."""
    said = statement.said
    return bool(said.figures or said.names or plain(statement.text) in _SWITCHES)


def _sentences(old: Sequence[Statement], new: Sequence[Statement]) -> list[Change]:
    pairs, taken = _matched(old, new), set[int]()
    found = []
    for number, other in pairs.items():
        taken.add(other)
        was, now = old[number], new[other]
        if says_other(was.said, now.said):
            found.append(Change("changed", was, now, was.text, now.text))
    found += [Change("removed", each, None, old=each.text) for n, each in enumerate(old) if n not in pairs]
    found += [Change("added", None, each, new=each.text) for n, each in enumerate(new) if n not in taken]
    return found


def _matched(old: Sequence[Statement], new: Sequence[Statement]) -> dict[int, int]:
    """Pair the sentences that are about the same, the likest first."""
    by_word: dict[str, set[int]] = defaultdict(set)
    for number, statement in enumerate(new):
        for word in statement.said.words:
            by_word[word].add(number)
    scored = []
    for number, statement in enumerate(old):
        near = set().union(*(by_word[word] for word in statement.said.words)) if statement.said.words else set()
        scored += [(likeness(statement.said, new[other].said), number, other) for other in near]
    pairs: dict[int, int] = {}
    taken = set[int]()
    for score, number, other in sorted(scored, key=lambda row: (-row[0], abs(row[1] - row[2]), row[1])):
        if score >= ALIKE and number not in pairs and other not in taken:
            pairs[number] = other
            taken.add(other)
    return pairs


def likeness(left: Said, right: Said) -> float:
    """Return how much two sentences are about the same, from 0 to 1; the figures they share count a little."""
    figures = 0.1 * bool(set(left.figures) & set(right.figures))
    whole = _shared(left.words, right.words)
    # Where one name took another's place, what is said about them still is the same.
    others = _shared(left.words - left.names, right.words - right.names) if left.names and right.names else 0.0
    return min(1.0, max(whole, others) + figures)


def _shared(left: frozenset[str], right: frozenset[str]) -> float:
    if not left or not right:
        return 0.0
    common = len(left & right)
    return 1.2 * common / (len(left) + len(right)) + 0.4 * common / min(len(left), len(right)) * (common >= 2)


def says_other(was: Said, now: Said) -> bool:
    """Tell whether two sentences about the same say different things: another figure, date, version, name, or a no."""
    if bool(was.denials) != bool(now.denials):
        return True
    if was.figures != now.figures:
        return True
    return _names_differ(was, now)


def _names_differ(was: Said, now: Said) -> bool:
    """A name took another's place; one that was only left out, or put in, is wording."""
    gone, come = was.names - now.words - now.names, now.names - was.words - was.names
    return bool(gone and come)


def values(change: Change) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """Return the figures that only the old statement has, and those that only the new one has."""
    mine = set(what(change.before.text).figures) if change.before else set()
    theirs = set(what(change.after.text).figures) if change.after else set()
    return tuple(sorted(mine - theirs)), tuple(sorted(theirs - mine))
