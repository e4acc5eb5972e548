"""Pure: how long a text takes to read, and what a search engine would stumble over in a page."""

from __future__ import annotations

import re
from dataclasses import dataclass

WORDS_A_MINUTE = 220


def words(text: str) -> int:
    """Count the words of a text; tags of HTML are none.

    >>> words("<p>Two words</p>"), words("")
    (2, 0)
    """
    return len(re.sub(r"<[^>]+>", " ", text).split())


def minutes(count: int) -> int:
    """Return how many minutes a text of so many words takes to read, at least one.

    >>> minutes(0), minutes(220), minutes(221)
    (1, 1, 2)
    """
    return max(1, -(-count // WORDS_A_MINUTE))


# What is shown of a title and of a description in a list of results, in characters.
TITLE, DESCRIPTION = (15, 60), (70, 160)
SLUG = 60


@dataclass(frozen=True, slots=True)
class Seen:
    """What is looked at in a page. headings: the levels in their order; twins: pages of the same title.

    silent: pictures that say nothing to whoever can't see them; dead: links to pages that are not published.
    """

    title: str
    description: str
    slug: str
    headings: tuple[int, ...] = ()
    twins: tuple[str, ...] = ()
    silent: tuple[str, ...] = ()
    dead: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Finding:
    """Something to mend: which check, and the figure or names that it is about."""

    check: str
    about: str = ""


def findings(seen: Seen) -> list[Finding]:
    """List what should be mended, the gravest first.

    >>> findings(Seen("A title of the right length", "d" * 100, "slug", (2, 3, 3, 2)))
    []
    >>> [found.check for found in findings(Seen("Short", "", "s" * 61, (3,), ("Other",)))]
    ['description', 'twins', 'title_short', 'slug', 'headings']
    """
    length = len(seen.description)
    checks = {
        "description": not length, "dead": seen.dead, "twins": seen.twins, "silent": seen.silent,
        "title_long": len(seen.title) > TITLE[1], "title_short": len(seen.title) < TITLE[0],
        "description_long": length > DESCRIPTION[1], "description_short": 0 < length < DESCRIPTION[0],
        "slug": len(seen.slug) > SLUG, "headings": not in_order(seen.headings),
    }  # fmt: skip
    figures = {"title": len(seen.title), "description": length, "slug": len(seen.slug)}
    return [
        Finding(name, ", ".join(found) if isinstance(found, tuple) else str(figures.get(name.partition("_")[0], "")))
        for name, found in checks.items() if found
    ]  # fmt: skip


def in_order(levels: tuple[int, ...]) -> bool:
    """Tell whether no heading is more than one level below the one before it; the page's title is the first level.

    >>> in_order((2, 3, 2)), in_order((3,)), in_order(())
    (True, False, True)
    """
    return all(after - before <= 1 for before, after in zip((1, *levels), levels, strict=False))


def clip(text: str, most: int) -> str:
    """Shorten a text to so many characters, at the end of a word.

    >>> clip("One two three", 9), clip("One", 9)
    ('One two…', 'One')
    """
    if len(text) <= most:
        return text
    return text[: most - 1].rsplit(" ", 1)[0].rstrip(" ,;:") + "…"
