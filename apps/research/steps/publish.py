"""Draft → report."""

from __future__ import annotations

from apps.research.steps import drafts
from apps.research.steps.contracts import Published, Verified
from apps.runtime.context import StepContext
from apps.runtime.workflow import Done


def run(context: StepContext) -> Done:
    """Publish the verified draft."""
    verified: Verified = context.one("verify")
    sentences = sum(verified.verdicts.values())
    return Done(
        Published(sentences=sentences),
        save=lambda: drafts.publish(run=context.run),
        events=(("report.published", {"sentences": sentences}),),
    )
