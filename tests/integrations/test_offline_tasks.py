"""The offline engine, task by task: plan, summarize, synthesize, and the embedder."""

from __future__ import annotations

import doctest
import json
import math
import subprocess
import sys
import time
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest

from apps.integrations.contracts.embed import DIMENSIONS, EmbeddingRequest
from apps.integrations.contracts.llm import CompletionReply, CompletionRequest
from apps.integrations.contracts.outcomes import Unusable
from apps.integrations.offline import planning, questions, synthesis
from apps.integrations.offline.embed import OfflineEmbedder
from apps.integrations.offline.llm import OfflineCompleter
from apps.lib import figures

ROOT = Path(__file__).resolve().parents[2]


def complete(task: str, **given: Any) -> CompletionReply:
    return OfflineCompleter().complete(CompletionRequest(task, "Do it.", given, {}, "footnote-extract-1"))


def parts(question: str, **more: Any) -> list[str]:
    given = {"question": question, "documents": [], "max_sub_questions": 5, "max_queries": 12, **more}
    return [part["text"] for part in complete("plan", **given).data["sub_questions"]]


def passage(number: int, text: str, *, title: str = "", published: str | None = None) -> dict[str, Any]:
    return {"id": f"p{number}", "source": f"s{number}", "title": title, "published": published, "text": text}


def summarize(question: str, *texts: str, most: int = 6, title: str = "") -> dict[str, Any]:
    passages = [passage(number, text, title=title) for number, text in enumerate(texts, 1)]
    return complete("summarize", question=question, sub_question=question, passages=passages, max_sentences=most).data


def said(reply: dict[str, Any]) -> list[str]:
    return [sentence["text"] for sentence in reply["sentences"]]


# --- plan


@pytest.mark.parametrize(
    ("question", "expected"),
    [
        ("When was the Ost Gate built?", ["When was the Ost Gate built?"]),
        (
            "When was the Ost Gate built, and who paid for it?",
            ["When was the Ost Gate built?", "Who paid for the Ost Gate?"],
        ),
        ("What are the causes and effects of the delay?", ["Causes of the delay", "Effects of the delay"]),
        ("Compare Rust and Go in terms of speed and safety", ["Speed of Rust and Go", "Safety of Rust and Go"]),
        ("Why and when did the bridge collapse?", ["Why and when did the bridge collapse?"]),
        ("How do costs in Norway compare with Sweden?", ["Costs in Norway", "Costs in Sweden"]),
        ("A tram is planned. What would it cost? How long is it?", ["What would it cost?", "How long is it?"]),
        ("Wann wurde das Netz eröffnet und wie lang ist es?", ["Wann wurde das Netz eröffnet?", "Wie lang ist es?"]),
        ("東京タワーの高さは？いつ建てられましたか？", ["東京タワーの高さは？", "いつ建てられましたか？"]),
        ("Summarize the findings on sleep and memory", ["Summarize the findings on sleep and memory"]),
    ],
)
def test_a_question_is_cut_into_its_real_parts_and_no_others(question: str, expected: list[str]) -> None:
    assert parts(question) == expected


def test_every_part_has_queries_of_key_words_within_the_limit() -> None:
    plan = complete(
        "plan",
        question="What did the North Loop cost, and when was the Sandvik heat pump opened?",
        documents=[{"ref": "a", "title": "The North Loop", "words": 10, "headings": ["Costs"]}],
        max_sub_questions=5,
        max_queries=3,
    ).data
    queries = [part["queries"] for part in plan["sub_questions"]]

    assert queries[0][0] == "North Loop cost"
    assert all(queries)
    assert sum(map(len, queries)) <= 3
    assert all(1 <= len(query.split()) <= 6 for asked in queries for query in asked)
    assert plan["assumptions"] == ["Only the one document at hand is read."]


def test_parts_beyond_the_limit_are_named_as_left_out() -> None:
    plan = complete("plan", question="Who built it? Who paid? Who left?", documents=[], max_sub_questions=2).data

    assert len(plan["sub_questions"]) == 2
    assert "Who left?" in plan["assumptions"][-1]


def test_a_vague_word_is_named_as_an_ambiguity() -> None:
    plan = complete("plan", question="What is the best pump currently?", documents=[], max_sub_questions=2).data

    assert [sentence.split("”")[0] for sentence in plan["ambiguities"]] == ["“currently", "“best"]


# --- summarize


def test_the_sentence_that_answers_is_quoted_exactly_and_read_on_one_line() -> None:
    text = "The harbour is old.\n\n- The Ost Gate was\n  opened on 3 May 1998 by the mayor.\n- It rains often."

    reply = summarize("When was the Ost Gate opened?", text)

    assert reply["answered"] is True
    assert said(reply) == ["The Ost Gate was opened on 3 May 1998 by the mayor."]
    assert reply["sentences"][0]["citations"] == [
        {"passage": "p1", "quote": "The Ost Gate was\n  opened on 3 May 1998 by the mayor."}
    ]


