"""Question → sub-questions, queries, assumptions. Fixed from here on: no source can change it."""

from __future__ import annotations

from apps.library import queries as library
from apps.research.steps.contracts import Plan, PlanReply, SubQuestion
from apps.research.steps.prompting import ask
from apps.runtime.context import StepContext
from apps.runtime.workflow import Done


def run(context: StepContext) -> Done:
    """Plan within the caps of the run; more than they allow is cut, never done."""
    given = context.run_input
    # A planner whose queries go out to the web sees no document: none of their words can stand in a query. The gate
    # sends no other query out (policy/guardrails/containment.py).
    documents = [] if "web" in given["kinds"] else library.documents(versions=given["documents"])
    reply = ask(
        context, "plan",
        {
            "question": given["question"], "max_sub_questions": given["max_sub_questions"],
            "max_queries": given["max_queries"], "assumptions": given.get("assumptions", []),
            "documents": [
                {"ref": row.id, "title": row.title, "words": row.words, "headings": list(row.headings)}
                for row in documents[:200]
            ],
        },
        PlanReply,
    )  # fmt: skip
    plan = Plan(
        sub_questions=within(reply.sub_questions, given["max_sub_questions"], given["max_queries"]),
        assumptions=[*given.get("assumptions", []), *reply.assumptions], ambiguities=reply.ambiguities,
        kinds=given["kinds"],
    )  # fmt: skip
    return Done(plan, events=(("plan.made", {"sub_questions": len(plan.sub_questions)}),))


def within(asked: list[SubQuestion], most_sub_questions: int, most_queries: int) -> list[SubQuestion]:
    """Cut a plan to its caps: the first sub-questions, and the first queries of each in turn."""
    chosen = asked[:most_sub_questions]
    queries: list[list[str]] = [[] for _ in chosen]
    left = most_queries
    for round_ in range(max(len(sub.queries) for sub in chosen)):
        for index, sub in enumerate(chosen):
            if round_ < len(sub.queries) and left > 0:
                queries[index].append(sub.queries[round_][:300])
                left -= 1
    return [
        SubQuestion(text=sub.text, queries=own or sub.queries[:1])
        for sub, own in zip(chosen, queries, strict=True)
    ]  # fmt: skip
