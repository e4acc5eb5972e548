"""Collect again what an earlier run read, and nothing else: no model is asked."""

from __future__ import annotations

from apps.library.actions import snapshots
from apps.library.actions.snapshots import Found
from apps.research.steps.contracts import Collected, Kept, Rechecked, Selected
from apps.runtime.context import StepContext
from apps.runtime.workflow import Addition, Done


def again(context: StepContext) -> Done:
    """List the sources that are read once more; they were fixed when the run was admitted."""
    kept = [Kept.model_validate(source) for source in context.run_input["sources"]]
    found = [Found(s.number, s.kind, s.ref, s.title, True, "", 0, s.published_date) for s in kept]
    return Done(
        Selected(kept=kept, dropped=0), add=tuple(Addition("collect", source.model_dump()) for source in kept),
        save=lambda: snapshots.list_sources(run=context.run, found=found),
    )  # fmt: skip


def count(context: StepContext) -> Done:
    """Say how many could be read."""
    collected: list[Collected] = context.inputs["collect"]
    return Done(Rechecked(read=sum(bool(c.snapshot) for c in collected), sources=len(collected)))
