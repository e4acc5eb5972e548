"""Scripted workflows: small, with every shape the engine knows."""

from __future__ import annotations

from pydantic import BaseModel

from apps.lib import ids
from apps.runtime import actions, workflow
from apps.runtime.context import StepContext
from apps.runtime.workflow import Addition, Done, Step, Workflow


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
