"""Draft → report."""

from __future__ import annotations

from apps.research.steps import drafts
from apps.research.steps.contracts import Published
from apps.runtime.context import StepContext
from apps.runtime.workflow import Done


def run(context: StepContext) -> Done:
    """Publish the verified draft."""
    sentences = drafts.count(run=context.run)
    return Done(
        Published(sentences=sentences),
        save=lambda: drafts.publish(run=context.run),
        events=(("report.published", {"sentences": sentences}),),
    )
