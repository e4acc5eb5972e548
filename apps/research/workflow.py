"""The steps of research and their order, on one screen."""

from __future__ import annotations

from dataclasses import replace

from apps.research.steps import (
    answer,
    approve,
    collect,
    contracts,
    index,
    plan,
    proof,
    publish,
    recheck,
    search,
    select,
    settlement,
    summarize,
    synthesize,
    verify,
)
from apps.runtime.workflow import Step, Workflow

# A run keeps the version it began with: a changed order of steps is a new Workflow beside this one.
RESEARCH = Workflow(
    name="research",
    version="2",
    ended=settlement.settle,
    steps=(
        Step("plan", "planner_retriever", plan.run, contracts.Plan),
        Step("accept", "governor", approve.accept, contracts.Accepted, needs=("plan",)),
        Step(
            "search",
            "planner_retriever",
            search.run,
            contracts.Searched,
            needs=("accept",),
            adds_after="accept",
            optional=True,
        ),
        Step("select", "planner_retriever", select.run, contracts.Selected, needs=("search",)),
        Step("collect", "evidence_scraper", collect.run, contracts.Collected, needs=("select",), adds_after="select"),
        Step("summarize", "analyst", summarize.run, contracts.Summary, needs=("collect",), adds_after="accept"),
        Step("synthesize", "analyst", synthesize.run, contracts.Draft, needs=("summarize", "collect")),
        Step("verify", "governor", verify.run, contracts.Verified, needs=("synthesize",)),
        Step("approve", "governor", approve.publish, contracts.Accepted, needs=("verify",)),
        Step("index", "memory", index.run, contracts.Indexed, needs=("approve", "synthesize")),
        Step("publish", "publisher", publish.run, contracts.Published, needs=("index", "verify")),
    ),
)

# Runs that began before publishing was a call of document_write were lent nothing for it: they end as they began.
RESEARCH_1 = replace(
    RESEARCH, version="1", steps=(*RESEARCH.steps[:-1], replace(RESEARCH.steps[-1], run=publish.run_without_document))
)

# A question about a finished report: one step, from what its run has read.
FOLLOW_UP = Workflow(
    name="follow_up",
    version="1",
    ended=settlement.settle_follow_up,
    steps=(Step("answer", "analyst", answer.run, contracts.Answer),),
)

# The proof bundle of a published report.
PROOF = Workflow(name="proof", version="1", steps=(Step("bundle", "publisher", proof.run, contracts.Proved),))

# The sources of a finished run, collected once more: whether anything is new is for whoever asked to say.
RECHECK = Workflow(
    name="recheck",
    version="1",
    ended=settlement.settle_recheck,
    steps=(
        Step("again", "evidence_scraper", recheck.again, contracts.Selected),
        Step("collect", "evidence_scraper", collect.run, contracts.Collected, needs=("again",), adds_after="again"),
        Step("count", "evidence_scraper", recheck.count, contracts.Rechecked, needs=("collect",)),
    ),
)
