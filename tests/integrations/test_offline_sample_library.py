"""The offline engine on the sample library: six questions it must answer, two it must not."""

from __future__ import annotations

import json
from functools import cache
from pathlib import Path
from typing import Any

import pytest

from apps.integrations.contracts.llm import CompletionRequest
from apps.integrations.offline.llm import OfflineCompleter
from apps.library.extraction.text import Extracted, extract
from apps.library.rules import rank, split

SAMPLES = Path(__file__).resolve().parents[2] / "samples"
QUESTIONS = json.loads((SAMPLES / "questions.json").read_text(encoding="utf-8"))


@cache
def library() -> dict[str, Extracted]:
    files = sorted((SAMPLES / "library").iterdir())
    return {file.name: extract(file.read_bytes(), name=file.name) for file in files}


def ask(task: str, **given: Any) -> dict[str, Any]:
    return OfflineCompleter().complete(CompletionRequest(task, "", given, {}, "")).data


def find_passages(query: str, *, limit: int = 50) -> list[dict[str, Any]]:
    found = [
        {"source": name, "title": read.title, "published": read.published_date, "text": read.text[start:end]}
        for name, read in library().items()
        for start, end in split(read.text)
    ]
    best = [found[i] for i, _ in rank(query, [f"{p['title']} {p['text']}" for p in found])[:limit]]
    return [{"id": f"p{number}", **passage} for number, passage in enumerate(best)]


def research(question: str) -> tuple[list[dict[str, Any]], dict[str, Any]]:
    """Plan, summarize and synthesize; return the sections with their sources, and the report."""
    plan = ask("plan", question=question, documents=[], max_sub_questions=6, max_queries=12)
    sections = []
    for part in plan["sub_questions"]:
        passages = {p["id"]: p for p in find_passages(part["text"])}
        reply = ask(
            "summarize",
            question=question,
            sub_question=part["text"],
            passages=list(passages.values()),
            max_sentences=6,
        )
        sentences = []
        for sentence in reply["sentences"]:
            cited = [passages[citation["passage"]] for citation in sentence["citations"]]
            assert all(c["quote"] in passages[c["passage"]]["text"] for c in sentence["citations"])
            sentences.append(
                {
                    "id": f"c{len(sections)}.{len(sentences)}",
                    "text": sentence["text"],
                    "sources": sorted({p["source"] for p in cited}),
                    "published": [p["published"] for p in cited],
                }
            )
        sections.append({"sub_question": part["text"], "sentences": sentences})
    return sections, ask("synthesize", question=question, sections=sections)


@pytest.mark.parametrize("expected", QUESTIONS, ids=lambda e: e["question"][:40])
def test_a_question_on_the_sample_library_gets_its_facts_or_none(expected: dict[str, Any]) -> None:
    sections, report = research(expected["question"])
    said = " ".join(s["text"] for section in report["sections"] for s in section["sentences"])
    sources = {name for section in sections for s in section["sentences"] for name in s["sources"]}

    assert bool(said) is expected["answered"], said
    assert all(fact in said for fact in expected["facts"]), said
    assert set(expected["documents"]) <= sources
    positions = [" ".join(p["text"] for p in d["positions"]) for d in report["disagreements"]]
    assert len(positions) == bool(expected["disagreement"]), positions
    assert all(value in positions[0] for value in expected["disagreement"])


def test_the_same_question_gets_the_same_bytes() -> None:
    question = QUESTIONS[2]["question"]

    assert json.dumps(research(question)) == json.dumps(research(question))


def test_the_summary_is_made_of_sentences_of_the_sections_and_names_their_ids() -> None:
    sections, report = research(QUESTIONS[4]["question"])
    known = {s["id"]: s["text"] for section in sections for s in section["sentences"]}

    assert 2 <= len(report["summary"]) <= 4
    assert all(known[i] == s["text"] for s in report["summary"] for i in s["from"])


def test_every_document_of_the_sample_library_is_read_without_a_warning() -> None:
    assert {name: read.warnings for name, read in library().items() if read.warnings} == {}
    assert {read.kind for read in library().values()} == {"pdf", "html", "markdown", "text", "csv", "docx"}