@pytest.mark.parametrize(
    "question",
    [
        "How many employees does the Ost Gate have?",
        "What is the annual rainfall at the Ost Gate?",
        "Who invented the telephone?",
        "Which bank financed the West Gate?",
        "Why was the museum closed?",
        "Wie hoch ist der Eiffelturm?",
        "",
    ],
)
def test_what_the_passages_do_not_answer_is_not_answered(question: str) -> None:
    texts = (
        "The Ost Gate was opened on 3 May 1998 by the mayor. It is 40 metres wide and keeps the sea out.",
        "The Ost Gate cost 41 million crowns. The council had approved 38 million in 1995.",
    )

    assert summarize(question, *texts) == {"sentences": [], "answered": False}


def test_no_passages_no_answer() -> None:
    assert summarize("When was the Ost Gate opened?") == {"sentences": [], "answered": False}


def test_the_same_statement_in_two_sources_is_one_sentence_with_two_citations() -> None:
    reply = summarize(
        "When was the Ost Gate opened?",
        "The Ost Gate was opened on 3 May 1998. Ships wait.",
        "On 3 May 1998 the Ost Gate was opened.",
    )

    assert len(reply["sentences"]) == 1
    assert {c["passage"] for c in reply["sentences"][0]["citations"]} == {"p1", "p2"}


def test_sources_that_disagree_are_both_shown_and_not_merged() -> None:
    reply = summarize(
        "What did the Ost Gate cost?", "The Ost Gate cost 41 million crowns.", "The Ost Gate cost 47 million crowns."
    )

    assert said(reply) == ["The Ost Gate cost 41 million crowns.", "The Ost Gate cost 47 million crowns."]
    assert [len(s["citations"]) for s in reply["sentences"]] == [1, 1]


def test_a_sentence_that_leans_on_the_one_before_brings_it_along() -> None:
    reply = summarize(
        "What did the Ost Gate cost?", "The Ost Gate keeps out the sea. It cost 41 million crowns to build."
    )

    assert said(reply)[0] == "The Ost Gate keeps out the sea. It cost 41 million crowns to build."


def test_headings_menus_questions_and_code_are_not_picked() -> None:
    text = (
        "## The Ost Gate cost\n\nWhat did the Ost Gate cost?\n\n"
        "Ost Gate cost | Home | Subscribe to the Ost Gate cost newsletter\n\n"
        "    cost = ost_gate()\n\nThe Ost Gate cost 41 million crowns."
    )

    assert said(summarize("What did the Ost Gate cost?", text)) == ["The Ost Gate cost 41 million crowns."]


def test_a_row_of_a_table_can_be_the_answer() -> None:
    text = "\n".join(
        f"Year: {year}; Price (oere per kWh): {price}" for year, price in ((2021, 74), (2022, 91), (2024, 83))
    )

    reply = summarize("What was the price of a kilowatt-hour in 2022?", text, title="Tariffs")

    assert said(reply)[0] == "Year: 2022; Price (oere per kWh): 91"


def test_no_more_sentences_than_allowed() -> None:
    texts = [
        f"The Ost Gate was repaired in {1990 + n} by the firm of {name}."
        for n, name in enumerate(["Aas", "Berg", "Lie", "Moe"])
    ]

    assert len(said(summarize("When was the Ost Gate repaired?", *texts, most=2))) == 2


def test_three_hundred_passages_take_less_than_a_second_and_a_half() -> None:
    filler = "The keeper of gate {n} measured {n} metres of water and wrote it down in the book of year {n}. " * 7
    passages = [passage(n, filler.format(n=n), title=f"Log {n}") for n in range(300)]
    started = time.perf_counter()

    complete(
        "summarize",
        question="",
        sub_question="How much water was measured at gate 17?",
        passages=passages,
        max_sentences=5,
    )

    assert time.perf_counter() - started < 1.5


# --- synthesize


def sentence(number: int, text: str, *, source: str | None = None, published: str | None = None) -> dict[str, Any]:
    return {"id": f"c{number}", "text": text, "sources": [source or f"s{number}"], "published": [published]}


def synthesize(question: str, *sections: tuple[str, list[dict[str, Any]]]) -> dict[str, Any]:
    given = [{"sub_question": heading, "sentences": sentences} for heading, sentences in sections]
    return complete("synthesize", question=question, sections=given).data


def test_a_disagreement_is_told_once_with_the_newest_source_first() -> None:
    report = synthesize(
        "What did the gate cost?",
        (
            "What did the gate cost?",
            [
                sentence(1, "The Ost Gate cost 41 million crowns.", published="2016-10-28"),
                sentence(2, "In total the Ost Gate cost 47 million crowns.", published="2018-09-05"),
                sentence(3, "The keeper lives next to it.", published="2019-01-01"),
            ],
        ),
    )

    assert [d["about"] for d in report["disagreements"]] == ["Ost Gate cost: 41 million crowns or 47 million crowns"]
    assert [p["from"] for p in report["disagreements"][0]["positions"]] == [["c2"], ["c1"]]
    assert {i for s in report["summary"] for i in s["from"]} >= {"c1", "c2"}


