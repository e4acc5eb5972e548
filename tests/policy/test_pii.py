"""Personal details: numbers by their check digits, addresses by their form; blacked out without moving anything."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from apps.policy.guardrails import digits, outside, personal, texts
from apps.policy.guardrails.findings import Span

FOUND = [
    ("Write to jane.doe+dam@mail.example.org.", "email", "jane.doe+dam@mail.example.org"),
    ("Card 4111 1111 1111 1111, thanks", "card", "4111 1111 1111 1111"),
    ("Amex 378282246310005", "card", "378282246310005"),
    ("IBAN GB82 WEST 1234 5698 7654 32.", "iban", "GB82 WEST 1234 5698 7654 32"),
    ("DE89370400440532013000 is ours", "iban", "DE89370400440532013000"),
    ("SSN 219-09-9999", "us_social_security", "219-09-9999"),
    ("Steuer-ID 86 095 742 719", "german_tax", "86 095 742 719"),
    ("NIR 1 85 05 78 006 084 91", "french_insurance", "1 85 05 78 006 084 91"),
    ("DNI 12345678Z", "spanish_id", "12345678Z"),
    ("CF RSSMRA85T10A562S", "italian_tax", "RSSMRA85T10A562S"),
    ("BSN 111222333", "dutch_bsn", "111222333"),
    ("PESEL 44051401359", "polish_pesel", "44051401359"),
    ("NI number QQ 12 34 56 C is an example; AB 12 34 56 C is not", "british_insurance", "AB 12 34 56 C"),
    ("NHS 943 476 5919", "british_health", "943 476 5919"),
    ("CPF 529.982.247-25", "brazilian_cpf", "529.982.247-25"),
    ("Aadhaar 2341 2341 2346", "indian_aadhaar", "2341 2341 2346"),
    ("Call +49 (0)30 1234 5678 today", "telephone", "+49 (0)30 1234 5678"),
    ("Ring 07700 900 123.", "telephone", "07700 900 123"),
    ("(206) 555-2174 is the desk", "telephone", "(206) 555-2174"),
]
NOT_FOUND = [
    "Card 4111 1111 1111 1112", "IBAN GB82 WEST 1234 5698 7654 33", "BSN 111222334", "On 06/27/2013 and 01.02.2013",
    "It holds 12,500,000 cubic metres (12.5 million) since 1974-05-04.", "In 2019, 2020 and 2021: 1200, 1300, 1400",
    "ISBN 978-3-16-148410-0", "Version 10.20.30 build 20240105123456", "The ratio is 0.123456789012345",
    "DNI 12345678A", "111222333 tonnes", "44051401359 bytes", "0 0 0 0 0 0", "a@b", "@handle and x@y",
]  # fmt: skip


@pytest.mark.parametrize(("text", "kind", "what"), FOUND)
def test_a_detail_is_found_where_it_stands(text: str, kind: str, what: str) -> None:
    assert (kind, what) in [(span.kind, text[span.start : span.end]) for span in personal.found(text)]


@pytest.mark.parametrize("text", NOT_FOUND)
def test_figures_of_reports_are_no_details(text: str) -> None:
    assert [text[span.start : span.end] for span in personal.found(text)] == []


@settings(max_examples=200, deadline=None)
@given(st.integers(10**14, 10**15 - 1))
def test_one_wrong_digit_is_no_card(number: int) -> None:
    whole = next(f"{number}{last}" for last in range(10) if digits.luhn(f"{number}{last}"))
    assert digits.luhn(whole)
    for place in range(len(whole)):
        wrong = whole[:place] + str((int(whole[place]) + 1) % 10) + whole[place + 1 :]
        assert not digits.luhn(wrong)


@settings(max_examples=300, deadline=None)
@given(st.lists(st.one_of(st.text(max_size=30), st.sampled_from([what for _t, _k, what in FOUND])), max_size=8))
def test_blacking_out_moves_nothing_and_leaves_nothing(parts: list[str]) -> None:
    text = " | ".join(parts)
    spans = personal.found(text)
    black = texts.redacted(text, spans)
    assert len(black) == len(text)
    kept = [True] * len(text)
    for span in spans:
        assert 0 <= span.start < span.end <= len(text)
        kept[span.start : span.end] = [False] * (span.end - span.start)
        assert set(black[span.start : span.end]) == {texts.INK}
    # A span of a source that touches no detail quotes the same words before and after.
    assert all(black[place] == text[place] for place in range(len(text)) if kept[place])
    assert all(one.end <= two.start for one, two in zip(spans, spans[1:], strict=False))


def test_redaction_reaches_every_text_of_a_value_and_nothing_else() -> None:
    value = {"a": ["x", 1, None, {"b": "y", "x": True}], "x": "x"}
    assert texts.replaced(value, {("a", 0): "1", ("a", 3, "b"): "2"}) == {
        "a": ["1", 1, None, {"b": "2", "x": True}], "x": "x"
    }  # fmt: skip
    assert dict(texts.walk(value)) == {("a", 0): "x", ("a", 3, "b"): "y", ("x",): "x"}


def test_without_presidio_ours_stand_alone(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(outside, "_analyzer", lambda: None)
    personal.found.cache_clear()
    assert not outside.is_there()
    assert outside.found("jane@example.org") == []
    assert [span.kind for span in personal.found("jane@example.org")] == ["email"]


def test_what_presidio_adds_never_overlaps_what_we_found(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(outside, "found", lambda text: [Span(0, 4, "email"), Span(20, 28, "crypto_wallet")])
    personal.found.cache_clear()
    found = personal.found("jane@example.org or abcdefgh")
    personal.found.cache_clear()
    assert [(span.start, span.end, span.kind) for span in found] == [(0, 16, "email"), (20, 28, "crypto_wallet")]
