"""The checker of sentences: what carries a sentence, what contradicts it, what follows by arithmetic."""

from __future__ import annotations

from pathlib import Path

import pytest
import yaml
from hypothesis import given, settings
from hypothesis import strategies as st

from apps.lib import text
from apps.memory.grounding import evaluation
from apps.memory.grounding.accuracy import BESIDE_PASSAGES
from apps.memory.grounding.evaluation import Example
from apps.memory.grounding.verdicts import GOOD, judge

SAMPLES = Path(__file__).parents[2] / "samples"
DAM = "The Harrow dam was opened on 4 May 1974. It holds 12.5 million cubic metres of water."
NEWS = "The Harrow dam, opened in 1974, holds 13.1 million cubic metres of water, it was said."


@pytest.mark.parametrize(
    ("sentence", "verdict", "reason"),
    [
        ("The Harrow dam was opened in May 1974.", "sourced", ""),
        ("The Harrow dam was opened in 1975.", "contradicted", "date"),
        ("The Harrow dam was opened on 5 May 1974.", "contradicted", "date"),
        ("The Harrow dam holds 12.6 million cubic metres of water.", "contradicted", "number"),
        ("The Harrow dam holds 12.5 million litres of water.", "contradicted", "unit"),
        ("The Harrow dam holds 12,500,000 cubic metres of water.", "sourced", ""),
        ("The Harrow dam was not opened in 1974.", "contradicted", "negation"),
        ("The Harrow dam was closed on 4 May 1974.", "contradicted", "opposite"),
        ("The dam at Marl was opened in 1974.", "unsupported", "name"),
        ("Two hundred people built the mills.", "unsupported", "words"),
    ],
)
def test_a_sentence_is_judged_by_what_it_cites(sentence: str, verdict: str, reason: str) -> None:
    judged = judge(sentence, [DAM])
    assert (judged.verdict, judged.reason) == (verdict, reason)


CALCULATED = [
    (
        "The two figures differ by 0.6 million cubic metres.", [DAM, NEWS],
        "13.1 million cubic metres − 12.5 million cubic metres = 0.6 million cubic metres",
    ),
    (
        "Emissions fell by 20 % between 2010 and 2015.",
        ["In 2010 emissions were 100 t.", "In 2015: 80 t of emissions."], "(80 t − 100 t) ÷ 100 t = 20 %",
    ),
    (
        "The lighthouse became automatic 81 years after it was lit.",
        ["The lighthouse was lit in 1898 and became automatic in 1979."], "1979 − 1898 = 81 years",
    ),
    (
        "On average a metre of quay costs 0.31 million crowns.",
        ["The quay of 110 metres costs 34 million crowns."], "34 million crowns ÷ 110 metres = 0.31 million crowns",
    ),
]  # fmt: skip


@pytest.mark.parametrize(("sentence", "quotes", "working"), CALCULATED)
def test_a_figure_that_follows_is_calculated_and_its_arithmetic_shown(
    sentence: str, quotes: list[str], working: str
) -> None:
    judged = judge(sentence, quotes)
    assert (judged.verdict, judged.working) == ("calculated", working)


def test_a_figure_that_follows_from_nothing_is_not_calculated() -> None:
    assert judge("The two figures differ by 0.7 million cubic metres.", [DAM, NEWS]).verdict != "calculated"
    # It would be the difference of two figures, but the sentence does not say so.
    assert judge("The Harrow dam holds 0.6 million cubic metres.", [DAM, NEWS]).verdict == "contradicted"


@given(st.text(max_size=300), st.lists(st.text(max_size=300), max_size=4))
@settings(max_examples=150, deadline=None)
def test_any_text_gets_a_verdict(sentence: str, quotes: list[str]) -> None:
    judged = judge(sentence, quotes)
    assert judged.verdict in evaluation.VERDICTS and 0.0 <= judged.support <= 1.0
    assert (judged.verdict == "calculated") == bool(judged.working)


def test_no_sentence_of_the_sample_library_is_doubted_beside_itself() -> None:
    for path in sorted((SAMPLES / "library").glob("*.md")):
        body = path.read_text()
        for span in text.sentences(body):
            said = body[span.start : span.end]
            assert not text.words(said) or judge(said, [body]).verdict == "sourced", said


def test_sentences_made_false_in_one_place_are_caught_as_often_as_the_report_says() -> None:
    body = "\n\n".join(path.read_text() for path in sorted((SAMPLES / "sources").glob("*.md")))
    spans = [body[s.start : s.end] for s in text.sentences(body)]
    caught = evaluation.mutate([Example(said, (said,), "", True, "") for said in spans], seed=7, page=True)
    shown = BESIDE_PASSAGES
    told = {"number": shown.figures, "name": shown.names, "negation": shown.denials, "unit": shown.units}
    for kind, percent in told.items():
        assert caught[kind].tried >= 20, kind
        assert 100 * caught[kind].caught // caught[kind].tried == percent, (kind, caught[kind])
        assert caught[kind].flagged == shown.false_alarms == 0, kind


def test_on_our_own_claims_the_checker_is_as_good_as_the_docs_say() -> None:
    rows = yaml.safe_load((SAMPLES / "evidence" / "claims.yaml").read_text())
    examples = [example for row in rows for example in evaluation.own(row)]
    verdicts = [judge(e.claim, list(e.sentences), title=e.title).verdict for e in examples]
    precision, recall = evaluation.precision_recall([v in GOOD for v in verdicts], [e.supported for e in examples])
    assert precision >= 0.9 and recall >= 0.9, (precision, recall)
    doubted = [v for v, e in zip(verdicts, examples, strict=True) if e.set == "contradicted" and v not in GOOD]
    assert len(doubted) >= 0.85 * sum(e.set == "contradicted" for e in examples)
