"""Cleaning and cutting text."""

from __future__ import annotations

import time

import pytest

from apps.lib.text import clean, clean_json, guess_language, sentences, stem, tokens, words


def cut(text: str) -> list[str]:
    return [text[s.start : s.end] for s in sentences(text)]


def test_clean_text_can_be_stored_in_postgres() -> None:
    dirty = "a\x00b\ud800c\x1bd\r\ne\x0cf\u2028g\ufeff e\u0301\ttab"

    assert clean(dirty) == "abcd\ne\nf\ng \u00e9\ttab"
    assert clean(clean(dirty)) == clean(dirty)
    clean(dirty).encode("utf-8")


def test_clean_json_reaches_keys_and_depths() -> None:
    assert clean_json({"a\x00": [("b\x00", 1, None)], "c": {"d": "\udfff"}}) == {"a": [["b", 1, None]], "c": {"d": ""}}


def test_a_letter_with_a_hundred_thousand_accents_costs_no_time() -> None:
    started = time.perf_counter()

    assert len(clean("a" + "\u0301\u0323" * 100_000)) < 100
    assert time.perf_counter() - started < 2


@pytest.mark.parametrize(
    "parted",  # the sentences with "||" between them
    [
        "Dr. Aas of the U.S. Navy came at 5 p.m. on Jan. 5.||He left.",
        "It cost $3.5 million, i.e. too much.||See Fig. 3 and No. 5.",
        "The answer is no.||The vote is over.",
        "It was 1990.||The end came.",
        "George W. Bush met plan B.||Then more.",
        '"Really?" he asked.||Yahoo! is a firm.',
        "Use v2.11.0.||Visit http://a.b/c.html.||Fine.",
        "The town.[12]||It grew.",
        "これは文です。||次の文です！",
        "هل هذا صحيح؟||نعم.",
        "Am 3. Mai 1990 kam er an.||Das 19. Jahrhundert war lang.",
        "## Costs||\nThe gate cost\n4 million.||\n- one||\n- two",
        "Year: 2003; Length: 4 km||\nYear: 2004; Length: 5 km",
    ],
)
def test_sentences_end_where_a_reader_would_end_them(parted: str) -> None:
    text = " ".join(parted.split("||")).replace(" \n", "\n")

    assert cut(text) == [part.strip() for part in parted.split("||")]


@pytest.mark.parametrize(
    "text", ["", "   ", "no end", "a. " * 1000, "x\n" * 1000, "ab " * 5000, "。" * 100, "..." * 500]
)
def test_sentences_cover_all_that_is_not_white_space_and_never_overlap(text: str) -> None:
    spans = sentences(text)

    assert all(a.end <= b.start for a, b in zip(spans, spans[1:], strict=False))
    assert "".join("".join(text[s.start : s.end].split()) for s in spans) == "".join(text.split())
    assert all(s.end - s.start <= 1_000 for s in spans)


def test_words_of_one_family_share_a_stem() -> None:
    for family in (
        "operate operated operating operation operations",
        "supply supplies supplied",
        "city cities",
        "used using",
    ):
        assert len({stem(word) for word in family.split()}) == 1
    assert stem("station") != stem("state")


def test_words_are_folded_and_stop_words_depend_on_the_language() -> None:
    assert words("Zürich's CO2: 3,500 km, Z_FINISH") == ["zurich", "co2", "3500", "km", "z_finish"]
    assert guess_language("Wie lang ist das Netz?") == "de"
    assert tokens("Wie lang ist das Netz?") == ["lang", "netz"]
    assert words("東京タワー") == ["東京", "京タ", "タワ", "ワー"]
