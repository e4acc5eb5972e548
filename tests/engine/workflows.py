"""Scripted workflows: small, with every shape the engine knows."""

from __future__ import annotations

from datetime import timedelta

from pydantic import BaseModel

from apps.lib import ids
from apps.runtime import actions, workflow
from apps.runtime.context import StepContext
from apps.runtime.workflow import Addition, Done, Step, Stop, Waiting, Workflow


class Number(BaseModel):
    value: int


def first(context: StepContext) -> Done:
    return Done(Number(value=1), add=tuple(Addition("part", {"n": n}) for n in range(3)))


def part(context: StepContext) -> Done:
    return Done(Number(value=context.input["n"]))


def total(context: StepContext) -> Done:
    return Done(Number(value=sum(p.value for p in context.inputs["part"])))


def last(context: StepContext) -> Done:
    return Done(Number(value=context.one("total").value + 1))


FAN = workflow.register(
    Workflow(
        "fan", "1",
        (
            Step("first", "planner_retriever", first, Number),
            Step("part", "evidence_scraper", part, Number, needs=("first",), adds_after="first"),
            Step("total", "analyst", total, Number, needs=("part",)),
            Step("last", "publisher", last, Number, needs=("total",)),
        ),
    )
)  # fmt: skip


def admit(name: str, *, person: int, version: str = "", **given: object) -> str:
    """Admit a run in the current workspace and return its id."""
    run = ids.new("run")
    actions.admit(by=person, run=run, name=name, version=version, input=given)
    return run


def failing(context: StepContext) -> Done:
    raise RuntimeError("optional trouble")


class Script:
    """What the scripted step does next, by run."""

    plans: dict[str, list[str]] = {}
    asked = 0


def scripted(context: StepContext) -> Done | Waiting | Stop:
    plan = Script.plans[context.run]
    act = plan.pop(0) if plan else "done"
    if act == "raise":
        raise RuntimeError("scripted trouble")
    if act == "wait":
        return Waiting(context.now() + timedelta(days=7), {"point": "test"})
    if act == "stop":
        return Stop("rejected", {"reason": "scripted"})
    if act == "wrong":
        return Done(Other(text="not a number"))
    return Done(Number(value=len(plan)))


class Other(BaseModel):
    text: str


SCRIPTED = workflow.register(
    Workflow(
        "scripted", "1",
        (
            Step("before", "analyst", lambda context: Done(Number(value=1)), Number),
            Step("act", "analyst", scripted, Number, needs=("before",), retry_backoff_seconds=0.01),
            Step("maybe", "analyst", failing, Number, needs=("before",), optional=True, max_attempts=1),
            Step("after", "publisher", lambda context: Done(Number(value=2)), Number, needs=("act", "maybe")),
        ),
    )
)  # fmt: skip


def endless(context: StepContext) -> Done:
    """Calls for ever; each attempt may take two seconds of a clock that leaps."""
    while True:
        context.call(f"again {Script.asked}", "library_search", {"query": "x", "documents": []})
        Script.asked += 1


ENDLESS = workflow.register(
    Workflow("endless", "1", (Step("loop", "analyst", endless, Number, max_attempts=1, timeout_seconds=2),))
)
