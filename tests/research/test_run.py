"""A question over documents, through every layer, in this process."""

from __future__ import annotations

import json
from datetime import timedelta
from unittest import mock

from django.conf import settings

from apps.accounts import tenancy
from apps.billing import queries as billing
from apps.lib import clock
from apps.library.actions import documents as library
from apps.library.actions.documents import Upload
from apps.policy import queries as policy
from apps.policy.registry import switches
from apps.research.actions import runs
from apps.research.formats import record
from apps.research.queries import documents
from apps.runtime import actions as runtime
from apps.runtime import queries as runtime_queries
from apps.runtime import sweeper
from tests.conftest import Cast

DAM = b"""# The Harrow dam

The Harrow dam was opened on 4 May 1974 by the city of Marl. It holds 12.5 million cubic metres of water.
Its turbines produce 38 gigawatt-hours a year. The dam is 61 metres high.
"""
NEWS = b"""# Marl Courier, 2019

The Harrow dam, opened in 1974, holds 13.1 million cubic metres of water, the water board said on Monday.
"""
NOISE = b"# Minutes of the choir\n\nThe choir met on Tuesday and sang for two hours. The tenor was ill.\n"


def start(cast: Cast, question: str, **more: object) -> str:
    added, rejected = library.add(
        by=cast.alice,
        uploads=[Upload("dam.md", DAM), Upload("news.md", NEWS), Upload("choir.md", NOISE), Upload("empty.txt", b"")],
    )
    assert [r.code for r in rejected] == ["empty"]
    request = runs.Request(
        question=question, documents=tuple(a.version for a in added), approval_points=(), **more
    )  # fmt: skip
    run = runs.start(by=cast.alice, request=request)
    runtime.drive()
    return run


def test_a_question_becomes_a_report_in_which_every_sentence_is_cited(committed: Cast) -> None:
    with tenancy.in_workspace(committed.acme):
        run = start(committed, "When was the Harrow dam opened and how much water does it hold?")
        row = runtime_queries.run(run)
        assert row.state == "completed", [(t.key, t.state, t.error) for t in runtime_queries.tasks(run)]
        report = documents.load(run)
        value = record.as_json(report)
        texts = {s["number"]: s["text"] for s in value["sources"]}
        assert value["sentences"]
        for sentence in value["sentences"]:
            assert sentence["citations"], sentence
            for cited in sentence["citations"]:
                assert texts[cited["source"]][cited["start"] : cited["end"]] == cited["quote"]
        said = " ".join(s["text"] for s in value["sentences"])
        assert "1974" in said and "12.5" in said and "13.1" in said
        balance = billing.balance(committed.acme)
        assert balance.held == 0 and balance.available == settings.STARTING_CREDITS - report.credits
        assert report.credits == policy.used(run).credits > 0
        json.dumps(value)


def test_a_cancelled_run_asks_nobody_any_more_and_asks_again_when_it_is_resumed(committed: Cast) -> None:
    with tenancy.in_workspace(committed.acme):
        added, _ = library.add(by=committed.alice, uploads=[Upload("dam.md", DAM)])
        request = runs.Request(question="When was the Harrow dam opened?", documents=(added[0].version,))
        run = runs.start(by=committed.alice, request=request)
        runtime.drive()
        assert policy.pending_approval(run)
        runs.cancel(by=committed.alice, run=run)
        assert policy.pending_approval(run) is None
        assert billing.balance(committed.acme).held == 0
        runs.resume(by=committed.alice, run=run)
        runtime.drive()
        assert runtime_queries.run(run).state == "waiting_approval"
        for _ in range(2):
            runs.decide(by=committed.alice, run=run, verdict="accept")
            runtime.drive()
        assert runtime_queries.run(run).state == "completed"
        balance, used = billing.balance(committed.acme), policy.used(run).credits
        assert balance.held == 0
        assert balance.available == settings.STARTING_CREDITS - used


def test_rejecting_the_draft_charges_what_it_cost_and_releases_the_rest(committed: Cast) -> None:
    with tenancy.in_workspace(committed.acme):
        added, _ = library.add(by=committed.alice, uploads=[Upload("dam.md", DAM)])
        request = runs.Request(
            question="When was the Harrow dam opened?", documents=(added[0].version,), approval_points=("publish",)
        )
        run = runs.start(by=committed.alice, request=request)
        runtime.drive()
        runs.decide(by=committed.alice, run=run, verdict="reject", reason="not enough")
        runtime.drive()
        assert runtime_queries.run(run).state == "rejected"
        assert documents.load(run).state == "draft"
        used = policy.used(run).credits
        assert used > 0
        assert billing.balance(committed.acme).available == settings.STARTING_CREDITS - used


def test_asked_what_the_documents_do_not_answer_it_says_so(committed: Cast) -> None:
    with tenancy.in_workspace(committed.acme):
        run = start(committed, "What is the boiling point of ethanol?")
        report = documents.load(run)
        assert (report.state, report.answered, report.sentences) == ("published", False, ())
        assert report.gaps


def test_a_run_that_fails_before_it_found_anything_costs_nothing(committed: Cast) -> None:
    question = "When was the Harrow dam opened and how much water does it hold?"
    with tenancy.in_workspace(committed.acme):
        before = billing.balance(committed.acme)
        switches.disable(by=committed.alice, name="library_search")
        run = start(committed, question)
        for minute in range(1, 5):
            with mock.patch.object(clock, "now", return_value=clock.now() + timedelta(minutes=minute)):
                sweeper.sweep()
                runtime.drive()
        assert runtime_queries.run(run).state == "failed"
        assert policy.used(run).credits > 0
        assert billing.balance(committed.acme) == before
        assert [line.kind for line in billing.ledger(committed.acme, run=run)] == ["hold", "release"]
