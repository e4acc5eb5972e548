"""Passages, quotes, ranking."""

from __future__ import annotations

import doctest
import time

import pytest

from apps.lib import text as lib_text
from apps.library import rules
from apps.library.extraction import bylines, tables
from apps.library.rules import headings, is_heading, locate, rank, split
from apps.memory import rules as memory_rules
from apps.memory.rules import cosine, dedupe, fuse

LONG = "# Start\n\n" + "\n\n".join(
    f"Paragraph {n} tells of gate {n}. It has a second sentence. " + "More words follow here to fill it up. " * (n % 7)
    for n in range(60)
)


@pytest.mark.parametrize("module", [rules, lib_text, bylines, tables, memory_rules])
def test_the_examples_in_the_docstrings_hold(module: object) -> None:
    assert doctest.testmod(module).failed == 0  # type: ignore[arg-type]


@pytest.mark.parametrize("text", [LONG, "", "One. Two.", "word " * 5_000, "。".join(["文"] * 900), "a\n\nb\n\nc"])
def test_passages_hold_every_word_once_and_in_order(text: str) -> None:
    passages = split(text)

    assert "".join("".join(text[p.start : p.end].split()) for p in passages) == "".join(text.split())
    assert all(a.end <= b.start for a, b in zip(passages, passages[1:], strict=False))
    assert all(not text[p.start].isspace() and not text[p.end - 1].isspace() for p in passages)


def test_passages_are_of_about_the_wished_length_and_begin_at_sentences() -> None:
    sizes = [len(LONG[p.start : p.end].split()) for p in split(LONG, target_words=80)]

    assert max(sizes) <= 128
    assert sum(sizes) / len(sizes) > 50
    assert all(LONG[p.start : p.end].startswith(("#", "Paragraph")) for p in split(LONG, target_words=80))


def test_a_heading_opens_the_passage_it_belongs_to() -> None:
    text = "## One\n\n" + "Words fill this part. " * 20 + "\n\n## Two\n\n" + "Other words fill that part. " * 20

    assert [text[p.start : p.start + 6] for p in split(text)] == ["## One", "## Two"]


@pytest.mark.parametrize(
    ("quote", "text", "found"),
    [
        ("the gate", "See the gate.", "the gate"),
        ("the  “tidal”\ngate", 'See the "tidal" gate.', 'the "tidal" gate'),
        ("1979-1982", "from 1979–1982 on", "1979–1982"),
        ("it’s 5 km", "it's 5\u00a0km long", "it's 5\u00a0km"),
        ("measured…", "It was measured... twice", "measured..."),
        ("office", "The o\ufb03ce is open", "o\ufb03ce"),
        ("soft hyphen", "a soft hy\u00adphen", "soft hy\u00adphen"),
    ],
)
def test_a_quote_is_found_up_to_spaces_quotes_and_dashes(quote: str, text: str, found: str) -> None:
    place = locate(quote, text)

    assert place is not None
    assert text[place[0] : place[1]] == found


@pytest.mark.parametrize(("quote", "text"), [("", "abc"), ("  ", "abc"), ("gates", "the gate"), ("x", "")])
def test_a_quote_that_is_not_there_is_not_found(quote: str, text: str) -> None:
    assert locate(quote, text) is None


def test_locating_in_a_megabyte_takes_less_than_two_seconds() -> None:
    text = "Some words that fill a line.\n" * 35_000 + "the   very end"
    started = time.perf_counter()

    assert locate("the very end", text) is not None
    assert time.perf_counter() - started < 2


def test_ranking_prefers_rare_words_and_leaves_out_what_shares_none() -> None:
    passages = ["the tidal gate", "the gate of the town", "a gate and a fence", "bread"]

    ranked = rank("tidal gates", passages)

    assert [place for place, _ in ranked][0] == 0
    assert 3 not in [place for place, _ in ranked]
    assert rank("tidal gates", []) == ()


def test_headings_are_told_from_sentences_and_rows() -> None:
    text = "# Title\n\nA sentence is here.\n\nOperating results\n\nYear: 2003; Length: 4 km\n\n2.1 Costs\n\nWhy so?"

    assert headings(text) == ("Title", "Operating results", "2.1 Costs")
    assert not is_heading("It cost 5 million.")


def test_fusing_rankings_prefers_what_several_of_them_hold() -> None:
    fused = fuse(["a", "b", "c"], ["c", "d"], ["c", "b"])

    assert [key for key, _ in fused] == ["c", "b", "a", "d"]
    assert fuse([], []) == ()


def test_texts_that_say_nearly_the_same_are_one_and_numbers_keep_them_apart() -> None:
    long = "The keeper of the gate measured the water every morning at six and wrote it down in the book of the harbour"

    assert dedupe([long, long + "!", "Something else was said here today", long.replace("six", "six o'clock")]) == (
        0,
        0,
        2,
        3,
    )
    assert dedupe(["", ""]) == (0, 0)
    with pytest.raises(ValueError):
        cosine((1.0,), (1.0, 2.0))
