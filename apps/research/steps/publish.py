"""Draft → report: a document of the library by a call through the gate, then the page."""

from __future__ import annotations

from django.utils.translation import gettext as _

from apps.library import rules as library
from apps.policy import queries as policy
from apps.policy.guardrails import containment
from apps.research.formats import markdown
from apps.research.queries import documents
from apps.research.queries.documents import ReportDocument
from apps.research.steps import drafts
from apps.research.steps.contracts import Published
from apps.runtime.context import CallDenied, CallFailed, StepContext
from apps.runtime.workflow import Done

# As many characters as document_write takes.
LONGEST = 50_000


def run(context: StepContext) -> Done:
    """Have the verified draft written into the dataset of reports, then publish it. Raises CallDenied, CallFailed.

    The document is closed until the completing transaction opens it: a run that stops here has published nothing.
    """
    sentences = drafts.count(run=context.run)
    report = documents.load(context.run)
    arguments = {
        "action": "create", "dataset": containment.REPORTS, "name": _name(report), "content": fitted(report),
    }  # fmt: skip
    try:
        written = context.call("publish", containment.PUBLISH, arguments)
    except CallFailed as error:
        raise _unpublished(context.run, error) from error
    return Done(
        Published(sentences=sentences, document=written["document_id"]),
        save=lambda: drafts.publish(run=context.run),
        events=(("report.published", {"sentences": sentences}),),
    )


def run_without_document(context: StepContext) -> Done:
    """Publish the verified draft as version 1 of the workflow does: the page alone."""
    sentences = drafts.count(run=context.run)
    return Done(
        Published(sentences=sentences),
        save=lambda: drafts.publish(run=context.run),
        events=(("report.published", {"sentences": sentences}),),
    )


def fitted(report: ReportDocument) -> str:
    """Return the report's text as far as a document of the library may go, cut between paragraphs."""
    text = markdown.plain(report)
    if len(text) <= LONGEST:
        return text
    note = _("*The report goes on. All of it stands on the page of its run, %(run)s.*") % {"run": report.run}
    room = LONGEST - len(note) - 3
    end = text.rfind("\n\n", 0, room)
    return f"{text[: end if end > room // 2 else room]}\n\n{note}\n"


def _name(report: ReportDocument) -> str:
    title = library.file_name(report.title.replace("/", "-").replace("\\", "-")).name
    return f"{title[:100].strip('. ') or _('Report')} ({report.run}).md"


def _unpublished(run: str, error: CallFailed) -> CallFailed:
    """Say that nothing was published, why, and by which statement."""
    row = next((row for row in reversed(policy.calls(run)) if row.tool == containment.PUBLISH), None)
    said = {"why": error.sentence, "rule": row.decided_by if row else ""}
    if error.outcome == "policy" and said["rule"]:
        sentence = _("The report was not published: %(why)s The statement “%(rule)s” decided so. Nothing of it is out; "
                     "the run can be resumed once that is changed.") % said  # fmt: skip
    else:
        sentence = _("The report was not published: %(why)s Nothing of it is out; the run can be resumed once that is "
                     "changed.") % said  # fmt: skip
    kind = CallDenied if isinstance(error, CallDenied) else CallFailed
    return kind(sentence, outcome=error.outcome, final=error.final)