def test_one_source_does_not_disagree_with_itself() -> None:
    pair = [
        sentence(1, "The gate cost 41 million crowns.", source="s"),
        sentence(2, "The gate cost 47 million crowns.", source="s"),
    ]

    assert synthesize("What did it cost?", ("Cost", pair))["disagreements"] == []


def test_sections_keep_their_order_dates_run_forward_and_nothing_is_said_twice() -> None:
    dated = [
        sentence(1, "In 2016 the loop was opened by the mayor."),
        sentence(2, "In 1982 the first plant was opened."),
        sentence(3, "In 1991 the second plant followed."),
        sentence(4, "In 1982 the first plant was opened."),
    ]

    report = synthesize("What happened?", ("History", dated), ("Costs", []))

    assert [section["heading"] for section in report["sections"]] == ["History", "Costs"]
    assert [s["from"] for s in report["sections"][0]["sentences"]] == [["c2", "c4"], ["c3"], ["c1"]]
    assert report["sections"][1]["sentences"] == []


def test_a_report_of_nothing_is_an_empty_report() -> None:
    assert synthesize("What happened at the gate?", ("History", [])) == {
        "title": "What happened at the gate?",
        "summary": [],
        "sections": [{"heading": "History", "sentences": []}],
        "disagreements": [],
    }


# --- the adapter


@pytest.mark.parametrize("module", [figures, planning, questions, synthesis])
def test_the_examples_in_the_docstrings_hold(module: ModuleType) -> None:
    assert doctest.testmod(module).failed == 0


def test_an_unknown_task_and_a_broken_input_are_unusable() -> None:
    with pytest.raises(Unusable):
        complete("translate", text="x")
    with pytest.raises(Unusable):
        complete("summarize", question="q", sub_question="q", passages=[{"no": "id"}], max_sentences=3)


def test_dirty_input_comes_back_clean_and_tokens_are_counted() -> None:
    reply = complete(
        "plan", question="What did the gate\x00 cost\ud800?", documents=[], max_sub_questions=3, max_queries=3
    )

    assert reply.data["sub_questions"][0]["text"] == "What did the gate cost?"
    assert reply.input_tokens > 5
    assert reply.output_tokens > 5
    json.dumps(reply.data).encode("utf-8")


def test_vectors_are_of_length_one_alike_in_every_interpreter_and_near_for_near_texts() -> None:
    texts = ("The tidal gate closed at noon.", "Tidal gates close at noon", "Bread is baked at night.", "", "海の門")
    reply = OfflineEmbedder().embed(EmbeddingRequest(texts=texts, model=""))
    code = (
        "from apps.integrations.offline.embed import OfflineEmbedder as E\n"
        "from apps.integrations.contracts.embed import EmbeddingRequest as R\n"
        "print(repr(E().embed(R(texts=['The tidal gate closed at noon.'], model='')).vectors[0]))"
    )
    other = subprocess.run(
        [sys.executable, "-c", code], cwd=ROOT, env={"PYTHONHASHSEED": "7"}, capture_output=True, text=True, check=True
    )

    assert all(len(v) == DIMENSIONS and math.isclose(sum(x * x for x in v), 1.0, abs_tol=1e-4) for v in reply.vectors)
    assert other.stdout.strip() == repr(reply.vectors[0])
    near, far = (sum(a * b for a, b in zip(reply.vectors[0], v, strict=True)) for v in reply.vectors[1:3])
    assert near > 0.5 > 0.2 > far


# --- what readers of unseen documents found


@pytest.mark.parametrize(
    ("question", "texts", "first"),
    [
        (
            "How long is leave for the other parent?",
            ("Birth parents have leave of 26 weeks. Other parents have leave of 12 weeks.",),
            "Other parents have leave of 12 weeks.",
        ),
        (
            "When do I need a doctor's certificate?",
            ("A doctor's certificate is required from the fourth calendar day.",),
            "A doctor's certificate is required from the fourth calendar day.",
        ),
        (
            "Was hat der Solarpark gekostet?",
            ("Der Solarpark liegt bei Weida. Die Baukosten des Solarparks betrugen 14,2 Millionen Euro.",),
            "Die Baukosten des Solarparks betrugen 14,2 Millionen Euro.",
        ),
        (
            "When will the office move take place?",
            ("Tom to sign the lease by 31 January.", "The office move is postponed to 15 August 2025."),
            "The office move is postponed to 15 August 2025.",
        ),
    ],
)
def test_the_sentence_that_answers_comes_first(question: str, texts: tuple[str, ...], first: str) -> None:
    assert said(summarize(question, *texts))[:1] == [first]


@pytest.mark.parametrize(
    ("question", "text"),
    [
        ("What was the effect of alcohol on sleep?", "The effect was carried by slow-wave sleep. Naps are short."),
        ("How much will the website relaunch cost?", "The website relaunch is promised for 5 May. It is late."),
        ("¿Cuántos aparcamientos tiene el mercado?", "El mercado tiene 64 puestos. El mercado cierra los lunes."),
    ],
)
def test_what_the_text_does_not_say_is_not_answered(question: str, text: str) -> None:
    assert said(summarize(question, text)) == []
