"""Pairs of page versions with what changed between them, to measure the comparison by."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from apps.monitors.rules.comparing import Change, changes


@dataclass(frozen=True, slots=True)
class Pair:
    """Two versions. expected: (kind, label or nothing, part of old, part of new) of each change there is.

    alike: that nothing of it is a change, so that any alert is false.
    """

    name: str
    kind: str
    before: str
    after: str
    expected: tuple[tuple[str, str, str, str], ...]
    alike: bool


@dataclass(slots=True)
class Measured:
    """missed: what was not found; false: alerts where nothing had changed; more: alerts beyond what was expected."""

    pairs: int = 0
    expected: int = 0
    found: int = 0
    alike: int = 0
    more: int = 0
    missed: list[str] = field(default_factory=list)
    false: list[str] = field(default_factory=list)


def own(given: dict[str, Any]) -> list[Pair]:
    """Read pairs in our own format: pages, and what was replaced in them. Raises ValueError where nothing was."""
    found = []
    for number, row in enumerate(given["pairs"]):
        before = after = given["pages"][row["page"]]
        for old, new in row.get("replace", ()):
            if old not in after and row["kind"] != "moved row":
                raise ValueError(f"pair {number}: the page {row['page']} does not say {old!r}")
            after = after.replace(old, new, 1)
        if (before == after) != (row["kind"] == "identical"):
            raise ValueError(f"pair {number}: nothing was replaced")
        expected = tuple((kind, "", old, new) for kind, old, new in row.get("expect", ()))
        found.append(Pair(f"{row['page']} {number}", row["kind"], before, after, expected, not expected))
    return found


def releases(truth: Sequence[dict[str, Any]], pages: dict[tuple[str, str], str], dates: Sequence[str]) -> list[Pair]:
    """Read pairs of monthly pages with fields of releases. pages: by (date, product); truth: what changed to a date."""
    found = []
    for row in truth:
        last = dates[dates.index(row["to"]) - 1]
        expected = tuple(
            ("added", "", "", str(each[1])) if each[0] == "cycle_added"
            else ("", f"{each[1]} · {each[2]}".lower(), _plain(each[3][0]), _plain(each[3][1]))
            for each in row["changes"]
        )  # fmt: skip
        kind = "changed" if expected else "wording" if row["text_changed"] else "identical"
        found.append(
            Pair(
                f"{row['product']} {row['to']}", kind, pages[last, row["product"]], pages[row["to"], row["product"]],
                expected, not expected,
            )
        )  # fmt: skip
    return found


def _plain(value: object) -> str:
    return "" if value is None else str(value).lower() if isinstance(value, bool) else str(value)


def measure(pairs: Sequence[Pair]) -> Measured:
    """Compare each pair and count what was found, missed, and said without cause."""
    total = Measured()
    for pair in pairs:
        told = changes(pair.before, pair.after)
        left = list(told)
        total.pairs += 1
        total.alike += pair.alike
        total.expected += len(pair.expected)
        for wanted in pair.expected:
            hit = next((change for change in left if _is(change, wanted)), None)
            if hit is None:
                total.missed.append(f"{pair.name} ({pair.kind}): {wanted}")
            else:
                left.remove(hit)
                total.found += 1
        if pair.alike and told:
            total.false.append(f"{pair.name} ({pair.kind}): {[(c.kind, c.old, c.new) for c in told][:3]}")
        total.more += 0 if pair.alike else len(left)
    return total


def _is(change: Change, wanted: tuple[str, str, str, str]) -> bool:
    kind, label, old, new = wanted
    inside = old.lower() in change.old.lower() and new.lower() in change.new.lower()
    return inside and (not kind or change.kind == kind) and (not label or change.label == label)
